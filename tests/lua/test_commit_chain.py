"""`commit_chain`: a whole chain appears in one step, merged with what is stored and newer, and the feed tells of it."""

import json
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketswarm.chain.stored import Change, LoadOrigin, Window
from marketswarm.errors import ScriptRefused
from tests.lua.conftest import CHAIN, CURRENT, FEED, FULL, LOADING, META, ORDER, without_about
from tests.support.applied import apply_changes
from tests.support.builders import EXPIRE_MS, SPX, contract, ladder, ticker
from tests.support.merge import merge_patch


def hash_of(redis):
    """The chain as it is stored, parsed."""
    return {name.decode(): json.loads(text) for name, text in redis.hgetall(CHAIN).items()}


def test_a_first_load_stores_every_contract_whole(redis, commit):
    """All contracts, the meta, the pointer and the times to live are there after one step."""
    rows = ladder()

    done = commit(rows)

    assert hash_of(redis) == {row.ticker: json.loads(row.canonical_json()) for row in rows}
    assert (done.contracts, done.added, done.removed, done.changed, done.seq) == (18, 18, 0, 0, 1)
    meta = {name.decode(): value.decode() for name, value in redis.hgetall(META).items()}
    assert (meta["state"], meta["centre"], meta["low"], meta["high"]) == ("loading", "6800", "6780", "6820")
    assert redis.hget(CURRENT, "SPX") == b"2026-11-23"
    ends_ms = [time.time() * 1000 + redis.pttl(key) for key in (CHAIN, META)]
    assert ends_ms == [pytest.approx(EXPIRE_MS, abs=5_000)] * 2


def test_a_new_chain_starts_its_epochs_at_the_time(redis, commit, clock):
    """After a flush the epoch is another one, so that no reader takes the new chain for the old."""
    first = commit(ladder()).epoch
    redis.flushall()
    clock.advance(1)

    assert commit(ladder()).epoch > first


def test_the_same_contracts_again_keep_the_epoch_and_say_nothing(redis, commit):
    """A reload that brings nothing new moves neither epoch nor seq; the complete chain is announced all the same."""
    first = commit(ladder())

    again = commit(ladder(), reason="manual")

    assert (again.epoch, again.seq, again.changed) == (first.epoch, first.seq, 0)
    assert redis.xlen(FEED) == 1
    assert redis.xlen(FULL) == 2


def test_the_epoch_grows_when_the_set_changes(commit):
    """One contract more, one less: epoch and seq grow, and the counts say why."""
    first = commit(ladder(6780, 6820))

    moved = commit(ladder(6785, 6825))

    assert moved.epoch == first.epoch + 1
    assert (moved.added, moved.removed, moved.seq) == (2, 2, 2)


def test_the_feed_carries_loads_too(commit, entries):
    """New contracts whole, changed ones in part, gone ones by name."""
    commit([contract(6795), contract(6800)])
    commit([contract(6800, bid=1.55, ts=3000), contract(6805)])

    entry = entries(FEED)[1]
    assert entry["removed"] == [ticker(6795)]
    assert entry["updates"][ticker(6805)] == json.loads(contract(6805).canonical_json())
    assert entry["updates"][ticker(6800)] == {
        "v": 2,
        "ts": 3000,
        "quote": {"bid": 1.55, "mid": 1.6, "ts": 3000},
    }


def test_a_snapshot_never_undoes_a_newer_update(redis, commit, apply, put):
    """A row that was fetched before the last quote came keeps that quote, and brings what is newer in it."""
    put(contract(6800, ts=1000))
    apply((ticker(6800), "quote", 9000, '"bid":7,"ask":8,"mid":7.5,"bid_size":1,"ask_size":1,"ts":9000'))

    commit([contract(6800, ts=5000, open_interest=77, trade={"price": 1.6, "ts": 4000})])

    row = hash_of(redis)[ticker(6800)]
    assert row["quote"]["bid"] == 7
    assert row["trade"]["price"] == 1.6
    assert row["open_interest"] == 77
    assert row["v"] == 3


def test_a_field_that_the_snapshot_does_not_know_is_gone_and_said_so(redis, commit, entries):
    """A newer quote without a mid removes the mid, in the chain and in the feed."""
    commit([contract(6800)])

    commit([contract(6800, ts=3000, quote={"bid": 1.6, "ask": 1.65, "ts": 3000})])

    assert hash_of(redis)[ticker(6800)]["quote"] == {"bid": 1.6, "ask": 1.65, "ts": 3000}
    assert entries(FEED)[1]["updates"][ticker(6800)]["quote"] == {
        "ts": 3000,
        "mid": None,
        "bid_size": None,
        "ask_size": None,
    }


