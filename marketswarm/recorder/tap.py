"""Where a process hands over what it receives. Costs next to nothing while nothing is recorded."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from marketswarm.clock import Clock
from marketswarm.model.arrival import Arrival
from marketswarm.recorder.entries import Cut, Deed, Exchange
from marketswarm.recorder.secrets import Hider
from marketswarm.recorder.writer import PartWriter, Tally, wall_us

_LINKS_A_LINE = 1_000_000
MakeWriter = Callable[..., PartWriter]


class Recorder:
    """Records one process, while it is told to: `ports.CallTap`, and a `ports.FeedTap` for each of its feeds.

    Args:
        secrets: what never gets into a recording.
        make_writer: for tests.
    """

    def __init__(
        self, clock: Clock, secrets: Iterable[str] = (), *, make_writer: MakeWriter = PartWriter
    ) -> None:
        self._clock = clock
        self.hide = Hider(secrets)
        self._make_writer = make_writer
        self._writer: PartWriter | None = None
        self._lines = 0
        self._doing = threading.local()
        self.is_on = False

    # -- switching ----------------------------------------------------------

    def open(self, path: Path, part: str) -> None:
        """Begin a file; what comes is not recorded yet.

        Raises:
            OSError: when it cannot be made.
        """
        self._writer = self._make_writer(path, part, self._clock, hide=self.hide)

    def cut(self, which: Literal["begin", "end"], symbols: Sequence[str]) -> None:
        """Record from here on, or no longer."""
        if self._writer is not None:
            self._writer.put(Cut(wall_us(self._clock), which, list(symbols)))
        self.is_on = which == "begin"

    def close(self) -> Tally:
        """End the file; what it came to."""
        self.is_on = False
        writer, self._writer = self._writer, None
        return writer.end() if writer is not None else Tally()

    @property
    def tally(self) -> Tally:
        """What was recorded so far."""
        writer = self._writer
        return writer.tally if writer is not None else Tally()

    # -- what is recorded ---------------------------------------------------

    def line(self) -> "FeedLine":
        """A tap for one more feed."""
        self._lines += 1
        return FeedLine(self, self._lines)

    def arrived(self, line: int, arrivals: Sequence[Arrival]) -> None:
        """A feed has brought these; each connection of the process has a number of its own in the file."""
        writer = self._writer
        if writer is not None and self.is_on and arrivals:
            writer.put_arrivals(arrivals, links_from=(line - 1) * _LINKS_A_LINE)

    def answered(
        self, target: str, began_s: float, status: int, body: bytes, retry_after: str | None
    ) -> None:
        """One REST request has ended."""
        writer = self._writer
        if writer is not None and self.is_on:
            now_us = wall_us(self._clock)
            began_us = now_us - round((self._clock.monotonic_s() - began_s) * 1e6)
            writer.put(Exchange(now_us, began_us, target, status, body, retry_after))

    @contextmanager
    def deed(self, name: str, /, **arguments: Any) -> Iterator[None]:
        """Record what is done in the block, at its end."""
        began_us, failed = wall_us(self._clock), ""
        self._doing.effect_us = None
        try:
            yield
        except Exception as error:
            failed = str(error) or type(error).__name__
            raise
        finally:
            writer = self._writer
            if writer is not None and self.is_on:
                now_us = wall_us(self._clock)
                writer.put(Deed(now_us, began_us, self._doing.effect_us or now_us, name, arguments, failed))

    def effected(self) -> None:
        """The store has just taken what this thread's deed brought."""
        self._doing.effect_us = wall_us(self._clock)


class FeedLine:
    """One feed's tap."""

    def __init__(self, recorder: Recorder, number: int) -> None:
        self._recorder = recorder
        self._number = number

    @property
    def is_on(self) -> bool:
        """Whether anything is recorded."""
        return self._recorder.is_on

    def arrived(self, arrivals: Sequence[Arrival]) -> None:
        """These have arrived."""
        self._recorder.arrived(self._number, arrivals)
