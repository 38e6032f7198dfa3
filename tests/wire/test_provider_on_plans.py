"""Our own clients on every plan: what is missing is told as missing, and what is there is used."""

import random
import time
from datetime import timedelta

import pytest

from marketswarm.clock import SystemClock
from marketswarm.errors import NotEntitled
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.rest import MassiveRest
from marketswarm.maths.calendar import new_york_day
from marketswarm.model.chain import ChainId
from marketswarm.ports import FeedNotice
from tests.support.simulator import running_simulator

KEY = "a-key-of-some-length"


def client(simulator) -> MassiveRest:
    """Our client of the REST side."""
    return MassiveRest(
        simulator.rest, KEY, indices=frozenset({"SPX"}), clock=SystemClock(), random=random.random
    )


def first_chain(rest: MassiveRest, symbol: str) -> ChainId:
    """The first chain that is listed."""
    today = new_york_day(SystemClock().now_ms())
    return ChainId(symbol, rest.expirations(symbol, today - timedelta(days=1), 1)[0])


@pytest.mark.parametrize(
    ("plan", "quotes", "trades", "delayed"),
    [
        ("starter", False, False, True),
        ("developer", False, True, True),
        ("advanced", True, True, False),
        ("business", False, True, False),
    ],
)
def test_chains(plan, quotes, trades, delayed):
    """A chain is read whole on every plan that has it, without the sections that the plan lacks, and says whether it is late."""
    with running_simulator(symbols=("SPX", "SPY"), plan=plan) as simulator:
        rest = client(simulator)
        spot = rest.spots(["SPY"]).found["SPY"].spot
        chain = first_chain(rest, "SPY")
        rows = rest.chain_rows(chain, spot - 20, spot + 20)
        standard = [s for s in rest.listing(chain).strikes if spot - 20 <= s <= spot + 20]
        assert len(rows.contracts) == 2 * len(standard)
        assert {c.quote is not None for c in rows.contracts.values()} == {quotes}
        assert any(c.trade is not None for c in rows.contracts.values()) is trades
        assert any(c.greeks is not None for c in rows.contracts.values())
        assert rows.delayed is delayed


@pytest.mark.parametrize(
    ("stocks", "indices", "plan", "methods"),
    [
        ("advanced", "advanced", "advanced", {"SPX": "unified", "SPY": "unified"}),
        ("none", "advanced", "advanced", {"SPX": "unified", "SPY": "parity"}),
        ("advanced", "none", "advanced", {"SPX": "parity", "SPY": "unified"}),
        ("basic", "none", "advanced", {"SPX": "parity", "SPY": "parity"}),
    ],
)
def test_spots(stocks, indices, plan, methods):
    """Without a plan for an underlying its spot comes from what the options tell, near to the truth."""
    plans = {"plan": plan, "stocks_plan": stocks, "indices_plan": indices}
    with running_simulator(symbols=("SPX", "SPY"), **plans) as simulator:
        readings = client(simulator).spots(["SPX", "SPY"])
        assert {symbol: reading.method for symbol, reading in readings.found.items()} == methods
        market = simulator.server.market
        truth = dict(zip(("SPX", "SPY"), simulator.call(lambda: list(market.spots)), strict=True))
        for symbol, reading in readings.found.items():
            assert reading.spot == pytest.approx(truth[symbol], rel=0.03 if reading.stale else 0.003)


def test_the_free_plan():
    """The free plan lists contracts and refuses chains, which is an error of its own kind."""
    with running_simulator(symbols=("SPY",), plan="basic") as simulator:
        rest = client(simulator)
        with pytest.raises(NotEntitled, match="You are not entitled to this data"):
            rest.chain_rows(first_chain(rest, "SPY"), 0, 1000)


@pytest.mark.parametrize(
    ("plan", "base", "kinds", "missing"),
    [
        ("advanced", "", {"QuoteEvent", "TradeEvent", "SecondBarEvent"}, ()),
        ("developer", "/delayed", {"TradeEvent", "SecondBarEvent"}, ("quote",)),
        ("business", "/business", {"TradeEvent", "SecondBarEvent"}, ("quote",)),
        ("basic", "", set(), ()),
    ],
)
def test_feeds(plan, base, kinds, missing):
    """The feed gets every kind that the plan has, names those that it lacks, and is refused for good without access."""
    with running_simulator(symbols=("SPY",), plan=plan, events_per_second=20_000) as simulator:
        rest = client(simulator)
        chain = first_chain(rest, "SPY")
        strikes = rest.listing(chain).strikes
        middle = strikes[len(strikes) // 2 - 8 : len(strikes) // 2 + 8]
        day = f"{chain.expiration:%y%m%d}"
        feed = MassiveFeed(simulator.ws + base, KEY, clock=SystemClock(), random=random.random)
        feed.want([f"O:SPY{day}{right}{round(s * 1000):08d}" for s in middle for right in "CP"])
        seen, until = set[str](), time.monotonic() + 30
        while time.monotonic() < until and not (
            feed.status().state in {"streaming", "refused"} and seen >= kinds
        ):
            for came in feed.poll(0.2):
                if not isinstance(came, FeedNotice):
                    seen |= {type(update).__name__ for update in came.updates}
        status = feed.status()
        feed.stop()
        assert seen == kinds
        assert status.state == ("refused" if plan == "basic" else "streaming")
        assert status.not_streamed == missing
