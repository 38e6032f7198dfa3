"""One line of the results: a figure, what it stands beside, and what it must reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["goal", "yes", "NO", ""]


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit: `at_most` the value, or at least it."""

    value: float
    at_most: bool = True

    def holds(self, figure: float) -> bool:
        """Whether the figure keeps to it."""
        return figure <= self.value if self.at_most else figure >= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One result.

    Attributes:
        measure: the measurement that it comes from.
        what: the quantity, in words.
        unit: of figure and baseline alike.
        baseline: the same quantity of something simpler, measured in the same run.
        beside: what the baseline is.
        must, goal: what is to be reached.
        judged: whether `must` and `goal` speak of the figure or of its ratio to the baseline.
        short: whether it belongs in a short table, should something be demanded of it.
    """

    measure: str
    what: str
    figure: float
    unit: str
    baseline: float | None = None
    beside: str = ""
    must: Bound | None = None
    goal: Bound | None = None
    judged: Literal["figure", "ratio"] = "figure"
    short: bool = True

    @property
    def ratio(self) -> float | None:
        """Figure over baseline; None without one."""
        return self.figure / self.baseline if self.baseline else None

    @property
    def verdict(self) -> Verdict:
        """Whether what must be reached is, or even the goal; empty where nothing is demanded."""
        judged = self.figure if self.judged == "figure" else self.ratio
        if self.must is None or judged is None:
            return ""
        if not self.must.holds(judged):
            return "NO"
        return "goal" if self.goal is not None and self.goal.holds(judged) else "yes"

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "measure": self.measure,
            "what": self.what,
            "figure": self.figure,
            "unit": self.unit,
            "baseline": self.baseline,
            "beside": self.beside,
            "ratio": self.ratio,
            "judged": self.judged,
            "must": _bound_json(self.must),
            "goal": _bound_json(self.goal),
            "met": self.verdict,
            "short": self.short,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Row":
        """The row that such values are of.

        Raises:
            KeyError: when one of them is missing.
        """
        return cls(
            **{name: values[name] for name in _PLAIN},
            must=_bound_of(values["must"]),
            goal=_bound_of(values["goal"]),
        )


_PLAIN = ("measure", "what", "figure", "unit", "baseline", "beside", "judged", "short")


def _bound_of(values: Mapping[str, Any] | None) -> Bound | None:
    return None if values is None else Bound(values["value"], at_most=values["at_most"])


def _bound_json(bound: Bound | None) -> dict[str, Any] | None:
    return None if bound is None else {"value": bound.value, "at_most": bound.at_most}
