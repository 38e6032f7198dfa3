"""Changes that are on their way to the store, while whoever sent them does something else."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from marketswarm.chain.batches import Batch, outcomes_of
from marketswarm.chain.stored import Applied, StoreRefusal
from marketswarm.scripts import RunningCalls


class Writing:
    """Changes of several chains that were sent in one go.

    Args:
        reachable: turns a lost server into `StoreUnavailable`.
    """

    def __init__(
        self,
        running: RunningCalls,
        batches: Sequence[Batch],
        chains: int,
        reachable: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._running = running
        self._batches = batches
        self._chains = chains
        self._reachable = reachable

    def is_answered(self) -> bool:
        """Whether the store has answered all of it; does not wait.

        Raises:
            StoreUnavailable: some of it may have arrived.
        """
        with self._reachable():
            return self._running.is_answered()

    def outcomes(self) -> list[list[Applied] | StoreRefusal]:
        """Wait for the answers, and say what became of each chain. To be called once.

        Raises:
            StoreUnavailable: some of it may have arrived.
        """
        with self._reachable():
            return outcomes_of(self._batches, self._running.answers(), self._chains)
