"""Settings of several values as they are written; what is refused is tried with the settings in test_settings.py."""

import pytest

from marketswarm.setting_texts import split_clock, split_points, split_symbols


@pytest.mark.parametrize(
    ("split", "text", "value"),
    [
        (split_symbols, " spx, BRK.B ", ["SPX", "BRK.B"]),
        (split_points, "spx=20, NDX=80.5", {"SPX": 20.0, "NDX": 80.5}),
        (split_clock, "1795449600000,1800000000000,2.5", (1795449600000, 1800000000000, 2.5)),
    ],
)
def test_a_text_is_what_it_means(split, text, value):
    """Spaces and small letters do not matter; what is no text is handed on as it is."""
    assert split(text) == value
    assert split(value) is value


@pytest.mark.parametrize(
    ("split", "text", "allowed"),
    [
        (split_symbols, "SPX,spx", "each symbol once"),
        (split_symbols, "I:SPX", "symbols like SPX"),
        (split_points, "SPX=20,NDX", "SYMBOL=POINTS pairs"),
        (split_clock, "1,2", "START,SINCE,SPEED"),
    ],
)
def test_a_wrong_text_says_what_is_allowed(split, text, allowed):
    """In words that fit behind `allowed:`."""
    with pytest.raises(ValueError, match=allowed):
        split(text)
