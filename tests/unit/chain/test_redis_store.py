"""The chain store: what the scripts do is in tests/lua; here is what it makes of their answers and reads back."""

import pytest
from redis import Redis

from marketswarm.chain.batches import BATCH
from marketswarm.chain.patches import quote_patch
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import ChainChanges, Change, LoadOrigin, Window
from marketswarm.errors import ChainMissing, EpochChanged, NoSuchChain, StoreUnavailable, WriterFenced
from marketswarm.model.chain import ChainId
from tests.support.applied import apply_all, apply_changes
from tests.support.builders import DAY, EXPIRE_MS, SPX, contract, ladder, quote, ticker
from tests.support.free_ports import free_port


def test_a_chain_reads_back_as_it_was_stored(store, commit):
    """Contracts and cursor come in one step, by default of the expiration in force."""
    rows = ladder()
    done = commit(rows)

    stored = store.read("SPX")

    assert stored.contracts == {row.ticker: row for row in rows}
    assert (stored.meta.epoch, stored.meta.seq, stored.meta.chain) == (done.epoch, 1, SPX)
    assert store.read("SPX", DAY) == stored


@pytest.mark.parametrize(
    ("symbol", "day", "words"), [("SPX", None, "no chain of SPX is stored"), ("SPX", DAY, "2026-11-23")]
)
def test_a_chain_that_is_not_stored_is_named(store, symbol, day, words):
    """The error says which chain and how to get it."""
    with pytest.raises(NoSuchChain, match=words) as missing:
        store.read(symbol, day)

    assert "marketswarm refresh SPX" in str(missing.value)


def test_large_changes_go_in_batches(store, commit, redis):
    """No script call holds the server for more than a batch; each batch has its seq and its entry."""
    rows = ladder(6000, 6600)
    commit(rows)
    redis.set("writertoken:SPX", 1)
    epoch = store.meta(SPX).epoch

    applied = apply_changes(store, SPX, epoch, 1, quotes_of(rows))

    assert len(rows) == 242
    assert [batch.applied for batch in applied] == [BATCH, BATCH, BATCH, BATCH, 2]
    assert [batch.seq for batch in applied] == [2, 3, 4, 5, 6]


def test_refusals_have_classes_of_their_own(store, commit):
    """A script's word becomes the error that callers act on."""
    commit([contract()])

    with pytest.raises(WriterFenced, match="apply_updates refused: FENCED"):
        apply_changes(store, SPX, store.meta(SPX).epoch, 99, [Change(ticker(), "quote", 1, None, '"ts":1')])


def quotes_of(rows, ts=5000):
    """A new quote for each."""
    return [
        Change(row.ticker, "quote", ts, None, quote_patch(quote(row.ticker, bid=1.5, ts=ts))) for row in rows
    ]


def test_chains_are_written_together_and_answered_apart(store, commit, redis):
    """A chain that takes no changes says why; the others' batches are applied all the same."""
    rows, other = ladder(6000, 6600), ChainId("SPX", DAY.replace(day=27))
    epoch = commit(rows).epoch
    later = commit([contract()], chain=other).epoch
    redis.set("writertoken:SPX", 1)

    many, moved, missing, fenced, one = apply_all(
        store,
        [
            ChainChanges(SPX, epoch, 1, quotes_of(rows)),
            ChainChanges(other, later + 1, 1, quotes_of([contract()])),
            ChainChanges(ChainId("SPX", DAY.replace(day=28)), 1, 1, quotes_of(rows)),
            ChainChanges(SPX, epoch, 2, quotes_of(rows)),
            ChainChanges(other, later, 1, quotes_of([contract()])),
        ],
    )

    assert [batch.applied for batch in many] == [BATCH, BATCH, BATCH, BATCH, 2]
    assert [type(answer) for answer in (moved, missing, fenced)] == [EpochChanged, ChainMissing, WriterFenced]
    assert [batch.applied for batch in one] == [1]
    assert apply_all(store, []) == []


def test_a_server_that_lost_its_scripts_loses_no_batch(store, commit, redis):
    """Every batch of a round trip is applied, in order, after the script was sent again."""
    rows = ladder(6000, 6600)
    epoch = commit(rows).epoch
    redis.set("writertoken:SPX", 1)
    redis.script_flush()

    (batches,) = apply_all(store, [ChainChanges(SPX, epoch, 1, quotes_of(rows))])

    assert [batch.applied for batch in batches] == [BATCH, BATCH, BATCH, BATCH, 2]


@pytest.mark.parametrize(
    ("setting", "value", "usual", "words"),
    [("maxmemory", 1, 0, "maxmemory"), ("min-replicas-to-write", 1, 0, "NOREPLICAS|good replicas")],
)
def test_a_server_that_cannot_write_is_away_for_all(any_redis, clock, setting, value, usual, words):
    """Out of memory, or without its replicas, is no answer of one chain, in the words of any server."""
    store = RedisChainStore(any_redis, clock, "here")
    any_redis.set("loading:SPX", "run")
    any_redis.set("writertoken:SPX", 1)
    store.stage(SPX, "run", [contract()])
    origin, window = LoadOrigin(1), Window(6800, 6800, 6700, 6900)
    done = store.commit(
        SPX, "run", window, reason="startup", source="sim", expire_ms=EXPIRE_MS, origin=origin
    )
    any_redis.config_set(setting, value)
    try:
        writing = store.begin()
        writing.send(ChainChanges(SPX, done.epoch, 1, quotes_of([contract()])))
        with pytest.raises(StoreUnavailable, match=words):
            writing.outcomes()
    finally:
        any_redis.config_set(setting, usual)


def test_loads_can_be_followed(store, commit):
    """From the newest entry on, each load is seen once."""
    commit(ladder())
    after = store.newest_load_id()
    assert store.new_loads(after) == (after, [])

    commit(ladder(6785, 6825), reason="manual")
    after, entries = store.new_loads(after)

    assert [entry["reason"] for entry in entries] == ["manual"]
    assert store.new_loads(after)[1] == []


def test_the_feed_can_be_followed(store, commit):
    """A reader waits for entries behind an id."""
    commit(ladder())

    entries = store.follow_feed("0-0", 0.01)

    assert [fields["seq"] for _, fields in entries] == ["1"]
    assert store.follow_feed(entries[-1][0], 0.01) == []


def test_expirations_are_listed_in_order(store, commit):
    """Whatever was stored, ascending."""
    days = [DAY.replace(day=27), DAY]
    for day in days:
        commit([contract()], chain=ChainId("SPX", day))

    assert store.expirations("SPX") == sorted(days)
    assert store.expirations("SPY") == []


def test_tickers_are_read_without_parsing(store, commit):
    """The keys of the hash are the tickers."""
    commit(ladder())

    assert len(store.tickers(SPX)) == 18
    assert store.tickers(ChainId("SPY", DAY)) == []


def test_a_lost_server_is_a_retryable_error(clock):
    """Reads and writes name the server that is gone, in the project's own error."""
    store = RedisChainStore(Redis(port=free_port(), retry=None), clock, "here:1")

    with pytest.raises(StoreUnavailable, match="Redis at here:1 is not reachable"):
        store.read("SPX")
    with pytest.raises(StoreUnavailable, match="Redis at here:1 is not reachable"):
        store.stage(SPX, "run", ladder())
