"""The roll: loaded ahead, switched at the close, settled contracts gone."""

from contextlib import ExitStack
from datetime import date, timedelta

import pytest

from marketswarm.chain.allotment import Unlimited
from marketswarm.chain.flight import FlightControl
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.loader import ChainLoader
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.roll import ChainRoll
from marketswarm.chain.stream import ChainStream
from marketswarm.chain.tenure import Tenure
from marketswarm.clock import ManualClock
from marketswarm.errors import ProviderUnavailable
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from tests.support.builders import quote
from tests.support.fakes import FakeFeed, FakeMarket

CALENDAR = us_options_calendar()
MONDAY, TUESDAY, WEDNESDAY, FRIDAY = (date(2026, 11, day) for day in (23, 24, 25, 27))
THIRD_FRIDAY = date(2026, 12, 18)


class Full(Unlimited):
    """A budget that has no room left."""

    def room(self):
        """None."""
        return 0


class Desk:
    """A real store with a loader that answers when told, and a roll."""

    def __init__(self, redis, store, clock: ManualClock, *, expirations=1, days=None, allotment=None) -> None:
        self.redis, self.store, self.clock = redis, store, clock
        self.market = FakeMarket()
        self.market.days = days or [MONDAY, TUESDAY, WEDNESDAY, FRIDAY, date(2026, 11, 30)]
        self.flights, pointers = FlightControl(redis, "test"), ChainPointers(redis, clock, "test")
        self.tenure = Tenure(store, StreamReports(redis, "test"), clock, expirations=expirations)
        self.loader = ChainLoader(
            self.market,
            store,
            self.flights,
            CALENDAR,
            clock,
            pointers=pointers,
            source="sim",
            expirations=expirations,
            each_side=4,
            held_chains=self.tenure.held_chains,
            allotment=allotment,
            confirmed=lambda _chain, _epoch, _is_hopeless: True,
        )
        self.roll = ChainRoll(
            store,
            self.flights,
            CALENDAR,
            clock,
            pointers=pointers,
            symbols=["SPX"],
            expirations=expirations,
            held_chains=self.tenure.held_chains,
        )
        self.asked: list[bool] = []
        self.loader.load(LoadRequest("SPX", "startup"))

    def ask(self, _symbol: str, *, ahead: bool) -> None:
        """Note what was asked for."""
        self.asked.append(ahead)

    def answer(self) -> None:
        """Load what was asked for."""
        for ahead in self.asked:
            (self.loader.load_ahead if ahead else self.loader.load)(LoadRequest("SPX", "roll"))
        self.asked.clear()

    def at(self, day: date, before_close_s: float) -> list[str]:
        """The roll's run so many seconds before the close of a day."""
        close_ms = CALENDAR.session(day).close_ms
        self.clock.advance((close_ms - self.clock.now_ms()) / 1000 - before_close_s)
        return self.roll.run(self.ask)

    @property
    def held(self) -> list[int]:
        """The days of the month of the held chains."""
        return [chain.expiration.day for chain in self.tenure.held_chains("SPX")]

    def entries(self) -> list[tuple[str, str]]:
        """Expiration and reason of every complete chain so far."""
        found = [fields for _, fields in self.redis.xrange("sse:chain-full")]
        return [(fields[b"expiration"].decode(), fields[b"reason"].decode()) for fields in found]

    def state(self, day: date) -> str:
        """The stored state of a chain."""
        return self.store.meta(ChainId("SPX", day)).state


@pytest.fixture
def make_desk(redis, store, clock):
    """A desk on an empty store, on a Monday at ten."""
    return lambda **more: Desk(redis, store, clock, **more)


def test_the_next_chain_is_loaded_a_quarter_of_an_hour_before_the_close(make_desk):
    """Not a second earlier, once, and beside the chain in force."""
    desk = make_desk()
    assert desk.at(MONDAY, 900.001) == []
    assert desk.asked == []

    assert desk.at(MONDAY, 900) == []
    assert desk.asked == [True]
    desk.answer()
    desk.at(MONDAY, 600)

    assert desk.asked == []
    assert desk.store.current_expiration("SPX") == MONDAY
    assert desk.entries() == [("2026-11-23", "startup"), ("2026-11-24", "roll")]


