"""Greeks of a running spine, against the simulator's own surface and against the stored quotes."""

import asyncio
import statistics
import time

import numpy as np
import pytest

from marketswarm.chain.valued_rows import with_local_greeks
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.maths.settlement import settlement_ms
from marketswarm.model.contract import Contract
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.option_rows import chain_rows
from tests.support.simulator import RunningSimulator
from tests.support.spine import Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY", "QQQ", "NDX")


@pytest.fixture(scope="module")
def simulator():
    """A market of four symbols in this process."""
    made = RunningSimulator(SimulatorConfig(port=0, seed=11))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(simulator, tmp_path_factory):
    """The spine, live."""
    folder = tmp_path_factory.mktemp("greeks")
    with spine(folder, simulator.rest, simulator.ws, MASSIVE_API_KEY="flow-test-key") as made:
        made.start_all()
        made.wait_live(*SYMBOLS)
        time.sleep(2)
        yield made


@pytest.fixture(scope="module")
def rows(running: Spine, simulator: RunningSimulator):
    """All chains, a second after the market has stopped, and before that had stood still for long enough to quote most contracts."""
    simulator.call(lambda: hold_still(simulator))
    time.sleep(4)
    simulator.call(simulator.server._feeding.cancel)
    time.sleep(1)
    found = {symbol: running.chain(symbol) for symbol in SYMBOLS}
    found |= {f"{symbol} surface": simulator_volatility(simulator, symbol) for symbol in SYMBOLS}
    simulator.call(
        lambda: setattr(simulator.server, "_feeding", asyncio.create_task(simulator.server.feed.run()))
    )
    return found


def test_every_greek_is_local_and_no_provider_is_ever_told(running: Spine, rows):
    """Figures, or a reason; in the chains and in every entry of the feed."""
    for symbol in SYMBOLS:
        assert {row["greeks"]["source"] for row in rows[symbol].values()} == {"local"}
        assert all(("iv" in row["greeks"]) != ("absent" in row["greeks"]) for row in rows[symbol].values())
        assert {row["greeks"].get("absent") for row in rows[symbol].values()} <= {None, "no-bid"}
    assert not [1 for _, entry in running.redis.xrange("sse:chain-feed") if '"provider"' in entry["updates"]]


def test_greeks_are_those_of_the_stored_quotes(running: Spine, rows):
    """Valued anew at leisure, every contract has what the stream wrote, but for less than a basis point of forward."""
    calendar = us_options_calendar()
    for symbol in SYMBOLS:
        contracts = [Contract.model_validate(row) for row in rows[symbol].values()]
        anew = with_local_greeks(
            contracts,
            spot=float(running.redis.hget(f"spot:{symbol}", "spot") or running.meta(symbol)["spot"]),
            now_ms=time.time_ns() // 1_000_000,
            settles_ms=lambda root, day=contracts[0].expiration: settlement_ms(calendar, root, day),
        )
        for one in anew:
            told = rows[symbol][one.ticker]["greeks"]
            assert told.get("absent") == one.greeks.absent
            if one.greeks.iv is not None:
                assert told["iv"] == pytest.approx(one.greeks.iv, abs=0.006)
                assert told["delta"] == pytest.approx(one.greeks.delta, abs=0.01)


def test_greeks_are_those_of_the_surface(rows):
    """The market was made from a surface of its own, which spreads blur: half of them are within a quarter of their spread."""
    for symbol in SYMBOLS:
        made = rows[f"{symbol} surface"]
        apart = [
            price_apart(row, made[name]) / (row["quote"]["ask"] - row["quote"]["bid"])
            for name, row in rows[symbol].items()
            if "iv" in row["greeks"] and name in made
        ]
        assert len(apart) > 50, symbol
        assert statistics.median(apart) < 0.25, symbol


def hold_still(simulator: RunningSimulator) -> None:
    """Quotes go on, spots and volatilities do not move: else a quote is of the surface of its moment, and not of the last one."""
    simulator.server.market._process.advance = lambda *_: None


def price_apart(row: dict, volatility: float) -> float:
    """How far apart two volatilities are in points of price: vega is for one volatility point."""
    return abs(row["greeks"]["iv"] - volatility) * 100 * row["greeks"]["vega"]


def simulator_volatility(simulator: RunningSimulator, symbol: str) -> dict[str, float]:
    """Ticker → the volatility that the simulator states in its snapshots."""
    market = simulator.server.market
    return {
        row["details"]["ticker"]: row["implied_volatility"]
        for row in chain_rows(
            market, np.flatnonzero([name.startswith(f"O:{symbol}") for name in market.book.tickers])
        )
        if "implied_volatility" in row
    }
