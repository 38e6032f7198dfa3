"""Events of one tick as frames: JSON arrays, none larger than a client may refuse, each text made once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

# The vendor's own client refuses frames of more than 1 MiB, others read at most 1,000,000 bytes.
LARGEST_FRAME = 900_000


class Framing:
    """Makes the frames of one tick. Subscribers who are told the same events share the same frames.

    Args:
        most: events in one frame; None: as many as fit.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._made: dict[tuple[int, int, int], list[tuple[list[str], list[str]]]] = defaultdict(list)

    def frames(self, events: list[str]) -> Sequence[str]:
        """The frames of some events."""
        if not events:
            return ()
        alike = self._made[len(events), id(events[0]), id(events[-1])]
        for known, made in alike:
            if known == events:  # the very same texts, so this compares addresses
                return made
        made = list(frames(events, self._most))
        alike.append((events, made))
        return made


def frames(events: Sequence[str], most: int | None = None) -> Iterator[str]:
    """Events as JSON arrays of at most so many events and 900 kB each."""
    for first in range(0, len(events), most or max(1, len(events))):
        yield from _bounded(events[first : first + most] if most else events)


def _bounded(events: Sequence[str]) -> Iterator[str]:
    whole = f"[{','.join(events)}]"
    if len(whole) <= LARGEST_FRAME:
        yield whole
    else:
        yield from _cut(events)


def _cut(events: Iterable[str]) -> Iterator[str]:
    gathered, size = list[str](), 2
    for event in events:
        if gathered and size + len(event) + 1 > LARGEST_FRAME:
            yield f"[{','.join(gathered)}]"
            gathered, size = [], 2
        gathered.append(event)
        size += len(event) + 1
    yield f"[{','.join(gathered)}]"
