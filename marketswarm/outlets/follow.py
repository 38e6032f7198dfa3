"""Holds one chain exactly as Redis holds it: the hash and its `seq` once, then the entries of `sse:chain-feed`.

Pure: it is given entries and says what each one changed, or that something is missing and the hash must be read again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

Document = dict[str, Any]
"""A contract as parsed JSON."""


class Change(NamedTuple):
    """A member before and after; None where it is absent."""

    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Applied:
    """What one entry did.

    Attributes:
        changed: ticker → member → the change; members of sections with a dot: `quote.bid`.
        removed: tickers that are gone.
    """

    seq: int
    changed: dict[str, dict[str, Change]] = field(default_factory=dict)
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries are missing between what is held (`held_seq`) and the entry (`seq`): read the hash again."""

    held_seq: int
    seq: int


@dataclass(frozen=True, slots=True)
class Passed:
    """The entry is of another chain, or what it says is held already."""


class Batch(NamedTuple):
    """One entry of the feed: what changed in one chain in one step.

    Attributes:
        updates: ticker → merge patch.
        removed: tickers that are gone.
    """

    symbol: str
    expiration: str
    epoch: int
    seq: int
    updates: Mapping[str, Document]
    removed: Sequence[str] = ()


class ChainFollower:
    """One chain, kept equal to the stored one.

    Args:
        epoch: of the hash, read in one step with `seq` and `contracts`.
        contracts: ticker → parsed contract; taken over, and changed by `apply`.
    """

    def __init__(
        self, symbol: str, expiration: date, epoch: int, seq: int, contracts: dict[str, Document]
    ) -> None:
        self.symbol = symbol
        self.expiration = expiration
        self.epoch = epoch
        self.seq = seq
        self.contracts = contracts

    def apply(self, entry: Mapping[str, str]) -> Applied | Gap | Passed:
        """Take one entry as it is stored; see `take`."""
        symbol, expiration = entry["symbol"], entry["expiration"]
        if not self._holds(symbol, expiration):
            return Passed()  # before it is parsed: most entries are of other chains
        updates, removed = json.loads(entry["updates"]), json.loads(entry.get("removed", "[]"))
        return self.take(Batch(symbol, expiration, int(entry["epoch"]), int(entry["seq"]), updates, removed))

    def take(self, batch: Batch) -> Applied | Gap | Passed:
        """Take one entry of the feed, in the feed's order.

        Returns:
            `Gap` when an entry before this one is missing, or the stored chain was replaced by a new one; nothing is
            changed then.
        """
        if not self._holds(batch.symbol, batch.expiration):
            return Passed()
        epoch, seq = batch.epoch, batch.seq
        if epoch <= self.epoch and seq <= self.seq:
            return Passed()
        # One batch raises the epoch by one at most: a higher jump is a chain that began anew on an emptied server.
        if seq != self.seq + 1 or epoch not in (self.epoch, self.epoch + 1):
            return Gap(self.seq, seq)
        self.epoch, self.seq = epoch, seq
        return self._merge(batch.updates, batch.removed)

    def _holds(self, symbol: str, expiration: str) -> bool:
        return (symbol, expiration) == (self.symbol, self.expiration.isoformat())

    def _merge(self, updates: Mapping[str, Document], removed: Sequence[str]) -> Applied:
        gone = frozenset(ticker for ticker in removed if self.contracts.pop(ticker, None) is not None)
        added = frozenset(updates.keys() - self.contracts.keys())
        changed = {}
        for ticker, patch in updates.items():
            held = self.contracts.get(ticker, {})
            self.contracts[ticker] = merged(held, patch)
            changed[ticker] = dict(_differing(held, self.contracts[ticker], patch))
        return Applied(self.seq, changed, added, gone)


def merged(held: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396) applied: members of the patch replace, objects merge, null removes."""
    if not isinstance(patch, dict):
        return patch
    result = dict(held) if isinstance(held, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _differing(old: Document, new: Document, patch: Document) -> Iterator[tuple[str, Change]]:
    for name, value in patch.items():
        if isinstance(value, dict):
            before, after = old.get(name) or {}, new.get(name) or {}
            for member, change in _differing(before, after, value):
                yield f"{name}.{member}", change
        elif old.get(name) != new.get(name):
            yield name, Change(old.get(name), new.get(name))
