"""The page on greeks: its example, its words and its bounds are computed."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest

from marketswarm.maths.black76 import RATE, Terms, discount, sensitivities
from marketswarm.maths.implied import implied_volatility
from marketswarm.model.contract import ABSENCES, Greeks

PAGE = (Path(__file__).parents[2] / "docs" / "greeks.md").read_text()
SNIPPET, SHOWN = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", PAGE, re.DOTALL).groups()
DAYS = (1, 7, 30, 90)


def test_the_example_prints_what_is_shown():
    """Whoever runs the page's code reads the page's figures."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(SNIPPET, "docs/greeks.md", "exec"), {})
    assert printed.getvalue() == SHOWN


def test_the_product_says_the_same():
    """Our own volatility and greeks of the example's quote are those figures."""
    years = (299 + 37 / 60) / 525_600
    forward = 4483.78 * np.exp(RATE * years)
    terms = Terms(*(np.array([number]) for number in (forward, 4500.0, years)), np.array([True]))
    volatility = implied_volatility(terms, 1.625 / discount(terms.years))
    figures = [volatility, *sensitivities(terms, volatility, np.array([4483.78]))]
    for name, figure in zip(("iv", "delta", "gamma", "theta", "vega"), figures, strict=True):
        shown = re.search(rf"^{name} (\S+)$", SHOWN, re.MULTILINE).group(1)
        assert f"{figure[0]:.{len(shown.partition('.')[2])}f}" == shown


def test_every_member_and_every_reason_is_explained():
    """Each has a row of its own."""
    rows = set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE))
    assert rows == {*Greeks.model_fields, *ABSENCES}


def american_put(strike, volatility, days, steps=1200):
    """A binomial tree (Cox, Ross and Rubinstein) of a put at spot 600, the last step by Black-Scholes' limit."""
    spot, rate, dividends = 600.0, 0.04, 0.012
    years = days / 365
    step = years / steps
    up = np.exp(volatility * np.sqrt(step))
    chance = (np.exp((rate - dividends) * step) - 1 / up) / (up - 1 / up)
    prices = spot * up ** np.arange(steps, -steps - 1, -2.0)
    worth = np.maximum(strike - prices, 0)
    early, late = worth, worth
    for left in range(steps, 0, -1):
        prices = spot * up ** np.arange(left - 1, -left, -2.0)
        early = np.exp(-rate * step) * (chance * early[:-1] + (1 - chance) * early[1:])
        late = np.exp(-rate * step) * (chance * late[:-1] + (1 - chance) * late[1:])
        early = np.maximum(early, strike - prices)
    return float(early[0]), float(late[0])


@pytest.mark.parametrize(("row", "moneyness"), [("at the money", 1.0), ("strike 2 % below spot", 0.98)])
def test_the_cost_of_early_exercise(row, moneyness):
    """The premium for early exercise by a tree, turned into volatility by vega, is what the page says, to 0.02 points."""
    written = re.search(rf"\| {re.escape(row)} \|(.*)\|", PAGE).group(1)
    for days, points in zip(DAYS, map(float, written.split("|")), strict=True):
        strike, years = 600 * moneyness, days / 365
        early, late = american_put(strike, 0.14, days)
        forward = 600 * np.exp((0.04 - 0.012) * years)
        terms = Terms(*(np.array([number]) for number in (forward, strike, years)), np.array([False]))
        vega = sensitivities(terms, np.array([0.14]), np.array([600.0])).vega[0]
        assert (early - late) / vega == pytest.approx(points, abs=0.02)