@pytest.mark.parametrize(("late_ms", "told"), [(40_000_000, True), (90_000_000, False)])
def test_a_days_bars_learn_the_close_before(redis, commit, entries, late_ms, told):
    """A contract's first bar knows no close of the day before; the row of that day's midnight does, an older one's is another."""
    midnight = 1_795_410_000_000
    commit([contract(day={"close": 1.8, "ts": midnight + late_ms})])

    commit([contract(day={"close": 1.7, "previous_close": 1.35, "ts": midnight})], reason="audit")

    day = hash_of(redis)[ticker()]["day"]
    assert day == {"close": 1.8, "ts": midnight + late_ms} | ({"previous_close": 1.35} if told else {})
    merged = {}
    for entry in entries(FEED):
        merged = merge_patch(merged, entry["updates"])
    assert merged[ticker()]["day"] == day


def test_a_section_that_the_snapshot_lacks_is_kept(redis, commit):
    """A plan that stops sending trades does not make the last one untrue."""
    commit([contract(6800, trade={"price": 1.6, "ts": 900})])

    commit([contract(6800, ts=3000)])

    assert hash_of(redis)[ticker(6800)]["trade"] == {"price": 1.6, "ts": 900}


def test_extending_adds_and_takes_nothing_away(redis, commit):
    """New strikes join the chain; what is not among them stays."""
    commit(ladder(6780, 6820))
    loaded_ms = redis.hget(META, "loaded_ms")

    done = commit(ladder(6825, 6840), part=True, window=Window(6820, 6820, 6800, 6840))

    assert (done.added, done.removed, done.contracts) == (8, 0, 26)
    assert redis.hget(META, "high") == b"6840"
    assert redis.hget(META, "loaded_ms") == loaded_ms


def test_the_complete_chain_is_announced(commit, entries):
    """`sse:chain-full` names the chain, its cursor, its size and why."""
    done = commit(ladder(), reason="manual")

    (entry,) = entries(FULL)
    assert {name: entry[name] for name in ("symbol", "expiration", "key", "contracts", "reason")} == {
        "symbol": "SPX",
        "expiration": "2026-11-23",
        "key": CHAIN,
        "contracts": "18",
        "reason": "manual",
    }
    assert (entry["epoch"], entry["seq"]) == (str(done.epoch), str(done.seq))


def commit_as(store, run):
    """Commit what is staged, as that run."""
    window = Window(6800, 6800, 6780, 6820)
    return store.commit(
        SPX, run, window, reason="manual", source="sim", expire_ms=EXPIRE_MS, origin=LoadOrigin(1)
    )


def test_a_load_that_was_overtaken_cannot_commit(redis, store):
    """A loader that slept while another one took over changes nothing."""
    redis.set(LOADING, "other")
    store.stage(SPX, "mine", ladder())

    with pytest.raises(ScriptRefused) as refused:
        commit_as(store, "mine")

    assert refused.value.word == "NOTLOADING"
    assert redis.exists(CHAIN, META) == 0


def test_an_empty_load_never_becomes_a_chain(redis, store):
    """Nothing staged is nothing to commit."""
    redis.set(LOADING, "mine")

    with pytest.raises(ScriptRefused) as refused:
        commit_as(store, "mine")

    assert refused.value.word == "NOTSTAGED"


def test_staging_is_gone_after_the_commit(redis, commit):
    """No load leaves anything behind."""
    commit(ladder())

    assert redis.keys("staging:*") == []


def test_a_reader_never_sees_a_part_of_a_chain(redis, commit):
    """While chains of two sizes replace each other, a fast reader sees one or the other."""
    small, large = ladder(6780, 6820), ladder(6700, 6900)
    sizes, done = set(), threading.Event()
    commit(small)

    def read():
        while not done.is_set():
            sizes.add(redis.hlen(CHAIN))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        commit(large)
        commit(small)
    done.set()
    reader.join()

    assert sizes <= {len(small), len(large)}


