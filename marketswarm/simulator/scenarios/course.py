"""The words of a scenario: how prices and smile are steered over a stretch of time, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class SmileShift:
    """Multiples of a symbol's own smile: implied variance at the money, skew, and how much the wings rise.

    The surface stays free of arbitrage while curvature² (1 + skew · 0.65) is at most 3.3: see `surface`.
    """

    level: float = 1.0
    skew: float = 1.0
    curvature: float = 1.0

    def toward(self, other: "SmileShift", share: float) -> "SmileShift":
        """A share of the way to another."""
        return SmileShift(
            self.level + (other.level - self.level) * share,
            self.skew + (other.skew - self.skew) * share,
            self.curvature + (other.curvature - self.curvature) * share,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What holds over a stretch of trading time. Families follow drift and jumps by their correlation with the market.

    Attributes:
        drift: of the whole market, as a fraction per hour.
        variance: the multiple of the long-run variance that the present one returns to.
        restlessness: a multiple of how much the variance itself moves.
        pull_s: time in which prices return to where they are drawn to; None: hardly ever.
        smile: what the smile glides to, within `glide_s`.
    """

    drift: float = 0.0
    variance: float = 1.0
    restlessness: float = 1.0
    pull_s: float | None = None
    smile: SmileShift = field(default_factory=SmileShift)
    glide_s: float = 60.0


USUAL = Course()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One thing that happens, for people and for tests of detectors.

    Attributes:
        at_s, until_s: trading seconds since the scenario began; without an end it is a moment, or lasts.
        kind: `jump`, `trend`, `volatility`, `smile`, `calm`, `pin`, `settlement`, `listing` or `close`.
        size: of a jump, a fraction; of a trend, a fraction per hour; of volatility, a multiple of the long-run variance;
            of a smile, a multiple of its curvature.
        strikes: of a pin, by symbol.
    """

    at_s: float
    kind: str
    text: str
    until_s: float | None = None
    size: float | None = None
    strikes: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values; what is not known is left out."""
        plain: dict[str, Any] = {"at_s": self.at_s, "kind": self.kind, "text": self.text}
        if self.until_s is not None:
            plain["until_s"] = self.until_s
        if self.size is not None:
            plain["size"] = self.size
        return plain | ({"strikes": dict(self.strikes)} if self.strikes else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A course from a moment on, and what happens at that moment.

    Attributes:
        at_s: trading seconds since the scenario began.
        jump: of the whole market, a fraction.
        variance: what the present variance becomes, as a multiple of the long-run one; None leaves it.
    """

    at_s: float
    course: Course
    jump: float = 0.0
    variance: float | None = None
    labels: tuple[Label, ...] = ()
