"""What the event stream counts of itself, for whoever shows it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class ClientCounts:
    """Counts since the start, and how things stand.

    Attributes:
        clients: connected now.
        entered: came in all; `resumed` of them with a cursor from which they could go on.
        frames, bytes: sent to clients.
        dropped: reason → clients that were told to go or cut: `slow`, `too-many`, `too-many-of-address`, `shutdown`.
        resets: reason → times that a client was told to fetch again: `store`, `trimmed`, `behind`.
        entries: stream → entries read; `unreadable` of a stream: entries that were not in its shape, and passed over.
        store_away: times that the store could not be read.
        lag: frames by which the slowest client is behind the ring's head.
        ring_frames, ring_bytes: what the ring holds.
    """

    clients: int = 0
    entered: int = 0
    resumed: int = 0
    frames: int = 0
    bytes: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    resets: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    store_away: int = 0
    lag: int = 0
    ring_frames: int = 0
    ring_bytes: int = 0
