"""What many rehearsals of one case come to. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from marketswarm.rehearsal.judge import Verdict


@dataclass(slots=True)
class Kind:
    """All labels of one kind.

    Attributes:
        delays_s: from the label to the event, of those that were found.
        missed: seeds in which none was.
    """

    promised: int = 0
    delays_s: list[float] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share that was found."""
        return len(self.delays_s) / self.promised

    @property
    def delay_s(self) -> float | None:
        """The median delay."""
        return median(self.delays_s) if self.delays_s else None


@dataclass(frozen=True, slots=True)
class Score:
    """One case over its seeds.

    Attributes:
        kinds: label kind → what became of all of them.
        claims: event type → how many claimed that something happened; false ones, where nothing was made to.
        most_claims: in one seed. `events`: all that began, a seed on average.
    """

    seeds: int
    kinds: Mapping[str, Kind]
    claims: Mapping[str, int]
    most_claims: int
    events: float


def score(verdicts: Iterable[tuple[int, Verdict]]) -> Score:
    """Add up seeds and their verdicts."""
    kinds: dict[str, Kind] = {}
    claims: Counter[str] = Counter()
    seeds, most, events = 0, 0, 0
    for seed, verdict in verdicts:
        seeds += 1
        claims.update(event.type for event in verdict.claims)
        most = max(most, len(verdict.claims))
        events += verdict.all_events
        for finding in verdict.findings:
            kind = kinds.setdefault(finding.label.kind, Kind())
            kind.promised += 1
            if finding.delay_s is None:
                kind.missed.append(seed)
            else:
                kind.delays_s.append(finding.delay_s)
    return Score(seeds, kinds, dict(claims.most_common()), most, events / seeds if seeds else 0.0)