def test_the_switch_comes_at_the_close_and_asks_the_provider_nothing(make_desk):
    """A millisecond before it Monday is in force, at it Tuesday; Monday is closed, and still stored."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()
    desk.market.calls.clear()
    assert desk.at(MONDAY, 1.001) == []
    assert desk.store.current_expiration("SPX") == MONDAY

    assert desk.at(MONDAY, 0) == ["SPX"]

    assert desk.store.current_expiration("SPX") == TUESDAY
    assert (desk.market.calls, desk.asked, desk.held) == ([], [], [24])
    assert desk.state(MONDAY) == "closed"
    assert desk.entries()[-2:] == [("2026-11-24", "roll"), ("2026-11-24", "roll")]
    assert desk.roll.run(desk.ask) == []


@pytest.mark.parametrize("early_s", [0.001, 0.4, 1.0])
def test_a_run_that_comes_early_waits_for_the_close(make_desk, early_s):
    """Beat's clock may be ahead of the worker's: the switch is neither early nor five seconds late."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()

    assert desk.at(MONDAY, early_s) == ["SPX"]
    assert desk.clock.now_ms() == CALENDAR.session(MONDAY).close_ms


def test_a_chain_that_did_not_come_is_loaded_at_the_close(make_desk):
    """The provider was away: it is asked again now and then, and at the close for the chain itself."""
    desk = make_desk()
    for before_s in (900, 895, 890, 885):
        desk.at(MONDAY, before_s)
    assert desk.asked == [True, True]
    desk.market.failures["chain_rows"] = ProviderUnavailable("chain_rows", "it is dark")
    with pytest.raises(ProviderUnavailable):
        desk.answer()
    desk.asked.clear()

    assert desk.at(MONDAY, 0) == ["SPX"]
    assert desk.asked == [False]
    desk.answer()

    assert desk.store.current_expiration("SPX") == TUESDAY


@pytest.mark.parametrize(
    ("day", "follower"),
    [
        (date(2026, 11, 20), MONDAY),
        (WEDNESDAY, FRIDAY),
        (FRIDAY, date(2026, 11, 30)),
        (date(2026, 12, 24), date(2026, 12, 28)),
        (date(2027, 3, 12), date(2027, 3, 15)),
        (date(2027, 12, 31), date(2028, 1, 3)),
    ],
)
def test_the_roll_over_weekends_holidays_and_half_days(redis, store, day, follower):
    """From each close to the next session's chain: over a weekend, Thanksgiving, Christmas, the change of the clock, New Year."""
    clock = ManualClock(CALENDAR.session(day).open_ms)
    store._clock = clock
    desk = Desk(redis, store, clock, days=[day, follower])
    assert desk.at(day, 901) == []
    assert desk.asked == []
    desk.at(day, 900)
    desk.answer()

    assert desk.at(day, 0) == ["SPX"]

    assert store.current_expiration("SPX") == follower
    clock.advance(3600)
    assert desk.roll.run(desk.ask) == []
    assert desk.asked == []


def test_several_expirations_move_up_together(make_desk):
    """Of two held chains the second comes in force, a third is loaded ahead, and the first is closed."""
    desk = make_desk(expirations=2)
    assert desk.held == [23, 24]
    desk.at(MONDAY, 900)
    assert desk.asked == [True]
    desk.answer()
    assert desk.held == [23, 24, 25]

    desk.at(MONDAY, 0)

    assert (desk.held, desk.asked) == ([24, 25], [])
    assert desk.state(MONDAY) == "closed"


def test_a_held_chain_comes_in_force_though_the_next_one_failed(make_desk):
    """With two held chains and nothing loaded ahead the second is there at once; the missing one is asked for."""
    desk = make_desk(expirations=2)

    assert desk.at(MONDAY, 0) == ["SPX"]

    assert desk.store.current_expiration("SPX") == TUESDAY
    assert (desk.held, desk.asked) == ([24], [False])
    desk.answer()
    assert desk.held == [24, 25]


