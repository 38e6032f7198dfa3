"""Operation 2: the stream, turn by turn, with a feed that does as it is told and a real server."""

import json
import signal
import time

import pytest
from redis import Redis

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.loader import ChainLoader, LoadRequest
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.stored import Window
from marketswarm.chain.stream import ChainStream
from marketswarm.errors import StoreUnavailable
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from marketswarm.ports import BadFrames, FeedNotice
from tests.support.builders import DAY, EXPIRE_MS, SPX, quote, ticker
from tests.support.fakes import FakeFeed, FakeMarket
from tests.support.merge import merge_patch
from tests.support.valkey import free_port, server_binaries, start_server

CALL = ticker(6800)


class Rig:
    """A stream, its feed, and a loader that answers its requests when told."""

    def __init__(self, redis: Redis, clock, owner="a", flush_s=0.05, symbols=("SPX",), connections=1):
        self.redis, self.clock = redis, clock
        self.store = RedisChainStore(redis, clock, "test")
        self.market, self.feed, self.asked = FakeMarket(), FakeFeed(clock), []
        flights, calendar = FlightControl(redis, "test"), us_options_calendar()
        pointers = ChainPointers(redis, clock, "test")
        self.loader = ChainLoader(
            self.market, self.store, flights, calendar, clock, pointers=pointers, source="sim"
        )
        self.open = True
        self.reports = StreamReports(redis, "test")
        self.requests = []
        self.stream = ChainStream(
            self.feed,
            self.store,
            WriterLeases(redis, clock, "test", owner, connections=connections),
            self.reports,
            clock,
            symbols=symbols,
            in_session=lambda _now_ms: self.open,
            held_chains=self.held,
            request_load=self.request,
            flush_s=flush_s,
            failed_loads=flights.failures,
        )

    def request(self, _symbol, reason, request):
        self.asked.append(reason)
        self.requests.append(request)

    def held(self, symbol):
        day = self.store.current_expiration(symbol)
        return [ChainId(symbol, day)] if day else []

    def turn(self, seconds=0.2):
        self.clock.advance(seconds)
        self.stream.turn()

    def answer(self):
        """Do the load that was asked for last."""
        self.loader.load(LoadRequest("SPX", self.asked.pop(), 4, request=self.requests[-1]))
        self.turn()

    def go_live(self):
        self.turn()
        self.answer()
        self.feed.confirm()
        self.turn()
        self.turn()
        self.answer()
        self.turn(1.1)
        return self

    @property
    def state(self):
        return self.store.meta(SPX).state

    def stored(self, name=CALL):
        return json.loads(self.redis.hget("chain:SPX:2026-11-23", name))


@pytest.fixture
def rig(redis, clock):
    """A stream that has not turned yet."""
    return Rig(redis, clock)


@pytest.fixture
def live(rig):
    """A stream whose chain is live."""
    return rig.go_live()


def test_nothing_is_streamed_before_the_load_of_the_start(rig):
    """The stream asks for the start's load and subscribes nothing before it is stored."""
    rig.turn()
    assert rig.asked == ["startup"]
    assert rig.feed.wanted == set()

    rig.answer()

    assert len(rig.feed.wanted) == 18


def test_a_chain_of_an_earlier_run_is_loaded_anew(rig):
    """What an earlier run left behind is not streamed, however fresh it looks."""
    rig.loader.load(LoadRequest("SPX", "startup", 4))
    rig.clock.advance(1)

    rig.turn()

    assert rig.asked == ["startup"]
    assert rig.feed.wanted == set()


def test_the_load_is_asked_for_once_and_again_only_if_nobody_answers(rig):
    """Not in every turn, but after five seconds without an answer."""
    for _ in range(20):
        rig.turn(0.1)
    assert rig.asked == ["startup"]

    rig.turn(3.5)

    assert rig.asked == ["startup", "startup"]


def test_a_second_chain_that_never_comes_is_asked_for_ever_later(rig):
    """Of two expirations one is stored and the other fails, each time: the asking slows down instead of chasing itself."""
    for _ in range(600):
        rig.turn(0.1)
        if rig.asked:
            rig.asked.clear()
            rig.loader.load(LoadRequest("SPX", "startup", 4, request=rig.requests[-1]))
            rig.redis.hset("chainmeta:SPX:2026-11-23", "request_chains", 2)

    assert 3 <= len(rig.requests) <= 6


