"""The flusher: what waits reaches the store, whatever the store does on the way."""

import random
import signal

import pytest
from redis import Redis

from marketswarm.chain.conflate import Conflator
from marketswarm.chain.flush import Flusher, Right
from marketswarm.chain.patches import quote_patch
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Change
from marketswarm.errors import EpochChanged, StoreUnavailable, WriterFenced
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY, SPX, contract, quote, ticker
from tests.support.free_ports import free_port
from tests.support.valkey import server_binaries, start_server

CALL = ticker(6800)
NOW = 10_000


@pytest.fixture
def conflator(commit):
    """A conflator that holds the contracts of a stored chain."""
    rows = [contract(6800), contract(6805)]
    commit(rows)
    made = Conflator()
    made.hold({SPX: {row.ticker: row.canonical_json().encode() for row in rows}})
    return made


@pytest.fixture
def flusher(conflator, store, clock, redis):
    """A flusher on a real store, whose writer holds token 1."""
    redis.set("writertoken:SPX", 1)
    return Flusher(conflator, store, clock, window_s=0.05)


@pytest.fixture
def rights(store):
    """What the writer must show."""
    return lambda: {SPX: Right(store.meta(SPX).epoch, 1)}


def bid_of(store, name=CALL):
    """The stored bid of a contract."""
    return store.read("SPX").contracts[name].quote.bid


def slow(store, clock, monkeypatch, seconds):
    """Let each write take so long."""
    apply = store.begin

    def apply_slowly(*arguments):
        clock.advance(seconds)
        return apply(*arguments)

    monkeypatch.setattr(store, "begin", apply_slowly)


def test_what_waits_is_written_with_its_lag(conflator, flusher, rights, store, clock):
    """Changes reach the chain; the lag of a contract counts from the arrival of its newest update."""
    conflator.add([quote(ts=5000, bid=1.9)], clock.monotonic_s(), NOW)
    clock.advance(0.03)

    (flushed,) = flusher.flush(rights())

    assert bid_of(store) == 1.9
    assert (flushed.chain, [batch.applied for batch in flushed.outcome]) == (SPX, [1])
    assert flushed.lags_s == [pytest.approx(0.03)]
    assert flusher.flush(rights()) == []


def test_chains_that_are_not_ours_are_not_written(conflator, flusher, rights, store):
    """Without a right nothing of a chain is written; with one, what waited is."""
    conflator.add([quote(ts=5000, bid=1.9)], 0.0, NOW)

    assert flusher.flush({}) == []
    assert bid_of(store) == 1.6
    flusher.flush(rights())
    assert bid_of(store) == 1.9


def test_sizes_wait_for_five_windows_or_250_ms(conflator, store, clock, redis, rights):
    """They are written with the last flush that is in time, and with any flush of everything."""
    redis.set("writertoken:SPX", 1)
    flusher = Flusher(conflator, store, clock, window_s=0.04)
    conflator.add([quote(ts=5000)], clock.monotonic_s(), NOW)
    flusher.flush(rights())
    waits = []
    for everything in (False, True):
        conflator.add([quote(ts=6000 + everything)], clock.monotonic_s(), NOW)
        began_s = clock.monotonic_s()
        while not flusher.flush(rights(), everything=everything):
            clock.advance(0.04)
        waits.append(round(clock.monotonic_s() - began_s, 2))

    assert waits == [0.16, 0.0]


def test_what_the_store_cannot_use_is_counted_and_kept(conflator, store, clock, redis, rights):
    """A change that the script refuses is counted by its word, with the first of them; the others are written."""
    redis.set("writertoken:SPX", 1)
    bad = Change(ticker(6805), "greeks", 5000, None, "no members")
    flusher = Flusher(conflator, store, clock, window_s=0.05, extra=lambda _chain, _contracts: [bad])
    conflator.add([quote(ts=5000, bid=1.9)], 0.0, NOW)
    flusher.flush(rights())

    refused = flusher.take_refused()
    assert bid_of(store) == 1.9
    assert refused.counts == {"badpatch": 1}
    assert "no members" in refused.samples[0][1]
    assert flusher.take_refused().counts == {}


