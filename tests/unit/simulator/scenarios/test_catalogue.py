"""The scenarios do what their labels say, for many seeds."""

import math

import numpy as np
import pytest

from marketswarm.errors import BadArgument
from marketswarm.simulator.market import Market
from marketswarm.simulator.scenarios.catalogue import SCENARIOS, scenario_named
from marketswarm.simulator.surface import total_deviation
from tests.support.simulated_market import a_market, new_york_ms, rows_of

OPEN = "2026-11-23 09:30"
SEEDS = range(1, 13)
EVERY_S = 10


def label_of(market: Market, kind: str):
    """The first label of a kind."""
    return next(label for label in market.labels if label.kind == kind)


def path(market: Market, seconds: float) -> np.ndarray:
    """Spot every ten seconds, from now on."""
    prices = [market.spots[0]]
    for _ in range(int(seconds) // EVERY_S):
        market.advance(market.now_ms + EVERY_S * 1000)
        prices.append(market.spots[0])
    return np.array(prices)


def local_z(prices: np.ndarray, window: int = 60) -> np.ndarray:
    """Returns in units of the volatility around them, by bipower variation, which a jump does not inflate."""
    moves = np.diff(np.log(prices))
    products = np.abs(moves[1:] * moves[:-1]) * math.pi / 2
    sizes = np.array([products[max(0, n - window) : n + window].mean() for n in range(len(moves))])
    return moves / np.sqrt(sizes)


def at_the_money(market: Market) -> dict[str, float]:
    """Of the next day's expiration: implied volatility, slope and bend of the smile, per standard deviation."""
    rows = rows_of(market, "SPXW", "2026-11-24", "C")
    shared = market.slices().of(market.book.contracts["series"][rows])
    deviation = total_deviation(shared, market.book.contracts["strike"][rows])
    away = np.log(market.book.contracts["strike"][rows] / shared.forward) / np.sqrt(shared.theta)
    near = np.abs(away) < 1.5
    bend, slope, level = np.polyfit(away[near], deviation[near] / np.sqrt(shared.years[near]), 2)
    return {"level": level, "slope": slope / level, "bend": bend / level}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_jump_is_a_jump(seed):
    """At its moment spot moves by the labelled fraction, many times the volatility around it, and nowhere else."""
    market = a_market("SPX", at=OPEN, scenario="jump", seed=seed)
    label = label_of(market, "jump")
    prices = path(market, 1200)
    at = round(label.at_s) // EVERY_S
    assert prices[at] / prices[at - 1] - 1 == pytest.approx(label.size, abs=0.002)
    z = np.abs(local_z(prices))
    assert z[at - 1] > 10
    assert np.delete(z, at - 1).max() < 7


def test_a_calm_day_has_no_jump():
    """Over a whole day no ten seconds move by more than fits the volatility around them, which is low."""
    for seed in (1, 2, 3, 4):
        market = a_market("SPX", at=OPEN, scenario="calm", seed=seed)
        prices = path(market, 23_400)
        z = local_z(prices)
        assert np.abs(z).max() < 5.5, seed
        moves = np.diff(np.log(prices))
        assert moves.std() < 0.6 * 0.16 * math.sqrt(EVERY_S / market.hours.year_s)


@pytest.mark.parametrize("symbol", ["SPX", "SPY", "NDX", "AAPL"])
def test_a_pin_holds(symbol):
    """Once drawn to its strike, spot stays within a step of it all day, and open interest gathers there."""
    for seed in (1, 2, 3):
        market = a_market(symbol, at=OPEN, scenario="pin", seed=seed)
        strike, step = label_of(market, "pin").strikes[symbol], market.profiles[0].fine_step
        prices = path(market, 23_000)
        assert np.abs(prices[12:] - strike).max() < step, seed
        contracts = market.book.contracts
        rows = rows_of(market, market.profiles[0].evening_root, "2026-11-23", "C")
        interest = dict(zip(contracts["strike"][rows], contracts["open_interest"][rows], strict=True))
        assert interest[strike] > 1.5 * max(interest[strike - step], interest[strike + step])


def test_a_trend_drifts():
    """In its hour spot goes the labelled way, most of it in one direction; no step is a jump."""
    for seed in SEEDS:
        market = a_market("SPX", at=OPEN, scenario="trend", seed=seed)
        label = label_of(market, "trend")
        path(market, label.at_s)
        prices = path(market, label.until_s - label.at_s)
        assert prices[-1] / prices[0] - 1 == pytest.approx(label.size, abs=0.006), seed
        minutes = prices[::60]
        assert abs(minutes[-1] - minutes[0]) / np.abs(np.diff(minutes)).sum() > 0.7, seed
        assert np.abs(local_z(prices)).max() < 6, seed


def test_a_crash_raises_volatility_and_skew():
    """Spot falls by the jump and more, realised and implied volatility rise, and the smile gets steeper."""
    for seed in SEEDS:
        market = a_market("SPX", at=OPEN, scenario="crash", seed=seed)
        label = label_of(market, "jump")
        before = path(market, label.at_s - EVERY_S)
        smile = at_the_money(market)
        after = path(market, 1200)
        crashed = at_the_money(market)
        assert after[1] / before[-1] - 1 == pytest.approx(label.size, abs=0.006)
        assert after.min() < before.min() * (1 + label.size)
        assert np.diff(np.log(after[2:])).std() > 1.6 * 0.16 * math.sqrt(EVERY_S / market.hours.year_s), seed
        assert crashed["level"] > 1.3 * smile["level"]
        assert crashed["slope"] < 1.1 * smile["slope"] < 0


def test_a_spike_of_volatility_bends_the_smile_without_a_jump():
    """Implied volatility and curvature break upwards within a minute, and spot moves by what the variance explains."""
    for seed in SEEDS:
        market = a_market("SPX", at=OPEN, scenario="vol-spike", seed=seed)
        label = label_of(market, "volatility")
        before = path(market, label.at_s - EVERY_S)
        smile = at_the_money(market)
        after = path(market, 70)
        risen = at_the_money(market)
        assert risen["level"] > 1.2 * smile["level"]
        assert risen["bend"] > 1.3 * smile["bend"] > 0
        widest = 5 * 0.16 * math.sqrt(12 * EVERY_S / market.hours.year_s)
        assert np.abs(np.diff(np.log([*before, *after]))).max() < widest, seed


def test_a_half_day_closes_at_one():
    """On the half day nothing moves after 13:00, today's contracts are gone by then, and the label says so."""
    market = a_market("SPX", at="2026-11-27 12:55", session="calendar", scenario="half-day")
    close = label_of(market, "close")
    assert (close.at_s, "13:00" in close.text) == (300.0, True)
    path(market, 300)
    spots = market.spots
    assert not market.is_open
    market.advance(new_york_ms("2026-11-27 15:00"))
    assert (market.spots == spots).all()
    assert not rows_of(market, "SPXW", "2026-11-27").size


def test_a_roll_settles_and_lists():
    """At the labelled moment the first expiration leaves, and the one that is named is listed."""
    market = a_market("SPX", at="2026-11-23 15:55", scenario="roll")
    settlement, listing = (label_of(market, kind) for kind in ("settlement", "listing"))
    assert settlement.at_s == listing.at_s == 300.0
    assert "2026-11-23" in settlement.text
    assert "2026-11-24" in settlement.text
    new = listing.text.split()[2]
    path(market, 290)
    assert rows_of(market, "SPXW", "2026-11-23").size
    assert not rows_of(market, "SPXW", new).size
    path(market, 10)
    assert not rows_of(market, "SPXW", "2026-11-23").size
    assert rows_of(market, "SPXW", new).size


def test_no_scenario_holds_arbitrage():
    """At the wildest of each scenario calls fall with the strike, are convex in it, and gain with time."""
    for name in ("crash", "vol-spike", "calm"):
        market = a_market("SPX", at=OPEN, scenario=name)
        path(market, 300)
        for day in ("2026-11-23", "2026-12-01"):
            rows = rows_of(market, "SPXW", day, "C")
            strikes = market.book.contracts["strike"][rows]
            worth = market.worth(rows)[np.isin(strikes, np.arange(6000, 7600, 25))]
            assert (np.diff(worth) <= 1e-6).all(), name
            assert (np.diff(worth, 2) >= -1e-4).all(), name
        variances = market.slices().theta[np.argsort(market.slices().years)]
        assert (np.diff(variances) >= -1e-12).all(), name


def test_an_unknown_name_is_refused():
    """The refusal is one line with all that may be said."""
    with pytest.raises(BadArgument) as refused:
        scenario_named("storm")
    assert all(name in str(refused.value) for name in SCENARIOS)
    assert "\n" not in str(refused.value)
    assert set(SCENARIOS) == {
        *("usual", "calm", "trend", "jump", "vol-spike", "pin", "crash", "roll", "half-day"),
    }  # fmt: skip


def test_labels_depend_on_the_seed_alone():
    """The same seed gives the same labels, and seeds differ in moment and size."""
    drawn = {
        (label.at_s, label.size)
        for seed in SEEDS
        for label in a_market("SPX", scenario="jump", seed=seed).labels
    }
    again = {
        (label.at_s, label.size)
        for seed in SEEDS
        for label in a_market("SPX", scenario="jump", seed=seed).labels
    }
    assert drawn == again
    assert len(drawn) > 8
