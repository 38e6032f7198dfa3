"""Changes of many chains as calls of `apply_updates`, and the script's answers as plain values."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from marketswarm import keys
from marketswarm.chain.stored import Applied, ChainChanges, Change, RefusedChanges, StoreRefusal

BATCH = 60  # changes a script call: it must not hold the server for more than about 2 ms

Argument = str | bytes | int | float


class Batch(NamedTuple):
    """At most about 60 changes of one chain; `at` is the chain's place in the work."""

    at: int
    chain: ChainChanges
    changes: Sequence[Change]

    def call(self, now_ms: int) -> tuple[list[str], list[Argument]]:
        """KEYS and ARGV of the script."""
        symbol, expiration = self.chain.chain.symbol, self.chain.chain.expiration.isoformat()
        names = [
            keys.chain(symbol, expiration),
            keys.chain_meta(symbol, expiration),
            keys.CHAIN_FEED,
            keys.writer_token(symbol),
            keys.chain_order(symbol, expiration),
        ]
        arguments: list[Argument] = [symbol, expiration, self.chain.epoch, self.chain.fence]
        arguments += [now_ms, keys.CHAIN_FEED_MAXLEN]
        for ticker, section, ts, seq, patch in self.changes:
            arguments += (ticker, section, ts if seq is None else f"{ts} {seq}", patch)
        return names, arguments

    def applied(self, answer: Sequence[Any]) -> Applied:
        """What the script says became of it."""
        seq, applied, same, stale, unlisted, *rest = answer
        refused = tuple(
            RefusedChanges(word.decode(), number, self.changes[first - 1])
            for word, number, first in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
        )
        return Applied(seq, applied, same, stale, unlisted, refused)


def outcomes_of(
    batches: Sequence[Batch], answers: Sequence[Any], chains: int
) -> list[list[Applied] | StoreRefusal]:
    """One outcome for each of so many chains: what became of its batches, or why it takes none.

    Raises:
        ScriptRefused: when a batch was refused for a reason that no look at the chain can mend.
    """
    outcomes: list[list[Applied] | StoreRefusal] = [[] for _ in range(chains)]
    for batch, answer in zip(batches, answers, strict=True):
        outcome = outcomes[batch.at]
        if isinstance(answer, StoreRefusal):
            outcomes[batch.at] = answer
        elif isinstance(answer, Exception):
            raise answer
        elif isinstance(outcome, list):
            outcome.append(batch.applied(answer))
    return outcomes


def batches_of(work: Sequence[ChainChanges]) -> Iterator[Batch]:
    """All changes in order, chain by chain, a contract's changes in one batch."""
    for at, chain in enumerate(work):
        by_ticker: dict[str, list[Change]] = {}
        for change in chain.changes:
            by_ticker.setdefault(change.ticker, []).append(change)
        batch: list[Change] = []
        for changes in by_ticker.values():
            if batch and len(batch) + len(changes) > BATCH:
                yield Batch(at, chain, batch)
                batch = []
            batch += changes
        if batch:
            yield Batch(at, chain, batch)