def test_the_seam_between_snapshot_and_subscription_is_closed(rig):
    """What changed before the subscription stood is fetched once more, and only then is the chain live."""
    rig.turn()
    rig.answer()
    rig.feed.confirm()
    rig.turn(1.1)
    rig.turn(1.1)
    assert rig.asked == ["audit"]
    assert rig.state == "loading"

    rig.answer()
    rig.feed.send(quote(ts=2000))
    rig.turn(1.1)

    assert rig.state == "live"


def test_a_quote_reaches_the_chain_and_its_feed(live):
    """The fields are changed, the entry says which, and the seq has grown by one."""
    seq = live.store.meta(SPX).seq
    live.feed.send(quote(ts=2000, bid=1.7, ask=1.75))

    live.turn()

    assert live.stored()["quote"]["bid"] == 1.7
    assert live.store.meta(SPX).seq == seq + 1


def test_an_unlisted_contract_changes_nothing_and_is_counted(live):
    """A ticker that the chain does not hold is counted with a sample; the others of the frame are applied."""
    size = live.redis.hlen("chain:SPX:2026-11-23")
    live.feed.send(quote(ticker(9999)), quote(ts=2000, bid=1.9))
    live.turn(1.1)
    live.turn(1.1)

    assert live.redis.hlen("chain:SPX:2026-11-23") == size
    assert live.stored()["quote"]["bid"] == 1.9
    assert live.reports.bad_frame_counts() == {"unlisted": 1}
    assert ticker(9999) in live.reports.bad_frame_samples()[0]["text"]


def test_bad_frames_of_the_feed_are_kept(live):
    """What the feed could not read is counted and sampled in the store."""
    live.feed.bad = BadFrames({"not-json": 3}, [("not-json", "<html>")])

    live.turn(1.1)

    assert live.reports.bad_frame_counts() == {"not-json": 3}


def test_a_lost_connection_is_a_gap_until_it_is_repaired(live):
    """Gap at once; after the subscription stands again a load is asked for; live when it is stored."""
    live.feed.lose()
    live.turn()
    assert live.state == "gap"
    assert live.asked == []

    live.feed.confirm()
    live.turn()
    live.turn()
    assert live.asked == ["gap"]
    assert live.state == "gap"

    live.answer()
    live.feed.send(quote(ts=3000))
    live.turn(1.1)
    assert live.state == "live"
    assert live.reports.read("SPX")["gaps"] == 1


def test_a_load_from_before_the_gap_does_not_repair_it(live):
    """Rows that were asked for before the connection was back prove nothing."""
    live.feed.lose()
    live.turn()
    live.loader.load(LoadRequest("SPX", "manual", 4))
    live.clock.advance(0.01)
    live.feed.confirm()
    live.turn()
    live.turn(1.1)

    assert live.state == "gap"


def test_silence_in_session_is_stale_and_ends_with_the_next_frame(live):
    """Less than five seconds without a frame: stale, and stored so; after the next frame it is fetched, and live."""
    live.feed.send(quote(ts=3000))
    for _ in range(49):
        live.turn(0.1)
    assert live.state == "stale"

    live.feed.send(quote(ts=4000))
    live.turn(1.1)
    live.turn(1.1)
    live.turn(0.1)
    assert (live.state, live.asked) == ("loading", ["audit"])

    live.answer()
    live.feed.send(quote(ts=5000))
    live.turn(1.1)
    assert live.state == "live"


def test_silence_out_of_session_is_no_fault(live):
    """A closed market is closed, for a whole weekend."""
    live.open = False
    for _ in range(10):
        live.turn(6 * 3600)

    assert live.state == "closed"
    assert live.reports.read("SPX")["gaps"] == 0

    live.open = True
    live.turn(1.1)
    assert live.state == "live"


def test_the_report_tells_what_was_refused_and_flagged(live):
    """Per symbol and reason, since the stream began: what it refused, what was the same, what is odd and stored."""
    live.feed.send(quote(ts=3000), quote(ts=2999), quote(ticker(6805), bid=2, ask=1, ts=3000))
    live.turn()
    live.feed.send(quote(ts=3000))
    live.turn(1.1)

    told = live.reports.read("SPX")
    assert (told["refused"], told["flagged"]) == ({"late": 1}, {"crossed": 1})
    assert (told["applied"], told["same"], told["stale"]) == (2, 1, 0)


