"""Rates and lag of one symbol."""

from marketswarm.chain.meter import Meter


def test_the_rate_is_over_the_last_five_seconds():
    """What is older does not count."""
    meter = Meter()
    meter.count(0.0, 1000)
    meter.count(6.0, 100)
    meter.count(7.0, 150)

    assert meter.per_second(8.0) == 50.0


def test_lag_is_told_in_quantiles_of_milliseconds():
    """p50 and p99 since the last telling; nothing applied, nothing told."""
    meter = Meter()
    meter.lags([i / 1000 for i in range(1, 102)])

    assert meter.take_lag_ms() == {"p50": 51.0, "p99": 100.0}
    assert meter.take_lag_ms() == {}
