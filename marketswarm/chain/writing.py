"""Changes that are on their way to the store, while whoever sends them does something else."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from marketswarm.chain.batches import Batch, batches_of, outcomes_of
from marketswarm.chain.stored import Applied, ChainChanges, StoreRefusal
from marketswarm.clock import Clock
from marketswarm.scripts import RunningCalls


class Writing:
    """Changes of several chains, sent one chain after the other: the store works on the first while the next is made.

    Args:
        reachable: turns a lost server into `StoreUnavailable`.
    """

    def __init__(
        self, running: RunningCalls, clock: Clock, reachable: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._running = running
        self._clock = clock
        self._reachable = reachable
        self._batches: list[Batch] = []
        self._chains = 0

    def send(self, changes: ChainChanges) -> None:
        """Send the changes of one more chain, in batches of about 60.

        Raises:
            StoreUnavailable: some of all that was sent may have arrived; there is no outcome.
        """
        batches = [batch._replace(at=self._chains) for batch in batches_of([changes])]
        now_ms = self._clock.now_ms()
        with self._reachable():
            self._running.send([batch.call(now_ms) for batch in batches])
        self._batches += batches
        self._chains += 1

    def give_up(self) -> None:
        """Care no more for what was sent: there will be no outcome. Harmless when the server was lost before."""
        self._running.give_up()

    def is_answered(self) -> bool:
        """Whether the store has answered all that was sent; does not wait.

        Raises:
            StoreUnavailable: some of it may have arrived.
        """
        with self._reachable():
            return self._running.is_answered()

    def outcomes(self) -> list[list[Applied] | StoreRefusal]:
        """Wait for the answers, and say what became of each chain, in the order of sending. To be called once.

        Raises:
            StoreUnavailable: some of it may have arrived.
        """
        with self._reachable():
            return outcomes_of(self._batches, self._running.answers(), self._chains)
