"""What a check found, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's table.

    Attributes:
        verdict: `skip` when there was nothing to look at.
        detail: what was found.
        fix: what to do; empty when nothing need be done.
    """

    name: str
    verdict: Verdict
    detail: str
    fix: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values; an empty fix is left out."""
        told = {"check": self.name, "verdict": self.verdict, "detail": self.detail}
        return told | ({"fix": self.fix} if self.fix else {})


def exit_code(findings: Sequence[Finding]) -> int:
    """0 when nothing is wrong, 1 when something fails, 2 when something deserves a look."""
    verdicts = {finding.verdict for finding in findings}
    if "fail" in verdicts:
        return 1
    return 2 if "warn" in verdicts else 0


def counted(number: int, noun: str) -> str:
    """`1 chain`, `2 chains`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
