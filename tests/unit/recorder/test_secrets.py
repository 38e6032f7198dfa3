"""Secrets never get into a recording."""

from marketswarm.recorder.secrets import hider

KEY = "vendor-key-0123456789abcdef"


def test_a_secret_becomes_stars_of_its_length():
    """Wherever it stands, as often as it stands."""
    hidden = hider([KEY, "another-secret"])(f"x{KEY}y{KEY} another-secret".encode())
    assert hidden == b"x" + b"*" * len(KEY) + b"y" + b"*" * len(KEY) + b" " + b"*" * 14


def test_what_is_too_short_to_be_told_from_data_stays():
    """A key of one letter would take the data with it."""
    assert hider(["k", ""])(b"ticker") == b"ticker"
