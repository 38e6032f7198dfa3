"""Quotes by snapshot, on a real server."""

from contextlib import contextmanager

import pytest

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.part_commit import PartCommit
from marketswarm.chain.poller import ChainPoller
from marketswarm.chain.polls import PollLedger
from marketswarm.errors import NotEntitled, ProviderUnavailable, RateLimited
from marketswarm.model.chain import ChainId, ChainRows
from marketswarm.model.contract import Trade
from tests.support.builders import DAY, EXPIRE_MS, SPX, contract, ladder

SPY = ChainId("SPY", DAY)
EVERY_S = 5


class Vendor:
    """A vendor with these rows of any chain; `meanwhile` happens while it is asked."""

    def __init__(self):
        self.rows = []
        self.delayed = False
        self.error = None
        self.meanwhile = lambda: None
        self.asked = []

    def chain_rows(self, chain, low, high):
        self.asked.append((chain.symbol, low, high))
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return ChainRows(chain, {row.ticker: row for row in self.rows}, delayed=self.delayed)


class NoGreeks:
    """Gives none."""

    def whole(self, _chain, contracts, spot):
        self.spot = spot
        return contracts


class Rig:
    """A poller of SPX and SPY."""

    def __init__(self, redis, store, clock):
        self.store, self.clock, self.vendor, self.greeks = store, clock, Vendor(), NoGreeks()
        self.ledger, self.flights = PollLedger(redis, "test"), FlightControl(redis, "test")
        self.wanted, self.open, self.spot, self.deeds = {"SPX"}, True, None, []
        self.poller = ChainPoller(
            self.vendor,
            store,
            self.ledger,
            PartCommit(store, self.flights, lambda _chain: EXPIRE_MS),
            clock,
            symbols=["SPX", "SPY"],
            every_s=EVERY_S,
            held_chains=lambda symbol: [chain for chain in (SPX, SPY) if chain.symbol == symbol],
            in_session=lambda _now_ms: self.open,
            is_wanted=lambda symbol: symbol in self.wanted,
            spot_of=lambda _chain: self.spot,
            greeks=self.greeks,
            deed=self.deed,
        )

    @contextmanager
    def deed(self, name, **arguments):
        yield
        self.deeds.append((name, arguments, len(self.vendor.asked)))

    def poll(self, after_s=0):
        self.clock.sleep(after_s)
        return self.poller.poll()


@pytest.fixture
def rig(redis, store, clock, commit):
    """A stored chain of SPX and one of SPY."""
    commit(ladder())
    commit(ladder(symbol="SPY"), chain=SPY)
    made = Rig(redis, store, clock)
    made.vendor.rows = [contract(6800, bid=2, ask=2.1, ts=5000), contract(6805, bid=3, ask=3.1, ts=6000)]
    return made


def test_quotes_come_by_snapshot(rig, redis):
    """The held window is asked for; newer quotes are merged into chain and feed; the epoch stays, no load is announced."""
    before = rig.store.meta(SPX)

    report = rig.poll()

    assert (report.outcome, report.changed, report.failed) == ("polled", {"SPX": 2}, {})
    assert rig.vendor.asked == [("SPX", 6780, 6820)]
    after = rig.store.meta(SPX)
    assert (after.epoch, after.seq, after.contracts) == (before.epoch, before.seq + 1, 18)
    assert (after.polled_ms, after.quoted_ms, after.delayed) == (rig.clock.now_ms(), 6000, False)
    assert rig.store.read("SPX").contracts[contract(6800).ticker].quote.bid == 2
    assert redis.xlen("sse:chain-full") == 2
    poll = rig.ledger.read("SPX")
    assert (poll.contracts, poll.quotes, poll.quoted_ms, poll.changed) == (2, 2, 6000, 2)
    assert poll.polled_ms == rig.clock.now_ms()


def test_each_symbol_is_a_deed_of_its_own(rig):
    """Which ends when its rows are stored, so that a recording can do it again; what is not due is none."""
    rig.wanted = {"SPX", "SPY"}
    rig.poll()
    assert [(name, asked) for name, _, asked in rig.deeds] == [("poll", 1), ("poll", 2)]
    assert {arguments["symbol"] for _, arguments, _ in rig.deeds} == {"SPX", "SPY"}
    rig.poll()
    assert len(rig.deeds) == 2


def test_a_symbol_may_be_polled_whether_it_is_due_or_not(rig):
    """As a replay does, which knows when it was."""
    rig.wanted = set()
    assert rig.poller.poll_symbol("SPX").changed == {"SPX": 2}
    rig.vendor.error = ProviderUnavailable("chain of SPX", "not recorded")
    assert "not recorded" in rig.poller.poll_symbol("SPX").failed["SPX"]