@pytest.mark.parametrize(("right", "error"), [(Right(99, 1), EpochChanged), (Right(1, 2), WriterFenced)])
def test_what_is_refused_for_now_waits_again(conflator, flusher, rights, store, right, error):
    """A refusal is handed back as the error it is, and the next flush with the true right writes everything."""
    conflator.add([quote(ts=5000, bid=1.9)], 0.0, NOW)
    (flushed,) = flusher.flush({SPX: right})
    assert isinstance(flushed.outcome, error)

    flusher.flush(rights())

    assert bid_of(store) == 1.9


def test_a_store_that_is_away_loses_nothing(conflator, flusher, rights, store, monkeypatch):
    """All that was taken waits again."""

    def fail(*_arguments):
        raise StoreUnavailable("here", "gone")

    with monkeypatch.context() as patched:
        patched.setattr(store, "begin", fail)
        conflator.add([quote(ts=5000, bid=1.9)], 0.0, NOW)
        with pytest.raises(StoreUnavailable):
            flusher.flush(rights())

    flusher.flush(rights())
    assert bid_of(store) == 1.9


def test_the_last_value_of_a_thousand_bursts_arrives(conflator, flusher, rights, redis, clock):
    """Prices and sizes, flushes that are refused in between: 250 ms after each burst the chain holds the newest quotes."""
    chance, newest, true_rights = random.Random(7), {}, rights()
    for burst in range(1000):
        for _ in range(chance.randint(1, 8)):
            name, bid = chance.choice([CALL, ticker(6805)]), chance.choice([1.5, 1.6])
            update = quote(name, ts=5000 + burst, seq=chance.randint(1, 3), bid=bid)
            update.bid_size = chance.randint(1, 3)
            if (update.ts, update.seq) >= newest.get(name, ((0, 0),))[0]:
                newest[name] = ((update.ts, update.seq), quote_patch(update))
            conflator.add([update], clock.monotonic_s(), 5000 + burst)
            clock.advance(chance.choice([0.0, 0.02]))
            if chance.random() < 0.3:
                flusher.flush(chance.choice([true_rights, true_rights, {SPX: Right(99, 1)}]))
        for _ in range(5):
            clock.advance(0.05)
            flusher.flush(true_rights)

        names = list(newest)
        rows = [row.decode() for row in redis.hmget("chain:SPX:2026-11-23", names)]
        lost = [name for name, row in zip(names, rows, strict=True) if newest[name][1] not in row]
        assert lost == []


def test_the_window_widens_while_the_store_is_slow(conflator, flusher, rights, store, clock, monkeypatch):
    """Twice the smoothed time of a flush, at most a second; as set again when the store is fast."""
    with monkeypatch.context() as patched:
        slow(store, clock, patched, 0.2)
        for step in range(20):
            conflator.add([quote(ts=5000 + step)], 0.0, NOW)
            flusher.flush(rights())
        assert flusher.window_ms == pytest.approx(400, rel=0.05)
    with monkeypatch.context() as patched:
        slow(store, clock, patched, 5.0)
        for step in range(20):
            conflator.add([quote(ts=6000 + step)], 0.0, NOW)
            flusher.flush(rights())
        assert (flusher.window_ms, flusher.is_widened) == (1000, True)

    for step in range(40):
        conflator.add([quote(ts=7000 + step)], 0.0, NOW)
        flusher.flush(rights())
    assert (flusher.window_ms, flusher.is_widened) == (50, False)


def test_frames_are_read_while_the_store_works(conflator, flusher, rights, store, clock):
    """Nobody waits for a flush under way: what comes meanwhile is not part of it, and is in the next one."""
    conflator.add([quote(ts=5000, bid=1.9)], clock.monotonic_s(), NOW)
    done = flusher.flush(rights(), wait=False)
    conflator.add([quote(ts=5001, bid=2.1)], clock.monotonic_s(), NOW)
    while not done:
        done = flusher.collect(wait=False)

    assert not flusher.is_under_way
    assert bid_of(store) == 1.9
    flusher.flush(rights())
    assert bid_of(store) == 2.1


def test_one_flush_is_under_way_at_a_time(conflator, flusher, rights, redis):
    """As long as the store has not answered, what waits goes on waiting."""
    conflator.add([quote(ts=5000, bid=1.9)], 0.0, NOW)
    right = rights()
    redis.execute_command("CLIENT", "PAUSE", 100, "ALL")
    flusher.flush(right, wait=False)
    conflator.add([quote(ts=5001, bid=2.1)], 0.0, NOW)

    assert flusher.flush(right, wait=False) == []
    assert conflator.waiting == 1
    assert len(flusher.flush(right)) == 2