def test_after_days_away_no_dead_chain_comes_in_force(make_desk):
    """Loaded ahead on Monday, back on Wednesday evening: Tuesday's chain is over as well, so one is loaded."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()

    assert desk.at(WEDNESDAY, -60) == ["SPX"]

    assert desk.store.current_expiration("SPX") == MONDAY
    assert desk.asked == [False]
    desk.answer()
    assert desk.store.current_expiration("SPX") == FRIDAY


def test_a_pointer_whose_chain_was_forgotten_is_loaded(make_desk):
    """After more than a day away there is no meta any more."""
    desk = make_desk()
    desk.redis.delete("chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23")

    assert desk.at(TUESDAY, 0) == ["SPX"]
    assert desk.asked == [False]


def test_a_load_in_flight_is_waited_for(make_desk):
    """Its commit would put the old chain in force again; after three seconds the next run goes on."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()
    with ExitStack() as stack:
        stack.enter_context(desk.flights.take_off("SPX", "somebody"))
        begun_s = desk.clock.monotonic_s()
        assert desk.at(MONDAY, 0) == []
        assert 3 <= desk.clock.monotonic_s() - begun_s - 900 < 3.2
        assert desk.store.current_expiration("SPX") == MONDAY

    assert desk.roll.run(desk.ask) == ["SPX"]


