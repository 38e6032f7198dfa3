"""A recording as a `MarketFeed`, in virtual time: waiting moves the clock to the next entry, and no further."""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet

from marketswarm.clock import ManualClock
from marketswarm.model.contract import Section
from marketswarm.model.update import Update
from marketswarm.ports import BadFrames, FeedFrame, FeedNotice, FeedStatus
from marketswarm.recorder.entries import Deed, Ended, Entry, Frames, Opened

Decode = Callable[[bytes], tuple[Sequence[Update], BadFrames | None]]
"""The usable updates of a raw frame, and what of it could not be used."""


class ReplayFeed:
    """Plays the frames to whoever polls; gives all other entries to `other` at their moment.

    What is wanted is confirmed at once: the recorded connection held it.

    Args:
        entries: in the order of time.
        clock: is moved; shows whole ms.
        not_streamed: sections that the recorded connection did not bring.
    """

    def __init__(
        self,
        entries: Iterator[Entry],
        clock: ManualClock,
        decode: Decode,
        other: Callable[[Entry], None],
        not_streamed: tuple[Section, ...] = (),
    ) -> None:
        self._entries = entries
        self._clock = clock
        self._decode = decode
        self._other = other
        self._not_streamed = not_streamed
        self._next = next(entries, None)
        self._wanted: frozenset[str] = frozenset()
        self._out: deque[FeedFrame | FeedNotice] = deque()
        self._bad: Counter[str] = Counter()
        self._frames = self._updates = self._connections = 0

    @property
    def is_over(self) -> bool:
        """Whether everything was played."""
        return self._next is None and not self._out

    def end(self) -> None:
        """Play nothing that is later than what was played."""
        self._next = None

    def allow(self, connections: int) -> None:
        """Any number will do."""
        del connections

    def want(self, tickers: Collection[str]) -> None:
        """Replace the set of contracts to stream."""
        self._wanted = frozenset(tickers)

    def expect_data(self, expected: bool) -> None:
        """A recorded silence is one."""

    def poll(self, timeout_s: float) -> list[FeedFrame | FeedNotice]:
        """What is due within that time; the clock moves to its moment, or by as much as was to be waited."""
        now_ms = self._clock.now_ms()
        until_ms = now_ms + (max(1, round(timeout_s * 1000)) if timeout_s > 0 else 0)
        next_ms = self._next_ms()
        if next_ms is not None and next_ms <= until_ms:
            until_ms = max(now_ms, next_ms)
        if until_ms > now_ms:
            self._clock.advance((until_ms - now_ms) / 1000)
        while (next_ms := self._next_ms()) is not None and next_ms <= until_ms:
            self._play()
        out = list(self._out)
        self._out.clear()
        return out

    def confirmed(self) -> AbstractSet[str]:
        """All that is wanted."""
        return self._wanted

    def status(self) -> FeedStatus:
        """What the feed says of itself now."""
        return FeedStatus(
            state="closed" if self.is_over else "streaming",
            desired=len(self._wanted),
            confirmed=len(self._wanted),
            frames=self._frames,
            updates=self._updates,
            reconnects=max(0, self._connections - 1),
            not_streamed=self._not_streamed,
        )

    def queued_frames(self) -> int:
        """None: whoever reads in virtual time is never behind."""
        return 0

    def take_bad_frames(self) -> BadFrames:
        """What could not be used since the last call."""
        bad, self._bad = BadFrames(dict(self._bad)), Counter()
        return bad

    def stop(self) -> None:
        """Nothing is held."""

    def _next_ms(self) -> int | None:
        if self._next is None:
            return None
        moment_us = self._next.effect_us if isinstance(self._next, Deed) else self._next.at_us
        return moment_us // 1000

    def _play(self) -> None:
        entry, self._next = self._next, next(self._entries, None)
        match entry:
            case Frames():
                for raw in entry.raws:
                    self._frame(raw)
            case Opened():
                self._connections += 1
                self._out.append(FeedNotice("up"))
            case Ended():
                self._out.append(FeedNotice("lost", entry.reason))
            case None:
                pass
            case _:
                self._other(entry)

    def _frame(self, raw: bytes) -> None:
        updates, bad = self._decode(raw)
        self._frames += 1
        if bad is not None:
            self._bad.update(bad.counts)
        if updates:
            self._updates += len(updates)
            self._out.append(FeedFrame(self._clock.monotonic_s(), updates))
