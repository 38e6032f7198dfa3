"""Prices and greeks of the simulated surface."""

import math

import numpy as np
import pytest

from marketswarm.simulator.surface import RATE, option_values, sensitivities, slices, total_deviation
from marketswarm.simulator.surface import normal_cdf as cdf

STRIKES = np.arange(5000.0, 8600.0, 5.0)
TODAY, WEEK, HALF_YEAR = 5 / 24 / 365, 7 / 365, 0.5


def a_slice(years: float, *, spot: float = 6800.0, volatility: float = 0.16, count: int = len(STRIKES)):
    """What all strikes share, the same for each."""
    full = np.full
    return slices(
        spot=full(count, spot),
        years=full(count, years),
        moving_years=full(count, years),
        volatility=full(count, volatility),
        variance=full(count, 1.0),
        dividend_yield=full(count, 0.013),
        skew=full(count, -0.65),
    )


def values(years: float, right: str, **kind: float) -> np.ndarray:
    """Option values over all strikes."""
    return option_values(a_slice(years, **kind), STRIKES, np.full(len(STRIKES), right == "C"))


def test_normal_distribution_is_exact_to_5e_10():
    """The table of the distribution function stays within 5e-10 of the error function."""
    points = np.linspace(-9.5, 9.5, 4001)
    truth = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in points])
    assert np.abs(cdf(points) - truth).max() < 5e-10


@pytest.mark.parametrize("years", [TODAY, WEEK, HALF_YEAR])
def test_no_butterfly_or_vertical_arbitrage(years):
    """Calls fall with the strike by at most the discounted distance, and are convex in it."""
    calls = values(years, "C")
    falls = -np.diff(calls)
    assert (falls >= -1e-6).all()
    assert (falls <= 5.0 * math.exp(-RATE * years) + 1e-6).all()
    assert (np.diff(calls, 2) >= -1e-5).all()


def test_later_expirations_are_worth_more_at_the_forward():
    """Total variance grows with time."""
    at_the_money = [values(years, "C")[360] for years in (TODAY, WEEK, HALF_YEAR)]
    assert at_the_money == sorted(at_the_money)


@pytest.mark.parametrize("years", [TODAY, WEEK, HALF_YEAR])
def test_put_call_parity(years):
    """Call less put is the discounted distance of forward and strike."""
    shared = a_slice(years)
    difference = values(years, "C") - values(years, "P")
    assert difference == pytest.approx(shared.discount * (shared.forward - STRIKES), abs=1e-6)


def test_smile_is_skewed():
    """A put 5 % below the forward has a higher volatility than a call 5 % above it."""
    deviation = total_deviation(a_slice(WEEK, count=2), np.array([6800 * 0.95, 6800 * 1.05]))
    assert deviation[0] > 1.3 * deviation[1]


def black_scholes(spot: float, strike: float, years: float, volatility: float, right: str) -> float:
    """The textbook's formula for one option, dividends as a yield."""
    deviation = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (RATE - 0.013) * years) / deviation + deviation / 2
    sign = 1 if right == "C" else -1
    phi = [0.5 * math.erfc(-sign * d / math.sqrt(2)) for d in (d1, d1 - deviation)]
    return sign * (spot * math.exp(-0.013 * years) * phi[0] - strike * math.exp(-RATE * years) * phi[1])


@pytest.mark.parametrize("right", ["C", "P"])
@pytest.mark.parametrize("years", [TODAY, WEEK, HALF_YEAR])
def test_greeks_are_slopes_of_the_textbook_price(right, years):
    """Price and greeks match Black-Scholes and its differences at the volatility that is stated beside them."""
    call = np.full(len(STRIKES), right == "C")
    greeks, price = sensitivities(a_slice(years), STRIKES, call), values(years, right)
    for n in range(350, 371, 5):
        strike, volatility = float(STRIKES[n]), float(greeks.volatility[n])

        def worth(spot=6800.0, time=years, vol=volatility, strike=strike):
            return black_scholes(spot, strike, time, vol, right)

        day, tiny = 1 / 365, years / 1000
        assert price[n] == pytest.approx(worth(), abs=1e-4)
        assert greeks.delta[n] == pytest.approx((worth(6801) - worth(6799)) / 2, abs=1e-4)
        assert greeks.gamma[n] == pytest.approx(worth(6801) - 2 * worth() + worth(6799), rel=0.01)
        assert greeks.vega[n] == pytest.approx((worth(vol=volatility + 1e-4) - worth()) * 100, rel=0.01)
        fade = (worth(time=years - tiny) - worth(time=years + tiny)) / (2 * tiny)
        assert greeks.theta[n] == pytest.approx(fade * day, rel=0.01)


def test_vega_is_per_volatility_point():
    """A month's option at the money in a market of 6,800 gains about 7.8 for one point of volatility."""
    vega = sensitivities(a_slice(30 / 365), STRIKES, np.full(len(STRIKES), True)).vega
    assert vega[360] == pytest.approx(6800 * math.sqrt(30 / 365) * 0.3989 / 100, rel=0.03)