def test_a_loss_that_an_audit_announced_is_repaired(live):
    """The announced gap is seen, counted with its cause, repaired by a load that was asked for since, and over."""
    row = live.loader._market.chain_rows(SPX, 6800, 6800).contracts[CALL]
    live.redis.set("loading:SPX", "audit")
    live.store.stage(SPX, "audit", [row])
    live.store.commit(
        SPX,
        "audit",
        Window(6801.5, 6800, 6780, 6820),
        reason="gap",
        source="sim",
        expire_ms=EXPIRE_MS,
        origin=None,
        in_force=False,
        doubt="audit",
    )
    live.redis.delete("loading:SPX")
    assert live.state == "gap"

    live.turn()
    live.turn(1.1)
    assert (live.asked, live.state) == (["gap"], "gap")
    assert live.reports.read("SPX")["gap_causes"] == {"audit": 1}

    live.feed.send(quote(ts=4000))
    live.turn()
    live.answer()
    live.turn(1.1)
    assert live.state == "live"


def test_new_strikes_are_subscribed_and_far_ones_unsubscribed(live):
    """The stream follows the loader's set, and reports at which epoch everything is subscribed."""
    live.market.spot = 6821.0
    live.loader.extend(LoadRequest("SPX", "drift", 4))
    live.turn()
    assert ticker(6840) in live.feed.wanted
    assert ticker(6780) in live.feed.wanted

    live.feed.confirm()
    live.turn()
    epoch = live.store.meta(SPX).epoch
    assert live.reports.read("SPX")["served_epochs"] == {"2026-11-23": epoch}


def test_new_strikes_are_fetched_once_more_when_they_are_subscribed(live):
    """What changed between their load and their subscription is not missed, and until then the chain is not live."""
    live.market.spot = 6821.0
    live.loader.extend(LoadRequest("SPX", "drift", 4))
    live.turn()
    live.market.bid, live.market.ts = 9.0, 9000
    live.feed.confirm()
    live.turn()
    live.turn()
    assert (live.asked, live.state) == (["audit"], "loading")

    live.answer()
    live.feed.send(quote(ticker(6820), ts=9500))
    live.turn(1.1)
    live.turn(1.1)
    assert live.stored(ticker(6840))["quote"]["bid"] == 9.0
    assert live.state == "live"


def test_a_roll_goes_the_whole_way(live):
    """The new chain is live when it is subscribed and fetched since; the old one is closed."""
    live.market.days = [DAY.replace(day=24)]
    live.clock.step((us_options_calendar().session(DAY).close_ms - live.clock.now_ms()) / 1000)
    live.loader.load(LoadRequest("SPX", "roll", 4))
    live.turn()
    live.turn(1.1)
    new = ChainId("SPX", DAY.replace(day=24))
    assert (live.store.meta(new).state, live.state) == ("loading", "closed")

    live.feed.confirm()
    live.turn()
    live.turn()
    live.answer()
    live.feed.send(quote("O:SPXW261124C06800000", ts=9500))
    live.turn(1.1)
    live.turn(1.1)
    assert live.store.meta(new).state == "live"


def test_a_predecessors_chain_is_not_live_until_it_is_ours(live, redis, clock):
    """A stream that takes over says at once that what it found is not attended to yet, whatever the provider does."""
    redis.delete("writer:SPX", "connection:1")
    redis.hset("chainmeta:SPX:2026-11-23", "state", "live")
    other = Rig(redis, clock, owner="b")
    other.turn()

    other.turn(1.1)

    assert other.state == "loading"


def test_a_chain_hash_that_was_taken_away_is_fetched_again(live):
    """Somebody deletes the hash: the next update finds nothing to land on, and the chain is loaded again."""
    live.redis.delete("chain:SPX:2026-11-23")
    live.feed.send(quote(ts=5000))
    live.turn()
    live.turn()

    assert live.asked
    live.answer()
    assert live.redis.hlen("chain:SPX:2026-11-23") == 18


def test_a_single_contract_that_was_taken_away_is_fetched_again(live):
    """A listed contract that the hash lacks at an unchanged epoch is a gap, and comes back with the repair."""
    live.redis.hdel("chain:SPX:2026-11-23", CALL)
    live.feed.send(quote(ts=5000))
    live.turn(1.1)
    live.turn()
    assert (live.state, live.asked) == ("gap", ["gap"])

    live.answer()
    assert live.redis.hlen("chain:SPX:2026-11-23") == 18


