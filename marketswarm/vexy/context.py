"""What Vexy knows at the moment at which she speaks. Whoever speaks gathers it; nothing here reads anything. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from marketswarm.model.message import Epoch

Levels = Mapping[str, Mapping[str, Any]]
"""Level → its document, as it is stored in `vigil:levels:<symbol>` and parsed."""

RECENT_MOST: Final = 10
"""Of the last messages: so long the same words are avoided."""


class Wording(NamedTuple):
    """Which words were taken: the template, such as `key_strike.held`, and its variant."""

    template: str
    variant: int


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """The session that epochs are counted from: today's, or the next one once today's is over.

    Attributes:
        open_ms, close_ms: of it, ms since the epoch; a half day's close is early.
        next_day: the session after it; None where the calendar ends.
    """

    day: date
    open_ms: int
    close_ms: int
    is_half_day: bool = False
    next_day: date | None = None

    def minutes_left(self, now: int) -> float:
        """To the close; below 0 after it."""
        return (self.close_ms - now) / 60_000


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """What is known of one symbol; what is not known is None, and not spoken of.

    Attributes:
        levels: as they are stored.
        spot: the latest; `spot_ts` is its slot, ms.
        previous_close: the last spot of the session before.
        open, high, low: of this session's spots so far.
        close: the last spot of this session, once it is over.
        expiration: of the chain in force.
    """

    levels: Levels = field(default_factory=dict)
    spot: float | None = None
    spot_ts: int | None = None
    previous_close: float | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    close: float | None = None
    expiration: date | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The moment.

    Attributes:
        now: ms since the epoch, of the event or of the phase: never a clock's, so that a replay says the same.
        epoch: the phase of the session at that moment.
        symbols: symbol → what is known of it.
        recent: the words of the last messages, newest last.
    """

    now: int
    epoch: Epoch
    session: SessionFacts
    symbols: Mapping[str, SymbolFacts] = field(default_factory=dict)
    recent: tuple[Wording, ...] = ()

    def of(self, symbol: str) -> SymbolFacts:
        """What is known of a symbol; nothing of one that nobody has told of."""
        return self.symbols.get(symbol, SymbolFacts())
