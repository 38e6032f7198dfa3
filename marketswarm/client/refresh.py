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


def watch_refresh(
    gateway: Gateway, ordered: RefreshState, clock: Clock, timeout_s: float, progress: Progress | None
) -> RefreshState:
    """Wait for its end, telling each new state.

    Raises:
        RefreshFailed: when it fails, or does not end in time.
        GatewayUnavailable: when the gateway is away until then.
    """
    path, seen = f"/api/v1/tasks/{ordered.task_id}", ordered
    end_s = clock.monotonic_s() + timeout_s
    _tell(progress, seen)
    while seen.state not in _ENDED:
        if clock.monotonic_s() >= end_s:
            raise RefreshFailed(
                gateway.url(path), f"{seen.symbol}: no end within {timeout_s:g} s, {seen.state}"
            )
        clock.sleep(_LOOK_S)
        try:
            document = gateway.get(path)
        except GatewayUnavailable:
            if clock.monotonic_s() >= end_s:
                raise
            continue
        with understood(gateway.url(path)):
            now = _state_of(ordered.symbol, ordered.task_id, document)
        if now != seen:
            _tell(progress, now)
        seen = now
        if seen.state in _ENDED and seen.state != "SUCCESS":
            reason = str(document.get("error") or f"the task ended as {seen.state}")
            raise RefreshFailed(gateway.url(path), f"{seen.symbol}: {reason}")
    return seen


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