def test_a_server_whose_clock_went_back_is_followed_all_the_same(live):
    """On an emptied server the entries of loads may have lower ids than the ones seen before."""
    live.stream._lookout._seen = "9999999999999-0"
    live.redis.flushall()
    live.feed.send(quote(ts=5000))
    live.turn()
    live.turn()

    live.answer()
    live.turn()

    assert len(live.feed.wanted) == 18


def test_only_usable_updates_are_a_sign_of_life(live):
    """Frames for other contracts, or with impossible times, do not keep a chain live."""
    for _ in range(8):
        live.feed.send(quote(ticker(9999), ts=5000), quote(ts=live.clock.now_ms() + 600_000))
        live.turn(1.0)

    assert live.state == "stale"


def test_updates_that_meet_a_new_epoch_are_not_lost(live):
    """A flush that finds the set changed looks again and applies what waited."""
    live.market.spot = 6821.0
    live.feed.send(quote(ts=5000, bid=1.9))
    live.stream._due["look"] = float("inf")
    live.loader.extend(LoadRequest("SPX", "drift", 4))
    live.turn()
    live.turn()

    assert live.stored()["quote"]["bid"] == 1.9


def test_an_emptied_server_is_filled_again(live):
    """After FLUSHALL the stream takes its symbol again, asks for a load, and streams it."""
    live.redis.flushall()
    live.feed.send(quote(ts=5000))
    live.turn()
    live.turn()
    assert live.asked == ["startup"]

    live.answer()
    live.feed.confirm()
    live.turn()
    live.turn()
    live.answer()
    live.feed.send(quote(ts=6000, bid=1.9))
    live.turn(1.1)
    live.turn(1.1)

    assert live.stored()["quote"]["bid"] == 1.9
    assert live.state == "live"


def test_another_stream_waits_and_takes_over(live, redis, clock):
    """While one stream writes, another holds nothing; when the first leaves, it takes the symbol over."""
    other = Rig(redis, clock, owner="b")
    other.turn()
    assert other.asked == []
    assert other.feed.wanted == set()

    live.stream.run(lambda: True)
    other.turn(3.1)

    assert live.feed.stopped == 1
    assert other.asked == ["startup"]


def test_a_revived_stream_writes_nothing(live, redis, clock):
    """A paused owner whose lease ran out is refused by the script, and lets go."""
    redis.delete("writer:SPX", "connection:1")
    other = Rig(redis, clock, owner="b")
    other.turn()
    before = live.stored()

    live.feed.send(quote(ts=9000, bid=7.77))
    live.turn()
    live.turn()

    assert live.stored() == before
    assert live.feed.wanted == set()


def test_a_symbol_is_handed_over_whole(redis, clock):
    """What waits is written first; the chain is loading, not live, until the other writer has made it its own."""
    pair = {"symbols": ("SPY", "SPX"), "connections": 2}
    one = Rig(redis, clock, flush_s=100.0, **pair)
    one.turn()
    one.requests.pop(0), one.asked.pop(0)  # SPY's chain plays no part
    one.go_live()
    one.feed.send(quote(ts=2000, bid=1.9))
    one.turn()
    assert one.stored()["quote"]["bid"] != 1.9

    two = Rig(redis, clock, owner="b", **pair)
    two.turn()
    one.turn(0.5)

    assert one.stored()["quote"]["bid"] == 1.9
    assert one.state == "loading"
    assert one.feed.wanted == set()
    assert set(one.stream.status()["symbols"]) == {"SPY"}

    two.turn()
    two.asked, two.requests = two.asked[-1:], two.requests[-1:]
    two.answer()
    two.feed.confirm()
    two.turn()
    two.turn()
    two.answer()
    two.turn(1.1)
    assert two.state == "live"
    assert set(two.stream.status()["symbols"]) == {"SPX"}
    assert one.reports.read("SPX")["owner"] == "b"


def test_a_loss_that_names_other_contracts_is_no_gap(live):
    """When one of several connections is lost, only chains with contracts on it have a gap."""
    live.feed.items.append(FeedNotice("lost", "closed 1006", frozenset({ticker(9999)})))
    live.turn(1.1)
    assert live.state == "live"

    live.feed.items.append(FeedNotice("lost", "closed 1006", frozenset({CALL, ticker(9999)})))
    live.turn(1.1)
    assert live.state == "gap"


