"""The follower of one chain: fed with `sse:chain-feed`, it holds what the hash holds, or says that it cannot."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from marketswarm.chain.stored import Change as StoreChange
from marketswarm.outlets.follow import Applied, ChainFollower, Change, Gap, Passed, merged
from tests.support.applied import apply_changes
from tests.support.builders import DAY, SPX, contract, ladder, ticker
from tests.support.merge import merge_patch

TICKER = ticker()


def follower(epoch: int = 5, seq: int = 10, **contracts: dict) -> ChainFollower:
    """A follower of SPX that holds one contract unless told otherwise."""
    held = {TICKER: {"strike": 6800, "v": 1, "quote": {"bid": 1.6, "ask": 1.65, "ts": 1}}}
    return ChainFollower("SPX", DAY, epoch, seq, contracts or held)


def entry(
    seq: int = 11, epoch: int = 5, updates: dict | None = None, removed: list | None = None, **more: str
) -> dict:
    """An entry of the feed."""
    fields = {
        "symbol": "SPX",
        "expiration": str(DAY),
        "epoch": str(epoch),
        "seq": str(seq),
        "prev_seq": str(seq - 1),
    }
    fields |= {"updates": json.dumps(updates or {})} | ({"removed": json.dumps(removed)} if removed else {})
    return fields | more


def test_the_next_entry_is_merged() -> None:
    """The entry with the next seq is merged into the contracts, and seq goes with it."""
    held = follower()
    result = held.apply(entry(updates={TICKER: {"v": 2, "quote": {"bid": 1.7, "ask": 1.65, "ts": 2}}}))
    assert held.seq == 11
    assert held.contracts[TICKER] == {"strike": 6800, "v": 2, "quote": {"bid": 1.7, "ask": 1.65, "ts": 2}}
    assert isinstance(result, Applied)
    assert result.changed == {
        TICKER: {"v": Change(1, 2), "quote.bid": Change(1.6, 1.7), "quote.ts": Change(1, 2)}
    }


def test_null_removes() -> None:
    """A member that the entry says is null is gone, and so is a section."""
    held = follower()
    held.apply(entry(updates={TICKER: {"quote": {"ask": None}}}))
    assert held.contracts[TICKER]["quote"] == {"bid": 1.6, "ts": 1}
    held.apply(entry(12, updates={TICKER: {"quote": None}}))
    assert held.contracts[TICKER] == {"strike": 6800, "v": 1}


def test_a_new_contract_is_taken_whole() -> None:
    """An update of an unknown ticker is a new contract; the epoch may rise by one with it."""
    held, new = follower(), {"strike": 6805, "v": 1}
    result = held.apply(entry(epoch=6, updates={"O:NEW": new}))
    assert held.contracts["O:NEW"] == new
    assert held.epoch == 6
    assert isinstance(result, Applied)
    assert result.added == {"O:NEW"}


def test_removed_contracts_go() -> None:
    """Tickers in `removed` are gone; those that were not held are not reported."""
    held = follower()
    result = held.apply(entry(epoch=6, removed=[TICKER, "O:UNKNOWN"]))
    assert held.contracts == {}
    assert isinstance(result, Applied)
    assert result.removed == {TICKER}


@pytest.mark.parametrize("other", [{"symbol": "SPY"}, {"expiration": "2026-11-24"}])
def test_other_chains_pass(other: dict) -> None:
    """Entries of another symbol or expiration change nothing."""
    held = follower()
    assert held.apply(entry(**other)) == Passed()
    assert held.seq == 10


def test_what_is_held_passes() -> None:
    """Entries up to the seq that was read with the hash are in it already."""
    held = follower()
    assert held.apply(entry(10, updates={TICKER: {"v": 9}})) == Passed()
    assert held.contracts[TICKER]["v"] == 1


@pytest.mark.parametrize(
    "later",
    [entry(12), entry(3, epoch=1_795_449_600_000), entry(11, epoch=1_795_449_600_000), entry(12, epoch=4)],
    ids=["a missing seq", "a chain begun anew", "a chain begun anew at the next seq", "an older epoch ahead"],
)
def test_a_jump_is_a_gap(later: dict) -> None:
    """A jump of seq, or an epoch that one batch cannot reach, is a gap; nothing is changed."""
    held = follower()
    assert held.apply(later) == Gap(10, int(later["seq"]))
    assert (held.epoch, held.seq) == (5, 10)


def test_the_follower_holds_what_the_hash_holds(redis: Redis, store, commit) -> None:
    """After loads, extensions, updates and drops by the real scripts, follower and hash are the same."""
    dice = random.Random(7)
    commit(ladder())
    stored = store.read("SPX")
    rows = {name: one.model_dump(mode="json", exclude_none=True) for name, one in stored.contracts.items()}
    held = ChainFollower("SPX", DAY, stored.meta.epoch, stored.meta.seq, rows)
    redis.set("writertoken:SPX", 1)
    for turn in range(60):
        ts = 2000 + turn
        names = dice.sample(sorted(stored.contracts), 5)
        bid = json.dumps(round(dice.uniform(1, 9), 2)) if dice.random() < 0.8 else "null"
        changes = [StoreChange(name, "quote", ts, None, f'"bid":{bid},"ask":9.5,"ts":{ts}') for name in names]
        changes += [StoreChange(names[0], "trade", ts, None, f'"price":{1 + turn},"ts":{ts}')]
        apply_changes(store, SPX, store.meta(SPX).epoch, 1, changes)
        if turn == 20:
            commit([contract(6825), contract(6825, "put")], part=True)
        if turn == 40:
            commit(ladder(6790, 6830))
            stored = store.read("SPX")
    for _, fields in store.follow_feed("0-0", 0.01):
        assert not isinstance(held.apply(fields), Gap)
    after = store.read("SPX")
    assert held.contracts == {
        name: one.model_dump(mode="json", exclude_none=True) for name, one in after.contracts.items()
    }
    assert (held.epoch, held.seq) == (after.meta.epoch, after.meta.seq)


_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)


@given(_VALUES, _VALUES)
def test_merging_is_the_standard_one(held: object, patch: object) -> None:
    """Merging is JSON merge patch."""
    assert merged(held, patch) == merge_patch(held, patch)
