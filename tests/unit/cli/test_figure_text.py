"""Numbers with their units, as people say them."""

import pytest

from marketswarm.cli.figure_text import figure_text, money_text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (6801.5, "points", "6,801.50 points"),
        (0.1234, "share", "12.3%"),
        (0.154, "fraction per year", "15.4%"),
        (-2.29e9, "USD per 1 % move", "-2.29 bn USD per 1 % move"),
        (90, "seconds", "90.0 s"),
        (600, "seconds", "10 min"),
        (3, "ticks", "3 ticks"),
        (1, "times", "1 time"),
        (2, "times", "2 times"),
        (0.324, "score", "0.32"),
        (-11.24, "basis points", "-11.2 basis points"),
        (0.00012346, "", "0.0001235"),
        (1_234_567, "contracts", "1,234,567 contracts"),
        ("call_wall", "", "call_wall"),
    ],
)
def test_a_figure_in_its_unit(value, unit, text):
    """What is known gets the form that it has in the field, everything else the unit behind it."""
    assert figure_text(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.234e9, "+1.23 bn USD"),
        (-257.4e6, "-257 M USD"),
        (-25.74e6, "-25.7 M USD"),
        (999_600_000, "+1.00 bn USD"),
        (1.7e12, "+1.70 tn USD"),
        (1500, "+1.50 k USD"),
        (12.3, "+12 USD"),
    ],
)
def test_dollars_in_three_digits(value, text):
    """The scale follows the size; rounding never shows a thousand of the smaller one."""
    assert money_text(value) == text


def test_a_sign_where_it_matters():
    """Only when asked for; dollars alike."""
    assert figure_text(3.5, "points", signed=True) == "+3.50 points"
    assert money_text(1e9, signed=False) == "1.00 bn USD"
