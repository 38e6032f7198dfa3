"""Greeks from the load to the stream, with a real server between them."""

import json
from datetime import UTC, datetime

import pytest

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.loader import ChainLoader
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.stream import ChainStream
from marketswarm.greeks_joint import GreeksJoint
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainRows
from marketswarm.model.contract import Greeks
from marketswarm.model.spot import SpotReading
from marketswarm.spot.redis_spots import RedisSpots
from tests.support.builders import SPX, quote, ticker
from tests.support.fakes import FakeFeed, FakeMarket
from tests.support.merge import merge_patch
from tests.support.priced_chain import CLOSE_MS, PricedChain

HASH, META = "chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23"
CALL, PUT = ticker(6_810), ticker(6_810, "put")


class PricedMarket(FakeMarket):
    """A provider whose quotes carry a volatility, and whose own greeks say something else."""

    def __init__(self, priced: PricedChain) -> None:
        super().__init__(6_700, 6_900, 5, 6_800.0)
        self.priced = priced

    def chain_rows(self, chain, low, high):
        provider = Greeks(iv=0.1, delta=0.4, source="provider", ts=self.priced.now_ms)
        rows = [row for row in self.priced.contracts(greeks=provider) if low <= row.strike <= high]
        return ChainRows(chain, {row.ticker: row for row in rows})


class Rig:
    """Loader and stream with greeks, joined as in a worker."""

    def __init__(self, redis, store, clock):
        self.redis, self.store, self.clock = redis, store, clock
        self.priced = PricedChain(now_ms=clock.now_ms())
        self.joint = GreeksJoint(store, RedisSpots(redis, "test"), us_options_calendar(), clock)
        self.provider = PricedMarket(self.priced)
        self.loader = ChainLoader(
            self.provider,
            store,
            FlightControl(redis, "test"),
            us_options_calendar(),
            clock,
            pointers=ChainPointers(redis, clock, "test"),
            source="sim",
            greeks=self.joint.load_greeks(),
        )
        self.feed = FakeFeed(clock)
        self.stream = ChainStream(
            self.feed,
            store,
            WriterLeases(redis, clock, "test", "a"),
            StreamReports(redis, "test"),
            clock,
            symbols=["SPX"],
            in_session=lambda _now_ms: True,
            held_chains=lambda _symbol: [SPX],
            request_load=lambda _symbol, reason, request: self.load(reason, request),
            flush_s=0.05,
            valuer=self.joint.valuer(),
        )

    def load(self, reason="manual", request=""):
        return self.loader.load(LoadRequest("SPX", reason, 10, request=request))

    def turn(self, seconds=0.3):
        self.clock.advance(seconds)
        self.priced.now_ms = self.clock.now_ms()
        self.stream.turn()

    def quotes(self, *tickers, seq=1):
        """New quotes of these contracts at the market's volatility."""
        updates = []
        for name in tickers:
            row = self.chain()[name]
            bid, ask = self.priced.quote(row["strike"], row["type"])
            updates.append(quote(name, bid=bid, ask=ask, ts=self.priced.now_ms, seq=seq))
        self.feed.send(*updates)

    def chain(self):
        return {name.decode(): json.loads(text) for name, text in self.redis.hgetall(HASH).items()}


@pytest.fixture
def rig(redis, store, clock):
    """A chain that is loaded and streamed."""
    rig = Rig(redis, store, clock)
    rig.turn()
    rig.turn()
    rig.feed.confirm()
    rig.turn()
    rig.turn()
    return rig


def test_a_chain_has_local_greeks_from_its_first_commit(redis, store, clock):
    """The first entry of the feed holds them, and nothing that the provider said."""
    rig = Rig(redis, store, clock)
    rig.load("startup")
    ((_, entry),) = redis.xrange("sse:chain-feed")
    rows = json.loads(entry[b"updates"]).values()
    assert {row["greeks"]["source"] for row in rows} == {"local"}
    assert [row["greeks"]["iv"] for row in rows] == pytest.approx([0.25] * 42, abs=1e-7)


def test_the_stream_agrees_with_the_load(rig):
    """Its valuations after the loads, with no quote of its own, write nothing beside what the loads have written."""
    assert rig.redis.xlen("sse:chain-feed") == rig.redis.xlen("sse:chain-full") == 2


def test_greeks_follow_a_quote_within_a_moment(rig):
    """A call's quote moves both sides of its strike, in the entry of the quote itself."""
    rig.priced.volatility = 0.26
    rig.turn(0)
    rig.quotes(CALL)
    rig.turn()

    rows = rig.chain()
    assert [rows[name]["greeks"]["iv"] for name in (CALL, PUT)] == pytest.approx([0.26] * 2, abs=1e-7)
    assert rows[CALL]["greeks"]["ts"] == rows[CALL]["ts"] == rows[CALL]["quote"]["ts"]
    assert rows[ticker(6_820)]["greeks"]["iv"] == pytest.approx(0.25, abs=1e-7)
    newest = rig.redis.xrevrange("sse:chain-feed", count=1)[0][1]
    updates = json.loads(newest[b"updates"])
    assert updates.keys() == {CALL, PUT}
    assert updates[CALL].keys() == {"v", "ts", "quote", "greeks"}


def test_load_and_stream_do_not_fight(rig):
    """Loads between flushes: in the end every greek is that of the stored quotes, and only local ones were ever told."""
    for step in range(12):
        rig.priced.volatility = 0.25 + 0.002 * step
        rig.quotes(*list(rig.chain())[step::3], seq=step + 1)
        if step % 4 == 2:
            rig.load()
        rig.turn(0.2)
    rig.turn()
    rig.turn()

    rows = rig.chain()
    settled = rig.joint.load_greeks().whole(SPX, rig.store.read("SPX").contracts.values(), 6_800.0)
    for row in settled:
        assert rows[row.ticker]["greeks"]["iv"] == pytest.approx(row.greeks.iv, rel=1e-3)
    told = [json.loads(entry[b"updates"]) for _, entry in rig.redis.xrange("sse:chain-feed")]
    assert "provider" not in json.dumps(told)
    model = {}
    for updates in told:
        model = merge_patch(model, updates)
    assert model == rows


def test_strikes_that_drift_brings_have_local_greeks(rig):
    """New strikes are valued with the chain that they join, before the commit that brings them."""
    rig.provider.spot, before = 6_850.0, rig.chain()
    rig.loader.extend(LoadRequest("SPX", "drift", 10))
    rows = rig.chain()
    new = rows.keys() - before.keys()
    assert new
    assert {rows[name]["greeks"]["source"] for name in new} == {"local"}
    assert [rows[name]["greeks"]["iv"] for name in new] == pytest.approx([0.25] * len(new), abs=1e-6)


def test_settlement_comes_from_the_calendar(rig):
    """Afternoon and morning roots of one day."""
    assert rig.joint.settles_ms(SPX, "SPXW") == CLOSE_MS
    opening = datetime(2026, 11, 23, 14, 30, tzinfo=UTC).timestamp() * 1000
    assert rig.joint.settles_ms(SPX, "SPX") == opening


def test_spot_is_the_newest_that_is_known(rig, redis, clock):
    """The load's until the heartbeat's first tick after it, nothing without either."""
    assert rig.joint.spot_of(SPX)[0] == 6_800.0
    slot = clock.now_ms() // 10_000 * 10_000 + 10_000
    RedisSpots(redis, "test").publish(slot, "sim", [SpotReading("SPX", 6_850.5, slot, "unified")])
    assert rig.joint.spot_of(SPX) == (6_850.5, slot)
    redis.flushall()
    assert rig.joint.spot_of(SPX) is None
