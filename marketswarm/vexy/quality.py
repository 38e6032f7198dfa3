"""Whether the data of a symbol is good enough to speak of: silent on bad data, and why. Pure.

Vigil's event `data_quality` begins a silence and ends it. Two things Vexy sees for herself: that nobody judges spots at all, so that there
are no events either; and that all has been good for a while although nobody has told the end.
"""

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from marketswarm.model.event import Event
from marketswarm.vexy.context import Levels

OLD_MS: Final = 60_000
"""Levels that are older, in session, say nothing of now."""

GOOD_AGAIN_MS: Final = 60_000
"""So long levels must be good before a silence ends whose end nobody has told."""

OLD: Final = "levels-old"
NO_LEVELS: Final = "not-published"


class Silence(Struct, frozen=True, omit_defaults=True):
    """That nothing is said of a symbol.

    Attributes:
        since: ms since the epoch.
        why: as a level says it, such as `low-coverage`.
        message: id of the message that said so.
        is_told: whether Vigil told it, who as a rule tells its end, too.
        good_since: since when levels are good, ms; 0 while they are not.
    """

    since: int
    why: str
    message: str = ""
    is_told: bool = True
    good_since: int = 0


def begins_silence(event: Event) -> bool:
    """Whether an event says that levels cannot be trusted from now on.

    With a key it says less: `lag` that some ticks which are over were judged late, `gamma` or `move` that there are no such levels,
    `contracts` that some of them cannot be read.
    """
    return event.type == "data_quality" and not event.key and event.state != "exit"


def ends_silence(event: Event) -> bool:
    """Whether it says that they can be trusted again."""
    return event.type == "data_quality" and not event.key and event.state == "exit"


def reason_of(event: Event) -> str:
    """Why, in the words of a level: `low-coverage`."""
    fact = event.evidence.get("reason")
    return str(fact.value).replace(" ", "-") if fact is not None else "degraded"


def unfit(levels: Levels, now_ms: int, *, trading_since: int | None) -> str:
    """Why nothing can be concluded from levels at that moment; empty when something can.

    Args:
        levels: as they are published.
        now_ms: ms since the epoch.
        trading_since: of the session that is on; None outside of it, where no chain is live and nothing is old.
    """
    spot = levels.get("spot")
    if not spot:
        return NO_LEVELS
    if trading_since is not None:
        if now_ms - max(judged_ms(levels), trading_since) > OLD_MS:
            return OLD
        state = str(levels.get("quality", {}).get("chain_state", ""))
        if state not in {"", "live"}:
            return f"chain-is-{state}"
    return next((str(one["degraded"]) for one in levels.values() if "degraded" in one), "")


def judged_ms(levels: Levels) -> int:
    """The slot of the tick that was judged last, ms; 0 where there is none."""
    return _whole(levels.get("spot", {}).get("as_of"))


def looked_at(silence: Silence, why: str, now_ms: int) -> Silence | None:
    """A silence after a look at the levels; None when it is over.

    Args:
        silence: as it was.
        why: nothing can be concluded from them; empty when something can.
        now_ms: ms since the epoch.
    """
    if why:
        return replace(silence, good_since=0)
    if not silence.good_since or silence.good_since > now_ms:
        return replace(silence, good_since=now_ms)
    return None if now_ms - silence.good_since >= GOOD_AGAIN_MS else silence


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