def test_only_where_they_are_not_streamed(rig):
    """Nothing is asked for where quotes are streamed, or outside of the session."""
    rig.wanted = set()
    assert rig.poll().outcome == "idle"
    rig.wanted, rig.open = {"SPX"}, False
    assert rig.poll().outcome == "idle"
    assert rig.vendor.asked == []


def test_the_pace_is_kept(rig):
    """The next one when its time has come, a mark that is a little early included."""
    rig.poll()
    assert rig.poll(3.0).outcome == "idle"
    assert rig.poll(1.5).outcome == "polled"


def test_a_clock_that_is_set_back_holds_no_poll_up(rig):
    """Nor does what the vendor asked for by the clock of before."""
    rig.vendor.error = RateLimited("chain of SPX", "429", retry_after_s=30.0)
    rig.poll()
    rig.vendor.error = None
    rig.clock.step(-3600)
    assert rig.poll().outcome == "polled"
    rig.clock.step(-3600)
    assert rig.poll().outcome == "polled"


def test_one_poll_at_a_time(rig):
    """A mark that comes while a poll is under way does nothing."""
    met = []
    rig.vendor.meanwhile = lambda: met.append(rig.poller.poll().outcome)

    assert rig.poll().outcome == "polled"
    assert met == ["busy"]


def test_a_slow_vendor_makes_polls_rarer(rig):
    """What has not begun in time waits for the next mark, and then goes first."""
    rig.wanted = {"SPX", "SPY"}
    rig.vendor.meanwhile = lambda: rig.clock.sleep(6)

    rig.poll()
    rig.poll()
    rig.poll()

    assert [symbol for symbol, _, _ in rig.vendor.asked] == ["SPX", "SPY", "SPX"]


def test_a_load_in_flight_is_not_disturbed(rig):
    """Its rows are as new: the poll counts for nothing and is tried at the next mark."""
    with rig.flights.take_off("SPX", "load"):
        assert rig.poll().changed == {"SPX": 0}
    assert (rig.ledger.read("SPX").polled_ms, rig.store.meta(SPX).polled_ms) == (0, 0)


def test_a_load_is_never_kept_out_by_a_poll_that_waits(rig):
    """While the vendor is asked, the symbol is free for loads."""
    free = []

    def load():
        with rig.flights.take_off("SPX", "load") as taken:
            free.append(taken)

    rig.vendor.meanwhile = load
    rig.poll()
    assert free == [True]


def test_the_set_of_contracts_is_the_loads_business(rig):
    """A row of a contract that the chain does not hold is left out."""
    rig.vendor.rows.append(contract(6900, ts=5000))
    rig.poll()
    assert rig.store.meta(SPX).contracts == 18


def test_delayed_rows_say_so(rig):
    """The chain's meta does."""
    rig.vendor.delayed = True
    rig.poll()
    assert rig.store.meta(SPX).delayed is True


def test_a_plan_without_any_quotes_still_brings_the_rest(rig):
    """Trades are merged, and no quote is counted."""
    trade = Trade(price=2.5, size=1, ts=7000)
    rig.vendor.rows = [contract(6800).model_copy(update={"quote": None, "trade": trade})]

    rig.poll()

    stored = rig.store.read("SPX").contracts[contract(6800).ticker]
    assert (stored.trade, stored.quote.bid) == (trade, 1.6)
    assert (rig.ledger.read("SPX").quotes, rig.store.meta(SPX).quoted_ms) == (0, 0)
    assert rig.ledger.read("SPX").polled_ms == rig.clock.now_ms()


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        (ProviderUnavailable("chain", "HTTP 503"), 0),
        (NotEntitled("chain", "HTTP 403"), 0),
        (RateLimited("chain", "HTTP 429"), 60),
        (RateLimited("chain", "HTTP 429", 30.0), 30),
    ],
)
def test_a_failure_is_told_and_waited_out(rig, error, wait_s):
    """What was polled before stays as old as it is; a vendor that counts calls is left alone for as long as it asks."""
    rig.poll()
    polled_ms = rig.clock.now_ms()
    rig.vendor.error = error

    report = rig.poll(EVERY_S)

    assert report.failed == {"SPX": str(error)}
    poll = rig.ledger.read("SPX")
    assert (poll.polled_ms, poll.error) == (polled_ms, str(error))
    rig.vendor.error = None
    assert rig.poll(max(EVERY_S, wait_s - 1)).outcome == ("polled" if wait_s == 0 else "idle")
    assert rig.poll(1).outcome == ("idle" if wait_s == 0 else "polled")


def test_greeks_come_with_the_newest_spot(rig):
    """The heartbeat's; before the first tick that of the load."""
    rig.poll()
    assert rig.greeks.spot == 6801.5
    rig.spot = (6820.25, 1)
    rig.poll(EVERY_S)
    assert rig.greeks.spot == 6820.25
