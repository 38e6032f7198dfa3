"""Which contracts belong into a chain."""

from datetime import date

import pytest

from marketswarm.massive.eligibility import Stated, eligible
from marketswarm.model.ticker import OptionTicker
from tests.unit.massive.builders import EXPIRATION, universe

FRIDAY = date(2026, 11, 20)  # a third Friday: SPX and SPXW both expire


def stated(**changes) -> Stated:
    """What a sound row of 6800 calls says."""
    return Stated(
        **({"expiration": EXPIRATION, "strike": 6800.0, "multiplier": 100.0, "type": "call"} | changes)
    )


@pytest.mark.parametrize(
    ("ticker", "row", "verdict"),
    [
        ("O:SPX1261123C06800000", stated(), "adjusted"),
        ("O:SPY261123C06800000", stated(), "adjusted"),
        ("O:SPXW261123C06800000", stated(multiplier=110.0), "adjusted"),
        ("O:SPXW261123C06800000", stated(strike=6805.0), "malformed"),
        ("O:SPXW261123C06800000", stated(type="put"), "malformed"),
        ("O:SPXW261123C06800000", stated(type="other"), "malformed"),
        ("O:SPXW261123C06800000", stated(expiration=date(2026, 11, 24)), "malformed"),
        ("O:SPXW261124C06800000", stated(expiration=date(2026, 11, 24)), "expiration"),
        ("SPXW261123C06800000", stated(), "malformed"),
        ("O:SPXW211022C000150000", stated(), "malformed"),
        ("", stated(), "malformed"),
    ],
)
def test_reasons(ticker, row, verdict):
    """A contract is kept out for the first reason that holds."""
    assert eligible(ticker, row, universe()) == verdict


@pytest.mark.parametrize("kind", ["call", None])
def test_a_standard_contract_is_parsed(kind):
    """A standard contract gives its parsed ticker, whether or not the row repeats its type."""
    ticker = eligible("O:SPXW261123C06800000", stated(type=kind), universe())

    assert ticker == OptionTicker("SPXW", EXPIRATION, "call", 6_800_000)


@pytest.mark.parametrize(
    ("root", "am_has_stopped", "is_settled"),
    [("SPX", False, False), ("SPX", True, True), ("SPXW", True, False)],
)
def test_am_settled_contracts_stop_before_their_day(root, am_has_stopped, is_settled):
    """Once the session before has closed, AM-settled contracts trade no more; the PM-settled ones of that day do."""
    verdict = eligible(
        f"O:{root}261120C06800000", stated(expiration=FRIDAY), universe("SPX", FRIDAY, am_has_stopped)
    )

    assert (verdict == "settled") is is_settled


def test_a_fund_has_one_root():
    """Letters behind a fund's symbol make another product, not another root of it."""
    assert eligible("O:SPYX261123C06800000", stated(), universe("SPY", is_index=False)) == "adjusted"
