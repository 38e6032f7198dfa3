"""What a recording holds, entry by entry. Pure: shapes, and how they become bytes.

Each entry becomes bytes by itself and at once, so that whoever hands frames over keeps none of them: thousands of small objects
that wait would cost more, in memory that is cold by then, than one call that copies them.

`at_us` is wall time in µs since the epoch, and the moment by which entries of several processes are put in order; `now_s` is the
machine's monotonic time of the same moment. Frames that were read together share an entry, and keep their own arrival times.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from msgspec import MsgspecError, Struct, msgpack

from marketswarm.model.arrival import Arrival, Frame
from marketswarm.model.arrival import Ended as EndedLink
from marketswarm.model.arrival import Opened as OpenedLink


class Head(Struct, tag=0, array_like=True, frozen=True):
    """The first entry of each file: whose it is, and what its monotonic times are counted from."""

    at_us: int
    now_s: float
    part: str


class Frames(Struct, tag=1, array_like=True, frozen=True, gc=False):
    """Frames of one connection as they were handed on together; `times_s` is when each arrived (monotonic)."""

    at_us: int
    now_s: float
    link: int
    times_s: list[float]
    raws: list[bytes]

    def arrivals(self) -> Iterator[tuple[int, bytes]]:
        """Each frame with its arrival, wall time in µs."""
        for time_s, raw in zip(self.times_s, self.raws, strict=True):
            yield self.at_us - round((self.now_s - time_s) * 1e6), raw


class Opened(Struct, tag=2, array_like=True, frozen=True):
    """A connection was opened."""

    at_us: int
    link: int


class Ended(Struct, tag=3, array_like=True, frozen=True):
    """A connection ended; no code means that there was no close frame."""

    at_us: int
    link: int
    code: int | None
    reason: str


class Exchange(Struct, tag=4, array_like=True, frozen=True):
    """One REST request, by path and query without any key, and its answer. Status 0: none came."""

    at_us: int
    began_us: int
    target: str
    status: int
    body: bytes
    retry_after: str | None = None


class Deed(Struct, tag=5, array_like=True, frozen=True):
    """What a worker was asked to do and did meanwhile, such as a load.

    Attributes:
        at_us: when it ended.
        effect_us: when the store took what it brought, the last part of it; its end where nothing was stored.
        failed: why it came to nothing; empty when it did not.
    """

    at_us: int
    began_us: int
    effect_us: int
    name: str
    arguments: dict[str, Any]
    failed: str = ""


class Unrecorded(Struct, tag=6, array_like=True, frozen=True):
    """Here something is missing: the disk was too slow."""

    at_us: int
    frames: int
    others: int


class Cut(Struct, tag=7, array_like=True, frozen=True):
    """Between the frames before and those behind, the chains of these symbols were read as stored, all of them written."""

    at_us: int
    which: Literal["begin", "end"]
    symbols: list[str]


Entry = Head | Frames | Opened | Ended | Exchange | Deed | Unrecorded | Cut

_ENCODER = msgpack.Encoder()
_DECODER = msgpack.Decoder(list[Entry])
LIST_HEAD: Final = struct.Struct(
    ">BI"
)  # what a block's list begins with: the mark, and how many entries follow
LIST_MARK: Final = 0xDD  # of MessagePack: a list, its length in 32 bits


def encoded(entry: Entry) -> bytes:
    """One entry as bytes."""
    return _ENCODER.encode(entry)


def frames_in(entry: Entry) -> int:
    """How many frames it holds."""
    return len(entry.raws) if isinstance(entry, Frames) else 0


def decoded(data: bytes | memoryview) -> list[Entry] | None:
    """The entries of a block; None when it is none."""
    try:
        return _DECODER.decode(data)
    except MsgspecError:
        return None


def arrival_entries(
    arrivals: Sequence[Arrival], at_us: int, now_s: float, links_from: int = 0
) -> list[Entry]:
    """What was handed on at one moment, as entries in the same order; `links_from` is added to the connections' numbers."""
    if set(map(type, arrivals)) == {Frame}:  # nearly always, and all of one connection
        links, times_s, raws = zip(*arrivals, strict=True)
        if links.count(links[0]) == len(links):
            return [Frames(at_us, now_s, links_from + links[0], list(times_s), list(raws))]
    entries: list[Entry] = []
    run: Frames | None = None
    for arrival in arrivals:
        link = links_from + arrival.link
        if isinstance(arrival, Frame):
            if run is None or run.link != link:
                run = Frames(at_us, now_s, link, [], [])
                entries.append(run)
            run.times_s.append(arrival.arrived_s)
            run.raws.append(arrival.raw)
        elif isinstance(arrival, OpenedLink):
            entries.append(Opened(at_us, link))
            run = None
        elif isinstance(arrival, EndedLink):
            entries.append(Ended(at_us, link, arrival.code, arrival.reason))
            run = None
    return entries
