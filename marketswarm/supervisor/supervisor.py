"""Starts the parts in order, keeps them alive, stops them in the reverse order.

Runs in one thread, the main one. A part that fails for good takes the rest down with it, in order: a tree that lacks a
part is never left standing.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from marketswarm.clock import Clock
from marketswarm.supervisor.lifecycle import State
from marketswarm.supervisor.member import Member
from marketswarm.supervisor.part import Part
from marketswarm.supervisor.process import Processes

_TURN_S: Final = 0.04
_LAST_WORDS: Final = 12
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Failure:
    """A part that could not be started or kept running, and the end of its log."""

    part: str
    detail: str
    log: str
    last_words: tuple[str, ...]


class Supervisor:
    """The parts of one run, in the order in which they start.

    `on_change` is called with a member whenever its state has changed, `each_turn` some twenty times a second.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        processes: Processes,
        clock: Clock,
        on_change: Callable[[Member], None] = lambda _: None,
        each_turn: Callable[[], None] = lambda: None,
    ) -> None:
        self.members = tuple(Member(part, processes, clock) for part in parts)
        self.failure: Failure | None = None
        self._processes = processes
        self._clock = clock
        self._on_change = on_change
        self._each_turn = each_turn
        self._seen = dict.fromkeys((part.name for part in parts), State.WAITING)
        self._stop_requests = 0
        self._looked_after_s = clock.monotonic_s()

    @property
    def is_up(self) -> bool:
        """Whether every part is ready."""
        return all(member.state is State.READY for member in self.members)

    @property
    def is_stopping(self) -> bool:
        """Whether the tree is on its way down."""
        return self._stop_requests > 0 or self.failure is not None

    def request_stop(self) -> None:
        """Stop all parts in order; asked again, stop them all at once and wait for none."""
        self._stop_requests += 1

    def run(self) -> Failure | None:
        """Run until stopped; gives what failed, None after a clean stop."""
        try:
            with self._stopped_by_signals():
                while not self._is_over():
                    self.turn()
                    self._each_turn()
                    self._clock.sleep(_TURN_S)
        finally:
            for member in self.members:
                member.kill()
            self._processes.close()
        return self.failure

    def turn(self) -> None:
        """Look at every part once and do what follows from it."""
        for member in self.members:
            member.look()
        self._note_failure()
        if self.is_stopping:
            self._stop_next()
        else:
            self._start_next()
        self._tell_changes()
        self._look_after()

    def _is_over(self) -> bool:
        return self.is_stopping and all(member.has_ended for member in self.members)

    def _start_next(self) -> None:
        ready = {member.part.name for member in self.members if member.was_ready}
        for member in self.members:
            if member.state is State.WAITING and ready.issuperset(member.part.after):
                member.start()

    def _stop_next(self) -> None:
        hurry = self._stop_requests > 1
        for member in reversed(self.members):
            member.stop(hurry)
            if not member.has_ended and not hurry:
                return

    def _note_failure(self) -> None:
        for member in self.members:
            if member.state is State.FAILED and self.failure is None:
                words = tuple(member.last_words(_LAST_WORDS))
                self.failure = Failure(member.part.name, member.detail, member.log_path(), words)

    def _tell_changes(self) -> None:
        for member in self.members:
            if self._seen[member.part.name] is not member.state:
                self._seen[member.part.name] = member.state
                self._on_change(member)

    def _look_after(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._looked_after_s >= 1.0:
            self._looked_after_s = now_s
            self._processes.look_after()

    @contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self.request_stop()

        # An ignored hang-up stays ignored: `nohup marketswarm up` outlives its terminal. SIGINT is heeded even where
        # a script's `&` had it ignored, or `kill -INT` would do nothing.
        nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        heeded = [number for number in _STOP_SIGNALS if number is not signal.SIGHUP or not nohup]
        before = {number: signal.signal(number, stop) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
