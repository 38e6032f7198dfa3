"""The small words: verbs by size and direction, openings by phase, tones, and hedges. Pure."""

import re
from typing import Final, Literal

from marketswarm.model.event import Direction, EventState
from marketswarm.model.message import Epoch, Tone

Size = Literal[0, 1, 2, 3]

_VERBS: Final[dict[Direction, tuple[str, str, str, str]]] = {
    "up": ("edged up", "rose", "climbed", "rallied"),
    "down": ("slipped", "fell", "dropped", "slid"),
    "": ("moved", "moved", "moved", "moved"),
}
_SIZES: Final[dict[str, Size]] = {"micro": 0, "meso": 1, "macro": 2, "extreme": 3}
_JUMPS: Final[dict[Direction, str]] = {"up": "jumped", "down": "dropped", "": "moved"}
_WORDS: Final[dict[Direction, dict[str, str]]] = {
    "up": {"rise": "rise", "higher": "higher", "above": "above", "under": "below", "rising": "rising"},
    "down": {"rise": "fall", "higher": "lower", "above": "below", "under": "above", "rising": "falling"},
}
_OPENINGS: Final[dict[Epoch, str]] = {
    "open": "Minutes after the open, ",
    "lunch": "Over lunch, ",
    "power_hour": "In the session's last hour, ",
    "closing": "Into the close, ",
}
_TONES: Final[tuple[tuple[int, Tone], ...]] = ((80, "urgent"), (60, "alert"), (0, "calm"))
_ROLES: Final = {
    "pin": "tends to hold the price",
    "accelerator": "tends to let moves run",
    "contested": "pulls both ways",
}
_REGIMES: Final = {
    "positive": "hedging suggests calmer moves",
    "negative": "hedging suggests wider moves",
    "neutral": "hedging pulls neither way",
}
_REASONS: Final = {
    "chain is loading": "its chain is still being loaded",
    "chain is stale": "nothing has been quoted for too long",
    "chain is gap": "updates were lost and are being repaired",
    "chain is closed": "its chain is closed",
    "no contracts": "none of its contracts are known",
    "no greeks": "no gamma can be computed from its quotes",
    "no fresh quotes": "its quotes are too old",
    "low coverage": "too few of its open positions have a fresh price",
    "no chain": "its chain is not there",
    "no levels": "its levels are not published",
    "old levels": "its levels are too old",
    "failed": "its levels could not be computed",
}
_CLEAR_REGIME: Final = 0.10  # of net over gross: the same bound as Vigil's
_CLEAR_ROLE: Final = 0.3


def size_of(severity: int) -> Size:
    """Which verb a move of that severity takes."""
    return 0 if severity < 40 else 1 if severity < 60 else 2 if severity < 80 else 3


def size_of_drift(key: str, severity: int) -> Size:
    """The same of a drift, which is named for its size."""
    return _SIZES.get(key, size_of(severity))


def verb(direction: Direction, size: Size) -> str:
    """`slipped`, `fell`, `dropped`, `slid`, and their likes upwards."""
    return _VERBS[direction][size]


def jump_verb(direction: Direction) -> str:
    """Of one step: it is quick, whatever its size."""
    return _JUMPS[direction]


def direction_words(direction: Direction) -> dict[str, str]:
    """`rise` is a fall where it is one, and so on; nothing where there is no direction."""
    return _WORDS.get(direction, {})


def opening(epoch: Epoch) -> str:
    """How a sentence begins in a phase that colours all that happens in it; mostly with nothing."""
    return _OPENINGS.get(epoch, "")


def tone_of(severity: int, state: EventState = "enter") -> Tone:
    """How it is said; an end is always calm."""
    if state == "exit":
        return "calm"
    return next(tone for least, tone in _TONES if severity >= least)


def role_of(ratio: float) -> str:
    """What a cluster does by the model, by its net over gross exposure."""
    name = "pin" if ratio >= _CLEAR_ROLE else "accelerator" if ratio <= -_CLEAR_ROLE else "contested"
    return _ROLES[name]


def regime_of(ratio: float) -> str:
    """`positive`, `negative` or `neutral`."""
    if abs(ratio) < _CLEAR_REGIME:
        return "neutral"
    return "positive" if ratio > 0 else "negative"


def regime_means(name: str) -> str:
    """What a regime suggests, never what a market will do."""
    return _REGIMES[name]


def because(reason: str) -> str | None:
    """Why data is bad, as the second half of a sentence; None for a reason that has no words."""
    return _REASONS.get(reason.replace("-", " "))


def are(amount: str) -> str:
    """What follows an amount in words: `1 hour` is, `38 minutes` and `1 hour 5 minutes` are."""
    return "is" if re.fullmatch(r"(less than )?1 \w+", amount) else "are"


def both(count: int) -> str:
    """What stands behind the names of several: `both`, `all three`."""
    words = {2: "both", 3: "all three", 4: "all four", 5: "all five"}
    return words.get(count, "all")


def capitalised(text: str) -> str:
    """Each sentence with a capital at its beginning, and single spaces."""
    sentences = " ".join(text.split()).split(". ")
    return ". ".join(one[:1].upper() + one[1:] for one in sentences)
