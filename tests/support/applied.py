"""Changes applied as the stream applies them, and waited for."""

from collections.abc import Sequence

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Applied, ChainChanges, Change, StoreRefusal
from marketswarm.model.chain import ChainId


def apply_all(store: RedisChainStore, work: Sequence[ChainChanges]) -> list[list[Applied] | StoreRefusal]:
    """Changes of several chains: for each what became of its batches, or why it takes none from this writer."""
    writing = store.begin()
    for changes in work:
        writing.send(changes)
    return writing.outcomes()


def apply_changes(
    store: RedisChainStore, chain: ChainId, epoch: int, fence: int, changes: Sequence[Change]
) -> list[Applied]:
    """Changes of one chain; raises why it takes none."""
    (outcome,) = apply_all(store, [ChainChanges(chain, epoch, fence, changes)])
    if isinstance(outcome, StoreRefusal):
        raise outcome
    return outcome
