"""What the audits of one symbol have found so far, and how much of it lately."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from marketswarm.chain.audit import VERDICTS, Comparison, Finding

RATE_MINUTES: Final = 10
_MINUTE_MS = 60_000


@dataclass(slots=True)
class AuditTally:
    """Counts since the store was new; `recent` holds (minute, checked, mismatched) of the last ten minutes.

    Attributes:
        counts: `checked`, `mismatched`, `vendor_behind`, `repaired`, `losses`, and one for each verdict.
        places: expiration → when it was audited last (ms), and the strike behind which to go on.
        vendor_behind_ms: the most that the vendor's snapshot was older than the store, at the last audit.
        last: what the last audit came to; `error` says why it failed.
    """

    counts: Counter[str] = field(default_factory=Counter)
    recent: list[tuple[int, int, int]] = field(default_factory=list)
    places: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    vendor_behind_ms: int = 0
    last: str = ""
    error: str = ""
    ts: int = 0

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "AuditTally":
        """The tally behind its plain values; an empty one where there are none."""
        counts = Counter({name: int(stored.get(name, 0)) for name in _COUNTS})
        return cls(
            counts=+counts,
            recent=[(int(at), int(checked), int(bad)) for at, checked, bad in stored.get("recent", ())],
            places={day: (int(ts), after) for day, (ts, after) in stored.get("places", {}).items()},
            vendor_behind_ms=int(stored.get("vendor_behind_ms", 0)),
            last=str(stored.get("last", "")),
            error=str(stored.get("error", "")),
            ts=int(stored.get("ts", 0)),
        )

    def note(self, now_ms: int, seen: Comparison, confirmed: tuple[Finding, ...]) -> None:
        """Take in what one audit found."""
        mismatched = len(confirmed)
        self.counts.update(checked=seen.checked, mismatched=mismatched, vendor_behind=seen.vendor_behind)
        self.counts.update(found.verdict for found in confirmed)
        self.vendor_behind_ms = seen.vendor_behind_ms
        minute = now_ms // _MINUTE_MS
        self.recent = [entry for entry in self.recent if minute - RATE_MINUTES < entry[0] <= minute]
        if self.recent and self.recent[-1][0] == minute:
            _, checked, bad = self.recent.pop()
            self.recent.append((minute, checked + seen.checked, bad + mismatched))
        else:
            self.recent.append((minute, seen.checked, mismatched))

    def rate(self, now_ms: int) -> float | None:
        """Mismatched sections as a fraction of those compared in the last ten minutes; None when none was."""
        minute = now_ms // _MINUTE_MS
        lately = [entry for entry in self.recent if minute - RATE_MINUTES < entry[0] <= minute]
        checked = sum(entry[1] for entry in lately)
        return round(sum(entry[2] for entry in lately) / checked, 6) if checked else None

    def as_json(self, now_ms: int) -> dict[str, Any]:
        """Plain values; a rate that is unknown is left out."""
        told: dict[str, Any] = {name: self.counts[name] for name in _COUNTS}
        rate = self.rate(now_ms)
        told |= {} if rate is None else {"rate": rate}
        told |= {"recent": self.recent, "places": self.places, "vendor_behind_ms": self.vendor_behind_ms}
        return told | {"last": self.last, "error": self.error, "ts": self.ts}


_COUNTS: Final = ("checked", "mismatched", *VERDICTS, "vendor_behind", "repaired", "losses")
