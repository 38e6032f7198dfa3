"""How the stream writes: flush by flush, while it reads on or waits, and again when a flush has failed."""

import json
import time

import pytest

from marketswarm.chain.loader import LoadRequest
from marketswarm.errors import StoreUnavailable
from tests.support.builders import SPX, quote, ticker
from tests.support.chain_stream_rig import CALL, Rig
from tests.support.fakes import FakeFeed
from tests.support.merge import merge_patch


def test_updates_that_meet_a_new_epoch_are_not_lost(live):
    """A flush that finds the set changed looks again and applies what waited."""
    live.market.spot = 6821.0
    live.feed.send(quote(ts=5000, bid=1.9))
    live.stream._due["look"] = float("inf")
    live.loader.extend(LoadRequest("SPX", "drift", 4))
    live.turn()
    live.turn()

    assert live.stored()["quote"]["bid"] == 1.9


def test_a_window_of_zero_applies_each_frame_as_it_comes(redis, clock):
    """Three frames are three steps, and nothing turns in vain while the store is away."""
    live = Rig(redis, clock, flush_s=0.0).go_live()
    seq = live.store.meta(SPX).seq
    for step in range(3):
        live.feed.send(quote(ts=5000 + step, bid=1.7 + step / 10))

    live.turn()

    assert live.store.meta(SPX).seq == seq + 3


def hang_store(live):
    """The stream reads on while the store works, which does not answer the flush of this turn for a moment."""
    live.stream._reads_on = True
    live.feed.send(quote(ts=5000, bid=1.9))
    live.stream._due |= dict.fromkeys(("lease", "look", "report"), float("inf"))
    live.redis.execute_command("CLIENT", "PAUSE", 100, "ALL")
    live.turn()
    assert live.stream._flusher.is_under_way


def answered(live):
    """Turns go on until the store has answered what is under way."""
    live.stream._due["flush"] = float("inf")
    for _ in range(1000):
        live.turn(0.001)
        if not live.stream._flusher.is_under_way:
            return
        time.sleep(0.002)
    pytest.fail("no answer")


def test_frames_are_read_while_the_store_works(live):
    """Turns end before the store has answered; nothing more is written until then, and what came meanwhile is the next flush."""
    hang_store(live)
    live.feed.send(quote(ts=5001, bid=2.1))
    live.turn(0.2)
    assert live.stream._flusher.is_under_way
    assert live.stream._conflator.waiting == 1

    answered(live)
    assert live.stored()["quote"]["bid"] == 1.9
    live.stream._due["flush"] = float("-inf")
    live.turn(0.2)
    answered(live)

    assert live.stored()["quote"]["bid"] == 2.1


def test_a_flush_that_was_due_meanwhile_follows_at_once(live):
    """It does not wait for another window when the store has answered."""
    hang_store(live)
    live.feed.send(quote(ts=5001, bid=2.1))
    live.turn(0.2)
    assert live.stream._flusher.is_under_way
    for _ in range(200):
        live.turn(0)
        time.sleep(0.002)

    assert live.stored()["quote"]["bid"] == 2.1


def test_otherwise_each_flush_is_waited_for(live):
    """So that the same input gives the same steps, however fast the store is."""
    live.feed.send(quote(ts=5000, bid=1.9))
    live.redis.execute_command("CLIENT", "PAUSE", 50, "ALL")
    live.turn()
    assert not live.stream._flusher.is_under_way
    assert live.stored()["quote"]["bid"] == 1.9


def test_an_answer_for_a_chain_that_is_gone_is_nobodys(live):
    """What was dropped while it was being written is not counted any more."""
    hang_store(live)
    live.stream._mine["SPX"].chains.clear()
    applied = live.stream._mine["SPX"].applied
    answered(live)

    assert live.stream._mine["SPX"].applied == applied


def test_an_answer_to_an_earlier_right_is_nobodys(live):
    """A refusal of the token that was held before does not end the right that is held now."""
    live.redis.set("writertoken:SPX", 99)
    hang_store(live)
    live.stream._mine["SPX"].fence = 100
    answered(live)

    assert "SPX" in live.stream._mine


def test_a_flood_holds_nothing_up(live, monkeypatch):
    """While every look at the feed brings more, flushes, leases and reports keep their pace."""
    live.stream._reads_on = True
    frames = iter(range(400))

    def flood(_timeout_s):
        live.clock.advance(0.01)
        live.feed.send(quote(ts=5000 + (step := next(frames)), bid=1.0 + step / 100))
        return FakeFeed.poll(live.feed, 0)

    monkeypatch.setattr(live.feed, "poll", flood)
    live.redis.pexpire("writer:SPX", 60_000)
    seq, reported_ms = live.store.meta(SPX).seq, set()
    for _ in range(400):
        live.stream.turn()
        reported_ms.add(live.reports.read("SPX")["ts"])

    assert 400 / 6 - 2 <= live.store.meta(SPX).seq - seq <= 400 / 5 + 2
    assert live.redis.pttl("writer:SPX") < 30_000
    assert len(reported_ms) == pytest.approx(4, abs=1)


def test_what_waited_is_written_when_the_store_is_back(live, monkeypatch):
    """A flush that fails gives back what it took: the last value is not lost."""
    begin, failed = live.store.begin, []

    def fail():
        failed.append(1)
        raise StoreUnavailable("here", "gone")

    monkeypatch.setattr(live.store, "begin", fail)
    live.feed.send(quote(ts=5000, bid=1.9))
    live.turn()
    assert failed
    monkeypatch.setattr(live.store, "begin", begin)
    live.turn(0.6)

    assert live.stored()["quote"]["bid"] == 1.9


def test_a_reader_of_snapshot_and_feed_holds_the_hash_at_any_moment(live):
    """Take the hash with its seq, follow the feed: equal to the hash after every kind of change, loads included."""
    mirror = live.store.read("SPX")
    model = {name: json.loads(row) for name, row in live.redis.hgetall("chain:SPX:2026-11-23").items()}
    model = {name.decode(): row for name, row in model.items()}
    seq = mirror.meta.seq
    for step in range(12):
        live.feed.send(quote(ts=10_000 + step, bid=1.0 + step / 10), quote(ticker(6805), ts=10_000 + step))
        if step % 4 == 1:
            live.market.spot += 5
            live.loader.extend(LoadRequest("SPX", "drift", 4))
        if step % 4 == 3:
            live.market.ts, live.market.bid = 10_000 + step, 2.0 + step
            live.loader.load(LoadRequest("SPX", "manual", 4))
        live.turn()

    for _, fields in live.redis.xrange("sse:chain-feed"):
        if int(fields[b"seq"]) <= seq:
            continue
        assert int(fields[b"prev_seq"]) == seq
        seq = int(fields[b"seq"])
        model = merge_patch(model, json.loads(fields[b"updates"]))
        for name in json.loads(fields.get(b"removed", b"[]")):
            del model[name]
    stored = {
        name.decode(): json.loads(row) for name, row in live.redis.hgetall("chain:SPX:2026-11-23").items()
    }
    assert model == stored


def test_between_frames_all_that_came_is_stored(live):
    """What is asked for is done once, between two turns, told the symbols, when the store holds what the feed has brought."""
    seen = []
    live.feed.send(quote(CALL, bid=2.5, ts=5000))
    live.stream.turn()
    live.feed.send(quote(CALL, bid=2.6, ts=5001))
    live.stream.turn()
    live.stream.between_frames(lambda symbols: seen.append((symbols, live.stored()["quote"]["bid"])))
    live.stream.turn()
    live.stream.turn()
    assert seen == [(("SPX",), 2.6)]