def test_a_store_that_is_away_loses_no_chain(store, clock, monkeypatch):
    """Chains whose turn had not come yet wait again, too."""
    conflator, spy = holding(CALL), ChainId("SPY", SPX.expiration)
    conflator.hold({SPX: {CALL: b"{}"}, spy: {"O:SPY": b"{}"}})
    conflator.add([quote(ts=5000), quote("O:SPY", ts=5000)], 0.0, NOW)

    def fail(*_arguments):
        raise StoreUnavailable("here", "gone")

    monkeypatch.setattr(store, "begin", fail)
    with pytest.raises(StoreUnavailable):
        Flusher(conflator, store, clock, window_s=0.05).flush({SPX: Right(1, 1), spy: Right(1, 1)})

    assert conflator.waiting == 2


@pytest.mark.processes
@pytest.mark.parametrize("error", [StoreUnavailable("here", "gone"), RuntimeError("a fault of the valuer's")])
def test_what_is_to_be_added_may_fail(conflator, store, clock, redis, rights, error):
    """A store that is away when it is asked for spot, amid a flush: what was taken waits again, no connection is kept."""
    redis.set("writertoken:SPX", 1)
    fails = [True]

    def extra(_chain, _contracts):
        if fails:
            raise error
        return ()

    flusher = Flusher(conflator, store, clock, window_s=0.05, extra=extra)
    conflator.add([quote(ts=5000, bid=1.9)], 0.0, NOW)
    both = rights() | {ChainId("SPX", DAY.replace(day=27)): Right(1, 1)}
    for _ in range(3):
        with pytest.raises(type(error)):
            flusher.flush(both)
    fails.clear()

    assert conflator.waiting == 1
    flusher.flush(rights())

    assert bid_of(store) == 1.9


def test_a_store_that_dies_under_way_loses_nothing(clock):
    """What was sent waits again, and what came meanwhile with it."""
    server = start_server(server_binaries()["valkey"], port := free_port())
    redis = Redis(port=port, retry=None)
    flusher = Flusher(holding(CALL), RedisChainStore(redis, clock, "test"), clock, window_s=0.05)
    redis.ping()
    server.send_signal(signal.SIGSTOP)
    flusher._conflator.add([quote(ts=5000)], 0.0, NOW)
    assert flusher.flush({SPX: Right(1, 1)}, wait=False) == []
    assert flusher._conflator.waiting == 0
    server.kill()
    server.wait()

    with pytest.raises(StoreUnavailable):
        flusher.collect(wait=True)
    assert (flusher.is_under_way, flusher._conflator.waiting) == (False, 1)


def holding(name):
    """A conflator that holds one contract."""
    made = Conflator()
    made.hold({SPX: {name: b"{}"}})
    return made


def test_a_store_that_does_not_answer_is_waited_for_in_the_end(conflator, flusher, rights, redis, clock):
    """After two seconds the library's own time-out is to say whether the server is away."""
    conflator.add([quote(ts=5000, bid=1.9)], clock.monotonic_s(), NOW)
    right = rights()
    redis.execute_command("CLIENT", "PAUSE", 100, "ALL")
    assert flusher.flush(right, wait=False) == []
    assert flusher.collect(wait=False) == []
    clock.advance(2.1)

    assert len(flusher.collect(wait=False)) == 1


def test_a_little_slower_changes_nothing(conflator, flusher, rights, store, clock, monkeypatch):
    """The window widens when that is by a quarter at least."""
    slow(store, clock, monkeypatch, 0.03)
    for step in range(20):
        conflator.add([quote(ts=5000 + step, bid=1.0 + step / 100)], 0.0, NOW)
        flusher.flush(rights())

    assert (flusher.window_ms, flusher.is_widened) == (50, False)


def test_extra_changes_are_written_with_the_others(conflator, store, clock, redis, rights):
    """The hook is told what is flushed of each chain that is held, and may add to it, even when nothing waits."""
    redis.set("writertoken:SPX", 1)
    told = []

    def extra(chain, contracts):
        told.append((chain, [latest.ticker for latest in contracts]))
        return []

    flusher = Flusher(conflator, store, clock, window_s=0.05, extra=extra)
    conflator.add([quote(ts=5000, bid=1.9)], 0.0, NOW)
    flusher.flush(rights())
    flusher.flush(rights())

    assert told == [(SPX, [CALL]), (SPX, [])]