def test_the_feed_may_use_the_connections_that_are_held(redis, clock):
    """More contracts than one connection carries take a second one where the account has it."""
    rig = Rig(redis, clock, connections=2)
    rig.go_live()
    assert rig.feed.allowed == 1

    rig.stream._mine["SPX"].chains[SPX].universe.contracts.update({f"O:X{n}": "{}" for n in range(1000)})
    rig.turn(0.6)

    assert rig.feed.allowed == 2


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


def test_a_load_that_failed_is_asked_for_again_soon(rig):
    """The worker tells the stream which request has failed; a load of somebody else's is none of its business."""
    rig.turn()
    assert rig.asked == ["startup"]
    flights = FlightControl(rig.redis, "test")
    flights.note_failure("SPX", "another", 1)
    rig.turn(0.5)
    assert rig.asked == ["startup"]

    flights.note_failure("SPX", rig.requests[-1], 2)
    rig.turn()
    rig.turn(0.3)

    assert rig.asked == ["startup", "startup"]
    assert len(set(rig.requests)) == 1


def test_a_store_that_went_back_unnoticed_is_a_gap(live):
    """A replica that lagged has taken over, and no connection was lost: the next flush comes to an older seq."""
    chain, meta = "chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23"
    old, seq = live.redis.hget(chain, ticker(6805)), live.redis.hget(meta, "seq")
    for step in range(5):
        live.feed.send(quote(ticker(6805), ts=3000 + step, bid=2.0 + step))
        live.turn()
    live.redis.hset(chain, ticker(6805), old)
    live.redis.hset(meta, "seq", seq)

    live.feed.send(quote(ticker(6800), ts=4000, bid=2.5))
    live.turn()
    live.turn(1.1)
    live.turn()

    assert live.state == "gap"
    assert live.reports.read("SPX")["gap_causes"] == {"store": 1}
    assert live.asked == ["gap"]


def test_counters_and_lag_are_told(live):
    """Applied and stale changes, late events, and the lag of what was applied."""
    live.feed.send(quote(ts=5000), quote(ts=4000))
    live.turn(1.1)
    live.turn(1.1)

    report = live.reports.read("SPX")
    assert report["applied"] >= 1
    assert live.stream.status()["late"] == 1
    assert set(report["lag_ms"]) <= {"p50", "p99"}


def test_leaving_marks_the_chain_stale(live):
    """A stream that ends does not leave a chain behind that claims to be live, and flushes what waits."""
    live.feed.send(quote(ts=5000, bid=1.9))
    live.stream._conflator.add(live.feed.poll(0)[0].updates, 0.0, live.clock.now_ms())

    live.stream.run(lambda: True)

    assert live.state == "stale"
    assert live.stored()["quote"]["bid"] == 1.9
    assert live.redis.exists("writer:SPX") == 0


def test_a_refused_key_is_said_and_nothing_is_live(live):
    """A terminal refusal is a lost connection that does not come back."""
    live.feed.up = False
    live.feed.items.append(FeedNotice("refused", "authentication failed"))

    live.turn()

    assert live.state == "gap"


def test_status_tells_of_every_symbol(live):
    """Plain values for `celery inspect streams`."""
    status = live.stream.status()

    assert status["symbols"]["SPX"]["contracts"] == 18
    assert json.loads(json.dumps(status)) == status


def test_a_reload_can_be_asked_for_by_name(live):
    """A streamed symbol is reloaded; another one is refused."""
    assert live.stream.reload("SPX") is True
    assert live.asked == ["manual"]
    assert live.stream.reload("IWM") is False


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


@pytest.mark.processes
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_dies_and_comes_back_empty_is_rebuilt(clock, end):
    """While the server is away the latest states wait; when it is back the chain is loaded and streamed again."""
    port, binary = free_port(), server_binaries()["valkey"]
    server = start_server(binary, port)
    live = Rig(Redis(port=port, retry=None), clock).go_live()

    server.send_signal(end)
    server.wait()
    for step in range(5):
        live.feed.send(quote(ts=5000 + step, bid=1.5 + step / 10))
        live.turn(0.6)
    server = start_server(binary, port)
    try:
        live.turn(0.6)
        live.turn(0.6)
        assert live.asked[-1] in ("gap", "startup")
        live.asked = live.asked[-1:]
        live.answer()
        live.feed.send(quote(ts=6000, bid=2.5))
        live.turn(1.1)
        live.turn(1.1)
        assert live.stored()["quote"]["bid"] == 2.5
    finally:
        server.kill()
        server.wait()


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
