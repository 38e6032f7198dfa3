"""Indicators, against their definitions."""

import pytest

from marketswarm.simulator.indicators import ema, macd, rsi, sma

PRICES = [10.0, 11.0, 12.0, 11.0, 13.0, 14.0]


def test_sma():
    """The mean of each window."""
    assert sma(PRICES, 3) == pytest.approx([11, 34 / 3, 12, 38 / 3])


def test_ema():
    """Begun with the mean, then each step by 2 / (window + 1) towards the price."""
    assert ema(PRICES, 3) == pytest.approx([11, 11, 12, 13])


def test_rsi():
    """100 where nothing fell, 0 where nothing rose, 50 where nothing moved, and between them by Wilder's averages."""
    assert rsi([1.0, 2, 3, 4], 2) == [100, 100]
    assert rsi([4.0, 3, 2, 1], 2) == [0, 0]
    assert rsi([1.0, 1, 1], 2) == [50]
    # Rises 1, 1, falls 1: averages 1, 0 and then 0.5, 0.5.
    assert rsi([10.0, 11, 12, 11], 2) == pytest.approx([100, 50])


def test_macd():
    """Value is the short less the long average, signal the average of values, histogram their difference."""
    found = macd(PRICES, 2, 3, 2)
    values = [a - b for a, b in zip(ema(PRICES, 2)[1:], ema(PRICES, 3), strict=True)]
    signal = ema(values, 2)
    assert [value for value, _, _ in found] == pytest.approx(values[1:])
    assert [line for _, line, _ in found] == pytest.approx(signal)
    assert [bar for _, _, bar in found] == pytest.approx(
        [v - s for v, s in zip(values[1:], signal, strict=True)]
    )


@pytest.mark.parametrize("prices", [[], [1.0], [1.0, 2.0]])
def test_too_few_prices(prices):
    """Where a window is not full there is no figure."""
    assert sma(prices, 3) == ema(prices, 3) == rsi(prices, 3) == macd(prices, 2, 3, 2) == []
