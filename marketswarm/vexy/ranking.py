"""How much something is worth being told now: severity × novelty × relevance of the phase. Pure; weights are our own choice."""

from collections.abc import Iterable, Sequence
from typing import Final

from marketswarm.model.message import Epoch
from marketswarm.vexy.context import RECENT_MOST, Wording
from marketswarm.vexy.draft import Draft

_STALE: Final = 0.85  # for each message of the topic among the last ten
_RELEVANCE: Final[dict[Epoch, dict[str, float]]] = {
    "open": {
        "drift": 0.8,
        "volatility_burst": 0.7,
        "smile_break": 0.8,
        "cluster_shifted": 0.8,
        "regime": 1.1,
    },
    "opening_range": {"drift": 0.9, "smile_break": 0.9},
    "lunch": {"spot_jump": 1.1, "volatility_burst": 1.2, "drift": 1.1},
    "afternoon": {"pin_risk": 1.1},
    "power_hour": {"pin_risk": 1.3, "key_strike": 1.15, "flip_cross": 1.1},
    "closing": {"pin_risk": 1.3, "key_strike": 1.2, "smile_break": 0.7, "cluster_formed": 0.8},
    "settlement": {"expiry_roll": 1.3, "smile_break": 0.5, "cluster_dissolved": 0.5},
}


def novelty_of(topic: str, recent: Sequence[Wording]) -> float:
    """1 for a topic that was not spoken of lately, less with each time it was."""
    times = sum(one.template.partition(".")[0] == topic for one in recent[-RECENT_MOST:])
    return float(_STALE**times)


def relevance_of(topic: str, epoch: Epoch) -> float:
    """Around 1: what matters more, or less, in a phase than in others."""
    return _RELEVANCE.get(epoch, {}).get(topic, 1.0)


def score_of(severity: int, topic: str, epoch: Epoch, recent: Sequence[Wording]) -> float:
    """0 to 100."""
    return round(min(100.0, severity * novelty_of(topic, recent) * relevance_of(topic, epoch)), 2)


def ranked(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """The most telling first; of equals the earlier."""
    return tuple(sorted(drafts, key=lambda one: (-one.score, one.ts, one.dedup_key)))
