"""The stream inside a Celery worker: a step of the worker's blueprint, and the commands that reach it.

A step of the worker lives through the loss of the broker; a step of the consumer would be stopped and started with every
reconnect, and an endless task would be delivered again after the visibility time-out. The stream's own code knows no Celery.
"""

import gc
import threading
from functools import partial
from typing import Any

import structlog
from celery import bootsteps
from celery.worker.control import control_command, inspect_command

from marketswarm.errors import MarketSwarmError
from marketswarm.load_requests import LoadRequests
from marketswarm.own_swarm import is_own, renew_swarm, swarm
from marketswarm.servers import check_server
from marketswarm.wiring import Swarm

log = structlog.get_logger("marketswarm.streams")

_JOIN_S = 5.0
_RESTART_S = 1.0
_GARBAGE = 50_000  # objects beyond those that were let go: then cycles are looked for
_SETTINGS_S = 2.0  # how often a refused key is compared with the settings


class StreamStep(bootsteps.StartStopStep):
    """Runs the stream in a thread of this worker when it was started with `--streams`."""

    conditional = True
    requires = ("celery.worker.components:Pool", "celery.worker.components:Timer")

    def __init__(self, parent: Any, streams: bool = False, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.enabled = bool(streams)
        self._app = parent.app
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._look_s = 0.0
        self.stream: Any = None
        parent.streams = self

    def start(self, _parent: Any) -> None:
        """Start the thread; connecting happens in it, since an exception here would end the worker."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)
        self._thread.start()

    def stop(self, _parent: Any) -> None:
        """Let the stream say that nobody attends to its chains any more, and end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def terminate(self, parent: Any) -> None:
        """A cold shutdown ends the stream as a warm one does."""
        self.stop(parent)

    def info(self, _parent: Any) -> dict[str, Any]:  # type: ignore[override]
        """What `celery inspect stats` and Flower's page of the worker show."""
        return {"streams": self.status()}

    def status(self) -> dict[str, Any]:
        """What `celery inspect streams` shows."""
        if self.stream is None:
            return {
                "running": False,
                "detail": "not started" if self.enabled else "worker runs without --streams",
            }
        return {"running": True, **self.stream.status()}

    def _run(self) -> None:
        # What was imported stays for good, and of a flush nothing is left behind it: neither is worth hundreds of looks a second.
        gc.freeze()
        gc.set_threshold(_GARBAGE, *gc.get_threshold()[1:])
        requests = LoadRequests(self._app)
        while not self._stopping.is_set():
            try:
                own = swarm()
                check_server(own.redis, own.address)
                self.stream = own.stream(requests.request, reads_on=True)
                self.stream.run(partial(self._should_stop, own))
            except MarketSwarmError as error:
                log.error("stream cannot run", error=str(error))  # noqa: TRY400
            except Exception:
                log.exception("stream failed; it starts again")
            self._stopping.wait(_RESTART_S)
        requests.stop()

    def _should_stop(self, own: Swarm) -> bool:
        return self._stopping.is_set() or self._is_to_begin_anew(own)

    def _is_to_begin_anew(self, own: Swarm) -> bool:
        """Where the process has another swarm by now; and a refused key is not tried again until the settings name another one."""
        now_s = own.clock.monotonic_s()
        if now_s < self._look_s:
            return False
        self._look_s = now_s + _SETTINGS_S
        try:
            return not is_own(own) or (bool(self.stream.is_refused) and renew_swarm(own))
        except MarketSwarmError as error:
            log.error("settings cannot be used", error=str(error))  # noqa: TRY400
            return False


class RecordingStep(bootsteps.StartStopStep):
    """Looks in a thread of every worker whether what it receives is to be recorded."""

    requires = (StreamStep,)  # and so it ends first: the stream must still turn when the last chains are read

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, _parent: Any) -> None:
        """Start the thread."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def stop(self, _parent: Any) -> None:
        """End what is recorded, whole."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def terminate(self, parent: Any) -> None:
        """A cold shutdown ends it as a warm one does."""
        self.stop(parent)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                own = swarm()
                own.recording.attendant().run(self._stopping, partial(is_own, own))
            except Exception:
                log.exception("recording failed; it begins again")
                self._stopping.wait(_RESTART_S)


@inspect_command(name="streams")
def inspect_streams(state: Any) -> dict[str, Any]:
    """What the streams of this worker do."""
    return step_of(state).status()


@control_command(name="stream_reload", args=[("symbol", str)], signature="<SYMBOL>")
def reload_stream(state: Any, symbol: str) -> dict[str, Any]:
    """Fetch the chain of one streamed symbol anew."""
    stream = step_of(state).stream
    if stream is None or not stream.reload(symbol.upper()):
        return {"error": f"symbol {symbol!r} is not streamed by this worker"}
    return {"ok": f"reload of {symbol.upper()} requested"}


def step_of(state: Any) -> StreamStep:
    """The step of the worker that a control command runs in."""
    step: StreamStep = state.consumer.controller.streams
    return step
