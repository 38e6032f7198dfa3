"""How numbers stand in a sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.vexy import numbers
from marketswarm.vexy.numbers import GRAMMARS, Unspeakable, figure

CASES = [
    (numbers.strike, 6850.0, "6,850"),
    (numbers.strike, 602.5, "602.5"),
    (numbers.price, 6795.4, "6,795.4"),
    (numbers.price, 602.345, "602.35"),
    (numbers.price, 999.994, "999.99"),
    (numbers.percent, 0.224, "22 %"),
    (numbers.percent, 0.045, "4.5 %"),
    (numbers.percent, 0.0067, "0.67 %"),
    (numbers.percent, 0.0, "0 %"),
    (numbers.percent, 0.00001, "less than 0.01 %"),
    (numbers.signed_percent, -0.0123, "−1.23 %"),
    (numbers.volatility, 0.154, "15.4 %"),
    (numbers.vol_points, -1.24, "1.2 vol points"),
    (numbers.vol_points, 0.24, "0.24 vol points"),
    (numbers.sigmas, 12.9, "12.9 sigmas"),
    (numbers.deviations, 5.3, "5.3 deviations"),
    (numbers.of_move, -0.51, "0.51 of the expected move"),
    (numbers.of_move, 1.02, "1.02 times the expected move"),
    (numbers.of_move, 0.999, "1.00 times the expected move"),
    (numbers.in_moves, -0.077, "0.08 EM"),
    (numbers.in_moves, 0.001, "less than 0.01 EM"),
    (numbers.signed_moves, -0.21, "−0.21 EM"),
    (numbers.times, 2.43, "2.4 times"),
    (numbers.times, 12.9, "13 times"),
    (numbers.multiple, 2.66, "2.66"),
    (numbers.basis_points, -11.2, "11.2 bp"),
    (numbers.basis_points, 0.87, "0.87 bp"),
    (numbers.ratio, 0.41, "+0.41"),
    (numbers.ratio, -0.12, "−0.12"),
    (numbers.ratio, -0.001, "0.00"),
    (numbers.fine_ratio, -0.081, "−0.081"),
    (numbers.score, 0.324, "0.32"),
    (numbers.duration, 0, "less than 1 second"),
    (numbers.duration, 1, "1 second"),
    (numbers.duration, 40, "40 seconds"),
    (numbers.duration, 60, "60 seconds"),
    (numbers.duration, 840, "14 minutes"),
    (numbers.duration, 3_600, "1 hour"),
    (numbers.duration, 7_500, "2 hours 5 minutes"),
    (numbers.minutes, 61, "1 hour 1 minute"),
    (numbers.often, 1, "once"),
    (numbers.often, 2, "twice"),
    (numbers.often, 3, "3 times"),
    (numbers.count, 1234, "1,234"),
    (numbers.exposure, 1.2e9, "$1.2 billion per 1 % move"),
    (numbers.exposure, -2.57e8, "−$257 million per 1 % move"),
    (numbers.exposure, 9.9996e8, "$1.0 billion per 1 % move"),
    (numbers.money, 850.0, "$850"),
    (numbers.money, 0.0, "$0"),
    (numbers.decay, -6e6, "$6.0 million of delta a minute"),
    (numbers.clock, 1_795_467_600_000, "16:00 ET"),
    (numbers.clock, 1_795_467_610_000, "16:00:10 ET"),
    (numbers.day, "2026-11-24", "Tuesday 24 November"),
]


@pytest.mark.parametrize(("say", "value", "text"), CASES, ids=lambda one: getattr(one, "__name__", str(one)))
def test_each_kind_has_its_grammar(say, value, text):
    """Digits, units and singulars are those of the field."""
    assert say(value) == text


def test_distances_have_the_digits_of_the_price_that_they_are_near_to():
    """One decimal from a price of 1,000 on, two below; what would read as zero is less than the least."""
    assert numbers.points(-32.41, 6800.0) == "32.4 points"
    assert numbers.points(0.41, 602.0) == "0.41 points"
    assert numbers.points(0.01, 6800.0) == "less than 0.1 points"
    assert numbers.points(0.0, 6800.0) == "0.0 points"
    assert numbers.signed_points(-32.41, 6800.0) == "−32.4 points"


def test_a_figure_is_text_and_fact():
    """The text stands beside value, unit, source and time."""
    fact = figure("change", "points", -32.4, source="event:1/change", as_of=7, near=6800.0)
    assert (fact.text, fact.value, fact.unit, fact.source, fact.as_of) == (
        "32.4 points",
        -32.4,
        "points",
        "event:1/change",
        7,
    )
    assert figure("to", "day", "2026-11-24", source="s", as_of=1).text == "Tuesday 24 November"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300, "many"])
@pytest.mark.parametrize("kind", [*GRAMMARS, "points", "signed_points"])
def test_what_is_no_number_is_not_told(kind, value):
    """Neither what is not finite, nor what no market has, nor text."""
    with pytest.raises(Unspeakable):
        figure("x", kind, value, source="s", as_of=1)


@pytest.mark.parametrize("text", ["soon", "", "2026-13-01", "<b>"])
def test_what_is_no_date_is_not_told(text):
    """Only an ISO date is one."""
    with pytest.raises(Unspeakable):
        figure("x", "day", text, source="s", as_of=1)


@given(st.sampled_from(sorted(set(GRAMMARS) - {"clock"})), st.floats(-1e10, 1e10))
def test_something_is_never_told_as_nothing(kind, value):
    """An amount that is not zero has a digit that is not, unless it has a sign, is money, a price, or counted."""
    text = figure("x", kind, value, source="s", as_of=1).text
    assert text
    assert "nan" not in text
    is_exact = kind in {
        "exposure",
        "decay",
        "count",
        "crossings",
        "often",
        "strike",
        "price",
        "ratio",
        "fine_ratio",
        "signed_percent",
        "signed_moves",
    }
    if value and not is_exact:
        assert any(one in "123456789" for one in text)
