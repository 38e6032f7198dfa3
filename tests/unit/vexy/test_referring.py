"""How things are named."""

import pytest

from marketswarm.vexy.numbers import figure
from marketswarm.vexy.referring import NAMES, Phrase, joined, listed, plain_symbol, reference

AT = figure("strike", "strike", 6_850.0, source="s", as_of=1)


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        ("call_wall", "the 6,850 call wall", "the wall"),
        ("heaviest", "the heaviest strike at 6,850", "that strike"),
        ("max_pain", "max pain at 6,850", "that strike"),
        ("flip", "the gamma flip at 6,850", "the flip"),
        ("call_peak", "the 6,850 call gamma peak", "the strike"),
        ("something", "the 6,850 strike", "the strike"),
    ],
)
def test_a_thing_has_a_whole_name_and_a_short_one(name, full, short):
    """The number stands in the whole one alone."""
    found = reference(name, AT)
    assert (found.full, found.short) == (Phrase(full, (AT,)), short)


@pytest.mark.parametrize("name", NAMES)
def test_short_names_hold_no_number(name):
    """So that they need no fact."""
    assert not any(one.isdigit() for one in reference(name, AT).short)


def test_lists():
    """Commas, and one `and`."""
    assert joined([]) == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b"]) == "a and b"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert listed([Phrase("6,850", (AT,)), Phrase("more")]) == Phrase("6,850 and more", (AT,))


@pytest.mark.parametrize(
    ("symbol", "plain"),
    [
        ("SPX", "SPX"),
        ("BRK.B", "BRK.B"),
        ("<b>SPX</b>", "bSPX/b"),
        ("{{7}}", "7"),
        ("", "The symbol"),
        ("A" * 30, "A" * 8),
    ],
)
def test_a_symbol_is_never_markup(symbol, plain):
    """Letters, digits and few signs, of bounded length."""
    assert plain_symbol(symbol) == plain
