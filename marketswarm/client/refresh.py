"""A reload that is asked for through the gateway, watched to its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from marketswarm.client.gateway import Document, Gateway
from marketswarm.client.reading import understood
from marketswarm.clock import Clock
from marketswarm.errors import GatewayUnavailable, RefreshFailed

_LOOK_S: Final = 0.2
_ENDED: Final = frozenset({"SUCCESS", "FAILURE", "REVOKED"})


@dataclass(frozen=True, slots=True)
class RefreshState:
    """How far a reload is.

    Attributes:
        state: Celery's word: `PENDING`, `STARTED`, `PROGRESS`, `SUCCESS`, …
        progress: what the task tells of its steps.
        result: what it gave at its end.
    """

    symbol: str
    task_id: str
    state: str
    progress: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)


Progress = Callable[[RefreshState], None]


def order_refresh(
    gateway: Gateway, symbol: str, strikes_each_side: int | None = None, expiration: date | None = None
) -> RefreshState:
    """Ask for it."""
    path = f"/api/v1/refresh/{symbol}"
    body: Document = {
        name: value
        for name, value in (
            ("strikes_each_side", strikes_each_side),
            ("expiration", expiration and expiration.isoformat()),
        )
        if value is not None
    }
    document = gateway.post(path, body)
    with understood(gateway.url(path)):
        return RefreshState(str(document["symbol"]), str(document["task_id"]), "PENDING")


class Deadline:
    """A time until which is waited, and how long that is in all."""

    def __init__(self, clock: Clock, timeout_s: float) -> None:
        self.clock, self.timeout_s = clock, timeout_s
        self._end_s = clock.monotonic_s() + timeout_s

    @property
    def is_over(self) -> bool:
        """Whether the time has come."""
        return self.clock.monotonic_s() >= self._end_s


def reload_chain(
    gateway: Gateway, order: Callable[[], RefreshState], deadline: Deadline, progress: Progress | None
) -> RefreshState:
    """Order it, and wait until it has been loaded.

    A reload that meets another one in flight does nothing and says `joined`: that other one may have been asked for fewer strikes,
    and is not stored yet. So it is ordered again.

    Raises:
        RefreshFailed: when it fails, or does not end in time.
        GatewayUnavailable: when the gateway is away until then.
    """
    while True:
        done = watch_refresh(gateway, order(), deadline, progress)
        if done.result.get("state") != "joined":
            return done
        if deadline.is_over:
            url = gateway.url(f"/api/v1/refresh/{done.symbol}")
            raise RefreshFailed(url, f"{done.symbol}: others were in flight for {deadline.timeout_s:g} s")
        deadline.clock.sleep(_LOOK_S)


def watch_refresh(
    gateway: Gateway, ordered: RefreshState, deadline: Deadline, progress: Progress | None
) -> RefreshState:
    """Wait for the end of one, telling each new state; errors as for `reload_chain`."""
    url, seen = gateway.url(f"/api/v1/tasks/{ordered.task_id}"), ordered
    _tell(progress, seen)
    while seen.state not in _ENDED:
        if deadline.is_over:
            raise RefreshFailed(url, f"{seen.symbol}: no end within {deadline.timeout_s:g} s, {seen.state}")
        deadline.clock.sleep(_LOOK_S)
        now = _look(gateway, seen, deadline)
        if now != seen:
            _tell(progress, now)
        seen = now
    return seen


def _look(gateway: Gateway, seen: RefreshState, deadline: Deadline) -> RefreshState:
    """How far it is now; as far as it was when the gateway is away for a moment.

    Raises:
        RefreshFailed: when it has failed.
        GatewayUnavailable: when the gateway is still away at the end.
    """
    path = f"/api/v1/tasks/{seen.task_id}"
    try:
        document = gateway.get(path)
    except GatewayUnavailable:
        if deadline.is_over:
            raise
        return seen
    with understood(gateway.url(path)):
        now = _state_of(seen.symbol, seen.task_id, document)
    if now.state in _ENDED and now.state != "SUCCESS":
        reason = str(document.get("error") or f"the task ended as {now.state}")
        raise RefreshFailed(gateway.url(path), f"{now.symbol}: {reason}")
    return now


def _state_of(symbol: str, task_id: str, document: Document) -> RefreshState:
    return RefreshState(
        symbol,
        task_id,
        str(document["state"]),
        dict(document.get("progress") or {}),
        dict(document.get("result") or {}),
    )


def _tell(progress: Progress | None, state: RefreshState) -> None:
    if progress is not None:
        progress(state)
