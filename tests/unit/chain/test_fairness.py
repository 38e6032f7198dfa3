"""Four symbols on one connection: whoever needs more, all windows end up alike, within the limit, and stay there."""

import itertools

import pytest

from marketswarm.chain.allotment import StoredAllotment
from marketswarm.chain.drift import DriftWatch
from marketswarm.chain.flight import FlightControl
from marketswarm.chain.loader import ChainLoader
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.strikes import StrikeBook
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY
from tests.support.fakes import FakeMarket

SYMBOLS = ("SPX", "SPY", "QQQ", "NDX")
CAPACITY = 1000


class Rig:
    """The default configuration on a real store: ±50, twelve strikes of margin, a stream that confirms."""

    def __init__(self, redis, store, clock, capacity=CAPACITY, *, connections=1, symbols=SYMBOLS) -> None:
        self.workers, self.symbols = 1, symbols
        self.store, self.clock, self.market = store, clock, FakeMarket(6000, 7600)
        self.allotment = StoredAllotment(
            store,
            StrikeBook(store),
            symbols=symbols,
            expirations=1,
            held_chains=self.held,
            connections=connections,
            workers=lambda: self.workers,
            a_connection=capacity,
            each_side=50,
            margin=12,
        )
        self.loader = ChainLoader(
            self.market,
            store,
            FlightControl(redis, "test"),
            us_options_calendar(),
            clock,
            pointers=ChainPointers(redis, clock, "test"),
            source="sim",
            each_side=50,
            held_chains=self.held,
            allotment=self.allotment,
            confirmed=lambda _chain, _epoch, _is_hopeless: True,
        )
        self.watch = DriftWatch(self.allotment, clock, strikes_allowed=lambda n: 0.2 * n, points_allowed={})

    def held(self, symbol):
        """The chain in force."""
        return [ChainId(symbol, DAY)] if self.store.current_expiration(symbol) else []

    def load(self, symbol, n=None, reason="startup"):
        """Load one symbol."""
        return self.loader.load(LoadRequest(symbol, reason, n))

    def tick(self) -> tuple[str, ...]:
        """Ten seconds later: who moved."""
        self.clock.advance(10)
        drifted = self.watch.drifted(dict.fromkeys(self.symbols, self.market.spot))
        for symbol in drifted:
            self.loader.extend(LoadRequest(symbol, "drift"))
        return drifted

    def settle(self) -> None:
        """Two minutes of ticks, the last of which moves nothing."""
        moves = [self.tick() for _ in range(12)]
        assert moves[-3:] == [(), (), ()]

    def windows(self) -> dict[str, int]:
        """Symbol → N in force."""
        return {symbol: self.store.meta(ChainId(symbol, DAY)).strikes_each_side for symbol in self.symbols}

    def contracts(self) -> int:
        """Of all chains."""
        return CAPACITY - self.allotment.room()


@pytest.fixture
def rig(redis, store, clock):
    """Nothing loaded yet."""
    return Rig(redis, store, clock)


def test_the_default_is_never_shrunk(rig):
    """Four loads of 202 contracts; an hour of a wandering spot leaves ±50 everywhere, within 1,000 contracts."""
    for symbol in SYMBOLS:
        assert rig.load(symbol).notice is None
    for step in range(360):
        rig.market.spot += 6 if step % 120 < 60 else -6
        rig.tick()
        assert rig.contracts() <= CAPACITY

    assert set(rig.windows().values()) == {50}


@pytest.mark.parametrize("order", list(itertools.permutations(SYMBOLS))[::5])
def test_two_roots_shrink_all_alike(rig, order):
    """The eve of a third Friday, loaded in any order: within a minute every window is ±41, and stays so."""
    rig.market.roots = {
        ChainId("SPX", DAY): ("SPXW", "SPX"),
        ChainId("NDX", DAY): ("NDXP", "NDX"),
    }
    for symbol in order:
        rig.load(symbol)
    rig.settle()

    assert set(rig.windows().values()) == {41}
    assert rig.contracts() == 12 * 83 <= CAPACITY


def test_room_that_comes_back_is_used(rig):
    """When the second roots are gone all windows are ±50 again."""
    rig.market.roots = {ChainId(name, DAY): (name, name + "W") for name in ("SPX", "NDX")}
    for symbol in SYMBOLS:
        rig.load(symbol)
    rig.settle()
    rig.market.roots = {}
    for symbol in ("SPX", "NDX"):
        rig.load(symbol, reason="roll")
    rig.settle()

    assert set(rig.windows().values()) == {50}
    assert rig.contracts() <= CAPACITY


def test_a_wish_gets_what_the_others_leave(rig):
    """One symbol reloaded with ±500: ±98, the others keep ±50 and lose their margins, and all of it fits."""
    for symbol in SYMBOLS:
        rig.load(symbol)
    rig.market.spot += 60
    for _ in range(4):
        rig.tick()
    assert rig.contracts() > 808

    report = rig.load("SPX", 500, reason="manual")

    assert (report.strikes_asked, report.strikes_each_side) == (500, 98)
    rig.settle()
    assert rig.windows() == {"SPX": 98, "SPY": 50, "QQQ": 50, "NDX": 50}
    assert rig.contracts() <= CAPACITY
    assert rig.load("SPX", reason="manual").strikes_each_side == 50


def test_too_little_room_is_said_and_not_shrunk_away(redis, store, clock):
    """Below ±5 nothing shrinks: the reports say so, and the contracts without room are the stream's to tell."""
    rig = Rig(redis, store, clock, capacity=40)
    reports = [rig.load(symbol) for symbol in SYMBOLS]
    rig.settle()

    assert [report.strikes_each_side for report in reports] == [5, 5, 5, 5]
    assert all(report.notice for report in reports)
    assert rig.allotment.room() == 40 - 4 * 22


def test_a_second_worker_shrinks_what_one_connection_cannot_carry(redis, store, clock):
    """Three symbols of ±160 on two connections: one worker carries them; of two one writes two symbols, so all get ±124.

    Nothing moves while nobody is seen, and all of it comes back when one worker has both connections again.
    """
    rig = Rig(redis, store, clock, connections=2, symbols=SYMBOLS[:3])
    for symbol in rig.symbols:
        assert rig.load(symbol, 160).notice is None

    rig.workers = 2
    assert rig.tick() == rig.symbols  # without a rest: some contracts wait for room
    rig.settle()
    assert set(rig.windows().values()) == {124}
    assert rig.load("SPX", 160, reason="manual").notice

    rig.workers = 0
    rig.settle()
    assert set(rig.windows().values()) == {124}

    rig.workers = 1
    rig.settle()
    assert set(rig.windows().values()) == {160}
