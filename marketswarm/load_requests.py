"""Sends the stream's requests for loads in a thread of its own: a broker that is gone or hangs must not hold up the stream."""

import threading
from typing import Any

import structlog

from marketswarm.model.chain import LoadReason

log = structlog.get_logger("marketswarm.requests")

_EXPIRES_S = 10.0  # a request that nobody took in that time has been made again


class LoadRequests:
    """One pending request a symbol, the newest; the thread runs until `stop`.

    Args:
        app: the Celery app.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._pending: dict[str, tuple[LoadReason, str]] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="load-requests", daemon=True)
        self._thread.start()

    def request(self, symbol: str, reason: LoadReason, request: str) -> None:
        """Ask for a load; returns at once."""
        with self._changed:
            self._pending[symbol] = (reason, request)
            self._changed.notify()

    def stop(self) -> None:
        """End the thread, unless it hangs in the broker: then it ends with the process."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(0.5)

    def _run(self) -> None:
        while (pending := self._next()) is not None:
            symbol, (reason, request) = pending
            fields = {"symbol": symbol, "reason": reason, "request": request}
            try:
                self._app.send_task(
                    "chain.load", kwargs=fields, expires=_EXPIRES_S, retry=False, ignore_result=True
                )
            except Exception as error:  # noqa: BLE001  whatever the broker's library raises, it is asked for again
                log.warning("load not requested", symbol=symbol, reason=reason, error=str(error))

    def _next(self) -> tuple[str, tuple[LoadReason, str]] | None:
        with self._changed:
            while not self._pending and not self._stopping:
                self._changed.wait()
            return None if self._stopping else self._pending.popitem()
