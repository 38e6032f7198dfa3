"""Secrets never get into a recording."""

import pytest

from marketswarm.recorder.secrets import Hider

KEY = "vendor-key-0123456789abcdef"


def test_a_secret_becomes_stars_of_its_length():
    """Wherever it stands, as often as it stands."""
    hidden = Hider([KEY, "another-secret"])(f"x{KEY}y{KEY} another-secret".encode())
    assert hidden == b"x" + b"*" * len(KEY) + b"y" + b"*" * len(KEY) + b" " + b"*" * 14


def test_what_is_too_short_to_be_told_from_data_stays():
    """A key of one letter would take the data with it."""
    assert Hider(["k", ""])(b"ticker") == b"ticker"


@pytest.mark.parametrize("words", [["abcdefgh", "abcdefgh12345678"], ["abcdefgh12345678", "abcdefgh"]])
def test_a_secret_that_contains_another_is_hidden_whole(words):
    """In whichever order they are named."""
    memory = bytearray(b"k=abcdefgh12345678 abcdefgh")
    Hider(words).clean(memory, len(memory))
    assert memory == b"k=" + b"*" * 16 + b" " + b"*" * 8 == Hider(words)(b"k=abcdefgh12345678 abcdefgh")


def test_a_secret_of_stars_ends():
    """A placeholder that somebody left in place of a token is what it would become."""
    memory = bytearray(b"*" * 20)
    Hider(["*" * 8]).clean(memory, len(memory))
    assert memory == b"*" * 20


def test_memory_is_cleaned_where_it_is():
    """Every place up to its end, the last bytes included; what lies behind it is none of its business."""
    key = KEY.encode()
    memory = bytearray(key + b" a " + key + key + b"another-secret" + key)
    end = len(memory) - len(key)
    Hider([KEY, "another-secret"]).clean(memory, end)
    stars = b"*" * len(key)
    assert memory == stars + b" a " + stars + stars + b"*" * 14 + key
