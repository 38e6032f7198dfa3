"""Ways in which the WebSocket connections end, all at the same moment."""

from functools import partial

from marketswarm.simulator.conversation import MAX_CONNECTIONS, Status, slow_consumer
from marketswarm.simulator.faults.effect import Effect, Site
from marketswarm.simulator.faults.fault import Draw, Fault, Values
from marketswarm.simulator.switches import Switches


class Cut(Effect):
    """TCP ends without a close frame."""

    def __init__(self, _values: Values, _draw: Draw) -> None:
        super().__init__()

    async def begin(self, site: Site) -> None:
        """Send what waits, then hang up."""
        for connection in site.connections():
            connection.drop()


class Reset(Effect):
    """TCP is reset."""

    def __init__(self, _values: Values, _draw: Draw) -> None:
        super().__init__()

    async def begin(self, site: Site) -> None:
        """What waits is lost."""
        for connection in site.connections():
            connection.reset()


class Close(Effect):
    """A close frame with a code, behind a last status or none."""

    def __init__(self, code: int, last: Status | None, _values: Values, _draw: Draw) -> None:
        self._code, self._last = code, last

    async def begin(self, site: Site) -> None:
        """What waits is lost."""
        for connection in site.connections():
            connection.end(self._last, self._code)


_REPAIRED = "the truth: a new connection, and what changed while away repaired before the chain is live"
_AT_ONCE = frozenset({"ending"})


def _closing(code: int, words: str) -> Fault:
    return Fault(
        f"close-{code}",
        "connection",
        f"closes every connection with code {code}: {words}",
        _REPAIRED,
        partial(Close, code, None),
        is_momentary=True,
        excludes=_AT_ONCE,
    )


FAULTS = (
    Fault(
        "cut",
        "connection",
        "hangs up every connection without a close frame",
        _REPAIRED,
        Cut,
        is_momentary=True,
        excludes=_AT_ONCE,
    ),
    _closing(1000, "a normal end, which is no end of the stream"),
    _closing(1001, "going away"),
    Fault(
        "close-1006",
        "connection",
        "resets every connection: no close frame, and what was under way is lost",
        _REPAIRED,
        Reset,
        is_momentary=True,
        excludes=_AT_ONCE,
    ),
    _closing(1008, "policy violation, without a word why"),
    _closing(1009, "message too big"),
    _closing(1011, "internal error"),
    Fault(
        "evict",
        "connection",
        "says max_connections on every connection and closes it with 1008",
        f"{_REPAIRED}; no new connection for 60 s, because another client holds the place",
        partial(Close, 1008, MAX_CONNECTIONS),
        is_momentary=True,
        excludes=_AT_ONCE,
        is_drawn=False,
    ),
    Fault(
        "slow-consumer",
        "connection",
        "says slow_consumer on every connection and closes it with 1008",
        _REPAIRED,
        partial(Close, 1008, slow_consumer(Switches())),
        is_momentary=True,
        excludes=_AT_ONCE,
    ),
)