def test_a_clock_that_is_set_back_rolls_nothing_back(make_desk):
    """What is in force stays in force, and is not loaded ahead of itself."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()
    desk.at(MONDAY, 0)

    desk.clock.step(-3600)

    assert desk.roll.run(desk.ask) == []
    assert desk.asked == []
    assert desk.store.current_expiration("SPX") == TUESDAY


def test_a_clock_that_is_set_forward_by_a_day_rolls_at_once(make_desk):
    """The close lies behind: what is in force has ended, whatever was loaded."""
    desk = make_desk()
    desk.clock.step(24 * 3600)

    assert desk.roll.run(desk.ask) == ["SPX"]
    assert desk.asked == [False]


def test_before_the_first_load_nothing_rolls(make_desk, redis):
    """The stream asks for that one."""
    desk = make_desk()
    redis.flushall()

    assert desk.roll.run(desk.ask) == []
    assert desk.asked == []


# -- with a stream ----------------------------------------------------------


class Streamed:
    """A desk with a stream whose requests are answered at once."""

    def __init__(self, desk: Desk, symbols=("SPX",)) -> None:
        self.desk, self.clock, self.feed = desk, desk.clock, FakeFeed(desk.clock)
        self.asked: list[str] = []
        self.stream = ChainStream(
            self.feed,
            desk.store,
            WriterLeases(desk.redis, desk.clock, "test", "a"),
            StreamReports(desk.redis, "test"),
            desk.clock,
            symbols=symbols,
            in_session=lambda _now_ms: True,
            held_chains=desk.tenure.held_chains,
            request_load=self.load,
            flush_s=0.05,
        )
        self.settle()

    def load(self, symbol: str, reason: str, request: str) -> None:
        """Answer a request of the stream."""
        self.asked.append(reason)
        self.desk.loader.load(LoadRequest(symbol, reason, request=request))

    def settle(self) -> None:
        """Turn until all is subscribed, acknowledged and loaded, with a sign of life in between."""
        for _ in range(8):
            self.stream.turn()
            self.feed.confirm()
            for name in self.feed.order[:1]:
                self.feed.send(quote(name, ts=self.clock.now_ms()))
            self.clock.advance(0.3)

    @property
    def days(self) -> list[str]:
        """The dates of the subscribed contracts, in order, each once."""
        return list(dict.fromkeys(name[6:12] for name in self.feed.order))


def test_where_there_is_room_the_next_chain_is_live_before_the_close(make_desk):
    """It is subscribed beside the one in force, and the switch finds it live: nothing is loaded, Monday is closed."""
    desk = make_desk()
    streamed = Streamed(desk)
    assert (desk.state(MONDAY), streamed.days) == ("live", ["261123"])
    desk.at(MONDAY, 900)
    desk.answer()
    streamed.settle()
    assert streamed.days == ["261123", "261124"]
    assert (desk.state(MONDAY), desk.state(TUESDAY)) == ("live", "live")
    streamed.asked.clear()
    desk.clock.step((CALENDAR.session(MONDAY).close_ms - desk.clock.now_ms()) / 1000)

    desk.roll.run(desk.ask)
    assert desk.state(TUESDAY) == "live"
    streamed.settle()

    assert (desk.state(MONDAY), desk.state(TUESDAY)) == ("closed", "live")
    assert (streamed.days, streamed.asked) == (["261124"], [])


def test_without_room_the_next_chain_is_subscribed_at_the_switch(make_desk):
    """Until then it is stored and stale; afterwards one load closes its seam."""
    desk = make_desk(allotment=Full())
    streamed = Streamed(desk)
    desk.at(MONDAY, 900)
    desk.answer()
    streamed.settle()
    assert (streamed.days, desk.state(TUESDAY)) == (["261123"], "stale")
    streamed.asked.clear()

    desk.at(MONDAY, 0)
    streamed.settle()

    assert (streamed.days, streamed.asked) == (["261124"], ["audit"])
    assert (desk.state(MONDAY), desk.state(TUESDAY)) == ("closed", "live")


def test_chains_in_force_are_subscribed_first(redis, store, clock):
    """Of each symbol the chain in force, then of each the next one: where room is short it is theirs."""
    desk = Desk(redis, store, clock, expirations=2)
    desk.loader.load(LoadRequest("SPY", "startup"))

    streamed = Streamed(desk, symbols=("SPX", "SPY"))

    first_of = [name[: name.index("26") + 6] for name in streamed.feed.order[::18]]
    assert first_of == ["O:SPXW261123", "O:SPY261123", "O:SPXW261124", "O:SPY261124"]


# -- contracts that settle in the morning -----------------------------------


@pytest.fixture
def expiring(redis, store):
    """A desk on the Wednesday before a third Friday, holding Thursday's and Friday's chain."""

    def make(roots=("SPXW", "SPX"), expirations=2):
        wednesday = THIRD_FRIDAY - timedelta(days=2)
        clock = ManualClock(CALENDAR.session(wednesday).close_ms)
        store._clock = clock
        days = [THIRD_FRIDAY - timedelta(days=1), THIRD_FRIDAY, date(2026, 12, 21), date(2026, 12, 22)]
        desk = Desk(redis, store, clock, expirations=expirations, days=days)
        desk.market.roots = {THIRD_FRIDAY: roots}
        desk.loader.load(LoadRequest("SPX", "manual"))
        return desk

    return make


def roots_of(desk, day):
    """The roots of a stored chain."""
    return {row.root for row in desk.store.read("SPX", day).contracts.values()}


def test_morning_settled_contracts_leave_at_their_last_close(expiring):
    """Friday's SPX trades until Thursday's close; then it is dropped, with its feed entry, and SPXW goes on."""
    desk = expiring()
    thursday = THIRD_FRIDAY - timedelta(days=1)
    desk.at(thursday, 60)
    desk.answer()
    assert roots_of(desk, THIRD_FRIDAY) == {"SPX", "SPXW"}

    desk.at(thursday, 0)

    assert desk.store.current_expiration("SPX") == THIRD_FRIDAY
    assert roots_of(desk, THIRD_FRIDAY) == {"SPXW"}
    meta = desk.store.meta(ChainId("SPX", THIRD_FRIDAY))
    assert (meta.contracts, meta.low, meta.high) == (18, 6780, 6820)
    assert desk.redis.xrevrange("sse:chain-feed", count=1)[0][1][b"removed"].count(b"O:SPX2") == 18


def test_morning_settled_contracts_leave_a_chain_that_is_in_force_longer(expiring):
    """Where no chain expires on Thursday, Friday's loses its morning half a day before its own roll."""
    desk = expiring(expirations=1)
    desk.redis.flushall()
    desk.market.days = [THIRD_FRIDAY, date(2026, 12, 24)]
    desk.loader.load(LoadRequest("SPX", "startup"))

    assert desk.at(THIRD_FRIDAY - timedelta(days=1), 0) == []

    assert desk.store.current_expiration("SPX") == THIRD_FRIDAY
    assert roots_of(desk, THIRD_FRIDAY) == {"SPXW"}


def test_a_chain_that_settles_in_the_morning_rolls_the_session_before(expiring):
    """All of it has stopped by Thursday's close: the next chain takes its place then."""
    desk = expiring(roots=("SPX",), expirations=1)
    thursday = THIRD_FRIDAY - timedelta(days=1)
    desk.redis.flushall()
    desk.market.days = [THIRD_FRIDAY, date(2026, 12, 24)]
    desk.loader.load(LoadRequest("SPX", "startup"))
    desk.at(thursday, 900)
    assert desk.asked == [True]
    desk.answer()

    assert desk.at(thursday, 0) == ["SPX"]

    assert desk.store.current_expiration("SPX") == date(2026, 12, 24)
    assert roots_of(desk, THIRD_FRIDAY) == {"SPX"}
