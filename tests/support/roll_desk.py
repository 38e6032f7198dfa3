"""A roll on a real store, and a loader that answers its requests when told."""

from datetime import date

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.loader import ChainLoader
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.roll import ChainRoll
from marketswarm.chain.tenure import Tenure
from marketswarm.clock import ManualClock
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from tests.support.fakes import FakeMarket

CALENDAR = us_options_calendar()
MONDAY, TUESDAY, WEDNESDAY, FRIDAY = (date(2026, 11, day) for day in (23, 24, 25, 27))


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
