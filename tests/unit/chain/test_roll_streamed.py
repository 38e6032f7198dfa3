"""The roll under a stream: which chains are subscribed, and when they are live."""

from marketswarm.chain.allotment import Unlimited
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.stream import ChainStream
from tests.support.builders import quote
from tests.support.fakes import FakeFeed
from tests.support.roll_desk import CALENDAR, MONDAY, TUESDAY, Desk


class Full(Unlimited):
    """A budget that has no room left."""

    def room(self):
        """None."""
        return 0


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