ROWS = st.lists(
    st.builds(
        lambda strike, bid, ts: contract(strike, bid=bid, ask=bid + 1, ts=ts),
        st.integers(0, 5).map(lambda step: 6790 + 5 * step),
        st.sampled_from([0.05, 1.6, 2.0]),
        st.integers(900, 1200),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row.ticker,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads=st.lists(st.tuples(ROWS, st.booleans()), min_size=1, max_size=5))
def test_the_feed_alone_rebuilds_every_load(redis, commit, entries, loads):
    """A reader that follows the feed from the first entry holds exactly the hash, whatever was loaded."""
    redis.flushdb()
    for rows, part in loads:
        commit(rows, part=part)

    model, seq = {}, 0
    for entry in entries(FEED):
        assert int(entry["prev_seq"]) == seq
        seq = int(entry["seq"])
        model = merge_patch(model, entry["updates"])
        model = {name: row for name, row in model.items() if name not in entry.get("removed", [])}
    assert model == hash_of(redis)
    assert int(redis.hget(META, "seq")) == seq


def test_updates_and_loads_share_one_sequence(put, apply, commit, entries):
    """Stream and loads write the same feed without a gap."""
    put(contract(6800))
    apply((ticker(6800), "quote", 2000, '"bid":7,"ask":8,"ts":2000'))
    commit([contract(6800, ts=3000), contract(6805)])

    assert [(entry["prev_seq"], entry["seq"]) for entry in entries(FEED)] == [("40", "41"), ("41", "42")]


def test_a_chain_knows_the_request_behind_its_load(redis, commit):
    """The id and how many chains were asked for are in the meta until the next whole load; a part changes neither."""
    commit(ladder(), request="r1", chains=2)
    commit(ladder(6825, 6840), part=True)
    assert redis.hmget(META, "request", "request_chains") == [b"r1", b"2"]

    commit(ladder())
    assert redis.hmget(META, "request", "request_chains") == [b"", b"1"]


def test_a_chain_that_nobody_will_stream_is_stale_from_the_start(redis, store, commit):
    """The first state is the caller's; a chain that is stored already keeps its own."""
    redis.set(LOADING, "run")
    for first, then in (("stale", "stale"), ("loading", "stale")):
        store.stage(SPX, "run", ladder())
        store.commit(
            SPX,
            "run",
            Window(6800, 6800, 6780, 6820),
            reason="manual",
            source="sim",
            expire_ms=EXPIRE_MS,
            origin=LoadOrigin(1),
            first_state=first,
        )
        assert redis.hget(META, "state") == then.encode()


def streamed(redis, store, epoch, bid, *, ts=3000, seq=5):
    """A quote of the stream, 6800 call."""
    redis.set("writertoken:SPX", 1)
    patch = f'"bid":{bid},"ask":9,"mid":null,"bid_size":10,"ask_size":20,"ts":{ts}'
    (done,) = apply_changes(store, SPX, epoch, 1, [Change(ticker(6800), "quote", ts, seq, patch)])
    return done


@pytest.mark.parametrize(
    ("seq", "ts", "kept"),
    [(5, 3000, True), (None, 3000, False), (5, 2999, False), (5, 3001, True)],
)
def test_at_an_equal_time_a_row_does_not_undo_the_stream(redis, commit, store, seq, ts, kept):
    """What was streamed with a sequence stays; without one, or at an older time, the row is taken."""
    epoch = commit([contract(6800)]).epoch
    streamed(redis, store, epoch, 1.55, ts=ts, seq=seq)

    commit([contract(6800, bid=1.58, ts=3000)], reason="manual")

    assert hash_of(redis)[ticker(6800)]["quote"]["bid"] == (1.55 if kept else 1.58)


def test_a_newer_row_begins_a_new_order(redis, commit, store):
    """The sequence of what a load replaced says nothing any more of the time that stands there now."""
    epoch = commit([contract(6800)]).epoch
    streamed(redis, store, epoch, 1.55, seq=500)
    commit([contract(6800, bid=1.58, ts=4000)], reason="manual")

    assert streamed(redis, store, epoch, 1.61, ts=4000, seq=2).applied == 1
    assert streamed(redis, store, epoch, 1.62, ts=4000, seq=1).stale == 1


def test_orders_go_with_their_contracts(redis, commit, store, clock):
    """A contract that leaves and comes back has no past; neither has a chain that begins anew."""
    epoch = commit([contract(6800), contract(6805)]).epoch
    streamed(redis, store, epoch, 1.55)
    assert time.time() * 1000 + redis.pttl(ORDER) == pytest.approx(EXPIRE_MS, abs=5_000)

    commit([contract(6805)])
    assert without_about(redis.hgetall(ORDER)) == {}

    epoch = commit([contract(6800), contract(6805)]).epoch
    streamed(redis, store, epoch, 1.55)
    redis.delete(META)
    commit([contract(6800)])
    assert not redis.exists(ORDER)
