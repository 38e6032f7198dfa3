"""A scenario described is the scenario run."""

import pytest

from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.description import describe
from marketswarm.simulator.scenarios.catalogue import SCENARIOS
from marketswarm.simulator.server import SimulatorServer
from tests.support.simulated_market import new_york_ms


@pytest.mark.parametrize("name", SCENARIOS)
def test_described_as_it_will_be(name):
    """The labels of a description are those of the market that the same configuration makes, strikes included."""
    start = "2026-11-27 12:00"
    config = SimulatorConfig(port=0, scenario=name, start=start, seed=5, symbols=("SPX", "SPY", "NDX"))
    described = describe(config, new_york_ms("2026-11-22 12:00"))
    market = SimulatorServer(config).market
    assert described.labels == market.labels
    assert described.begin_ms == market.now_ms == new_york_ms(start)
    assert described.session == ("calendar" if name == "half-day" else "always")
