"""Underlyings move together, in calm and wild spells, the same way for the same seed."""

import numpy as np
import pytest

from marketswarm.simulator.spots import TRADING_YEAR_S, SpotProcess
from tests.support.simulated_market import a_profile


def path(*symbols: str, seconds: int, seed: int = 5) -> np.ndarray:
    """Prices second by second, one column per symbol."""
    process = SpotProcess([a_profile(symbol) for symbol in symbols], np.random.default_rng(seed))
    rows = []
    for _ in range(seconds):
        process.advance(1.0)
        rows.append(process.spots)
    return np.array(rows)


def returns(prices: np.ndarray, every: int = 1) -> np.ndarray:
    """Logarithmic returns."""
    return np.diff(np.log(prices[::every]), axis=0)


def test_same_seed_same_path():
    """A path depends on its seed alone."""
    assert (path("SPX", "NDX", seconds=50) == path("SPX", "NDX", seconds=50)).all()
    assert (path("SPX", seconds=50, seed=6) != path("SPX", seconds=50)).all()


def test_volatility_clusters():
    """Large moves follow large moves: squared returns are correlated over a minute, returns are not."""
    moves = returns(path("SPX", seconds=30_000))[:, 0]
    squares = moves**2

    def correlation(series: np.ndarray, lag: int) -> float:
        return float(np.corrcoef(series[:-lag], series[lag:])[0, 1])

    assert all(correlation(squares, lag) > 0.05 for lag in (1, 10, 60))
    assert all(abs(correlation(moves, lag)) < 0.03 for lag in (1, 10, 60))


def test_size_of_moves_is_the_stated_volatility():
    """Over many spells, volatility per trading year is near the profile's."""
    moves = returns(path("SPX", seconds=40_000))[:, 0]
    assert moves.std() * np.sqrt(TRADING_YEAR_S) == pytest.approx(0.16, rel=0.35)


def test_funds_follow_their_index():
    """SPY is a tenth of SPX within a few hundredths of a percent; large and tech move together."""
    prices = path("SPX", "SPY", "QQQ", "NDX", seconds=4000)
    assert prices[:, 1] / prices[:, 0] == pytest.approx(0.0998, rel=3e-4)
    together = np.corrcoef(returns(prices, every=30).T)
    assert together[0, 1] > 0.98
    assert together[2, 3] > 0.98
    assert together[0, 3] > 0.8


def test_the_fear_index_falls_when_prices_rise():
    """VIX moves against SPX."""
    moves = returns(path("SPX", "VIX", seconds=3000), every=30)
    assert np.corrcoef(moves.T)[0, 1] < -0.6


def test_a_weekend_away_takes_a_moment_not_a_walk_of_days():
    """A long silence moves prices by a plausible amount."""
    process = SpotProcess([a_profile("SPX")], np.random.default_rng(1))
    before = process.spots[0]
    process.advance(3 * 86_400.0)
    assert 0.8 < process.spots[0] / before < 1.25
    assert process.spots[0] != before


def test_jump_moves_all_by_their_correlation():
    """A fall of the market by 1 % is a fall of SPX by 1 % and a rise of VIX."""
    process = SpotProcess([a_profile("SPX"), a_profile("VIX")], np.random.default_rng(1))
    before = process.spots
    process.jump(-0.01)
    assert process.spots[0] / before[0] == pytest.approx(0.99, rel=1e-6)
    assert process.spots[1] > before[1]
