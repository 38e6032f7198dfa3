"""Until when the time of an option counts, and how long it stays listed."""

import numpy as np
import pytest

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.market import Market
from marketswarm.simulator.switches import read_switches
from marketswarm.simulator.terms import Terms
from tests.support.simulated_market import a_profile, new_york_ms, rows_of

TODAY = "2026-11-23"


def market(*settings: str, at: str = f"{TODAY} 11:00") -> Market:
    """SPX on a Monday, with these switches."""
    hours, terms = Hours(us_options_calendar(), "always"), Terms(switches=read_switches(settings))
    return Market([a_profile("SPX")], hours, 7, new_york_ms(at), terms)


def test_the_vendors_clock():
    """To midnight UTC, five hours are eight: the price is the same, volatility and decay less, delta the same, vega more."""
    own, vendors = market(), market("expiry-clock=massive")
    rows = rows_of(own, "SPXW", TODAY, "C")[40:-40]
    assert own.worth(rows) == pytest.approx(vendors.worth(rows), abs=0)
    short, long = own.sensitivities(rows), vendors.sensitivities(rows)
    assert long.volatility == pytest.approx(short.volatility * np.sqrt(5 / 8))
    assert long.delta == pytest.approx(short.delta)
    assert long.gamma == pytest.approx(short.gamma)
    assert long.vega == pytest.approx(short.vega * np.sqrt(8 / 5))
    near = np.abs(short.delta - 0.5) < 0.2
    assert near.any()
    assert long.theta[near] == pytest.approx(short.theta[near] * 5 / 8, rel=0.03)


@pytest.mark.parametrize(("minutes", "stays"), [(0, False), (30, True)])
def test_how_long_settled_contracts_stay(minutes, stays):
    """Settled contracts leave the listing at once, or so many minutes later."""
    made = market(f"expired-stay-minutes={minutes}", at=f"{TODAY} 15:59")
    rows = rows_of(made, "SPXW", TODAY)
    assert len(rows)
    made.advance(new_york_ms(f"{TODAY} 16:01"))
    assert bool(made.book.contracts["listed"][rows].all()) is stays
    made.advance(new_york_ms(f"{TODAY} 16:31"))
    assert not made.book.contracts["listed"][rows].any()
