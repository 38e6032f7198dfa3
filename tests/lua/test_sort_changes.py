"""`sort_changes`: how much of each chain has changed, counted once an entry, and whether entries were missing."""

import pytest

from marketswarm.scripts import script
from tests.support.builders import contract, ladder

STREAM, GROUP = "sse:chain-feed", "vigil:chainShift"
NAMES = ("epoch", "seq", "entries", "contracts", "added", "removed", "gaps", "ts")
FEW = '{"O:A":{"v":2,"ts":5,"quote":{"bid":1.7}},"O:B":{"v":3,"ts":5}}'


def sort(redis, *symbols, count=50, idle_ms=10_000):
    """Sort the news of these symbols."""
    symbols = symbols or ("SPX", "SPY")
    names = [STREAM, *(f"vigil:changes:{symbol}" for symbol in symbols)]
    return script("sort_changes").run(redis, names, [GROUP, "vigil", count, idle_ms, *symbols])


def counts(redis, symbol="SPX", day="2026-11-23"):
    """A chain's counts by name."""
    text = redis.hget(f"vigil:changes:{symbol}", day)
    return dict(zip(NAMES, map(int, text.split()), strict=True))


@pytest.fixture
def entry(redis):
    """Put an entry into the feed as `apply_updates` does."""

    def entry(seq, prev_seq=None, *, symbol="SPX", day="2026-11-23", epoch=7, updates=FEW, removed=None):
        fields = {"symbol": symbol, "expiration": day, "epoch": epoch, "seq": seq}
        fields |= {
            "prev_seq": seq - 1 if prev_seq is None else prev_seq,
            "ts": 1000 * seq,
            "updates": updates,
        }
        return redis.xadd(STREAM, fields | ({"removed": removed} if removed else {}))

    return entry


def test_changes_are_counted_chain_by_chain(redis, entry):
    """Entries, contracts and the cursor, for each symbol and expiration."""
    entry(41)
    entry(42, updates='{"O:A":{"v":3}}')
    entry(1, symbol="SPY")
    entry(9, day="2026-11-24")

    assert sort(redis) == [4, 0, 0]
    assert counts(redis) == dict(zip(NAMES, (7, 42, 2, 3, 0, 0, 0, 42_000), strict=True))
    assert counts(redis, "SPY")["contracts"] == 2
    assert counts(redis, day="2026-11-24")["seq"] == 9
    assert redis.xpending(STREAM, GROUP)["pending"] == 0


def test_counts_grow(redis, entry):
    """From one sorting to the next; nothing is counted twice."""
    for seq in range(41, 44):
        entry(seq)
        sort(redis)
        sort(redis)

    assert counts(redis)["entries"] == 3
    assert counts(redis)["contracts"] == 6


def test_what_a_load_adds_and_takes_out_is_counted(redis, commit):
    """As real scripts write it: whole contracts are added ones, removed ones stand in their own list."""
    commit([*ladder(6790, 6810), contract(6900)])
    commit(ladder(6795, 6815, bid=1.61), run="second")
    sort(redis)

    found = counts(redis)
    assert (found["entries"], found["added"], found["removed"], found["gaps"]) == (2, 11 + 2, 3, 0)
    assert found["contracts"] == 11 + 10


def test_real_batches_are_counted(redis, put, apply):
    """What `apply_updates` tells of two contracts counts as two."""
    put(contract(), contract(6805))
    names = [contract().ticker, contract(6805).ticker]
    apply(*((name, "quote", "2000", '"bid":1.7,"ts":2000') for name in names))
    sort(redis)

    assert (counts(redis)["entries"], counts(redis)["contracts"], counts(redis)["seq"]) == (1, 2, 41)


def test_missing_entries_are_a_gap(redis, entry):
    """They were trimmed before anybody read them; what comes then goes on from there."""
    entry(41)
    sort(redis)
    entry(60)
    entry(61)
    sort(redis)

    assert (counts(redis)["gaps"], counts(redis)["seq"]) == (1, 61)


def test_entries_trimmed_under_the_group_are_a_gap(redis, entry):
    """The stream is bounded, and a group that does not read loses the oldest."""
    entry(41)
    sort(redis)
    for seq in range(42, 50):
        entry(seq)
    redis.xtrim(STREAM, maxlen=2, approximate=False)

    assert sort(redis) == [2, 0, 0]
    assert (counts(redis)["gaps"], counts(redis)["seq"]) == (1, 49)


def test_a_chain_that_begins_anew_has_no_gap(redis, entry):
    """After a flush, or a reload of a forgotten chain, seq begins at 1 with a new epoch."""
    entry(41)
    entry(1, 0, epoch=1_795_446_000_000)
    entry(2, epoch=1_795_446_000_000)
    sort(redis)

    assert (counts(redis)["gaps"], counts(redis)["seq"], counts(redis)["epoch"]) == (0, 2, 1_795_446_000_000)


def test_what_a_dead_consumer_took_is_counted_late(redis, entry):
    """The cursor does not go back for it."""
    entry(41)
    redis.xgroup_create(STREAM, GROUP, "0")
    redis.xreadgroup(GROUP, "dead", {STREAM: ">"})
    entry(42)

    assert sort(redis) == [1, 0, 0]
    assert sort(redis, idle_ms=0) == [1, 0, 0]
    assert (counts(redis)["entries"], counts(redis)["seq"], counts(redis)["gaps"]) == (2, 42, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"symbol": "SPX", "expiration": "2026-11-23"},
        {"symbol": "SPX", "seq": 1, "prev_seq": 0},
        {"symbol": "SPX", "expiration": "2026-11-23", "seq": "x", "prev_seq": 0},
    ],
)
def test_what_is_no_entry_is_left_out(redis, entry, fields):
    """It is counted, and costs itself only."""
    entry(41)
    redis.xadd(STREAM, fields)
    entry(42)

    assert sort(redis) == [2, 1, 0]
    assert counts(redis)["entries"] == 2


def test_entries_of_other_symbols_are_left_out(redis, entry):
    """They are acknowledged, and no key is made for them."""
    entry(1, symbol="IWM")

    assert sort(redis) == [0, 0, 0]
    assert redis.keys("vigil:changes:*") == []


def test_a_lot_comes_in_parts(redis, entry):
    """The answer says when there may be more."""
    for seq in range(41, 46):
        entry(seq)

    assert [sort(redis, count=2)[2] for _ in range(3)] == [1, 1, 0]
    assert (counts(redis)["entries"], counts(redis)["gaps"]) == (5, 0)


def test_the_group_is_made_anew(redis, entry):
    """After a flush it begins with the oldest entry that is left."""
    sort(redis)
    redis.flushall()
    entry(1, 0)

    assert sort(redis) == [1, 0, 0]
