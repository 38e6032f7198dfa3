"""The cursor: a place in all streams that survives the wire, and errors for what is none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm import keys
from marketswarm.errors import BadArgument
from marketswarm.outlets.gateway.cursor import (
    BEGINNING,
    STREAMS,
    Cursor,
    Place,
    parse_cursor,
    parse_place,
    run_named,
)

_PART = st.integers(0, 2**64 - 1)
_PLACES = st.tuples(*[st.builds(Place, _PART, _PART) for _ in STREAMS])
_RUNS = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=16)
_CURSORS = st.builds(Cursor, _RUNS, _PLACES)


@given(_CURSORS)
def test_it_survives_the_wire(cursor):
    """What a cursor's text says is the cursor, and the text needs no quoting in a query or a header."""
    assert parse_cursor(cursor.text, "since") == cursor
    assert re.fullmatch(r"[0-9a-z.-]+", cursor.text)


def test_it_is_compact():
    """With today's ids it takes less than a hundred characters; a stream without an entry takes one."""
    place = Place(1_795_449_600_123, 3)
    assert len(Cursor("0123abcd", (place,) * 5).text) < 100
    assert Cursor("0123abcd").text == "1.0123abcd....."


@given(_CURSORS, st.sampled_from(STREAMS), st.builds(Place, _PART, _PART))
def test_a_place_is_moved_alone(cursor, stream, place):
    """Another place in one stream leaves the others as they are."""
    moved = cursor.at(stream, place)
    assert moved.of(stream) == place
    assert all(moved.of(other) == cursor.of(other) for other in STREAMS if other != stream)


@given(_CURSORS, _CURSORS)
def test_which_is_ahead(one, other):
    """A cursor is ahead of another when it knows an entry that the other does not."""
    assert one.is_ahead_of(other) == any(one.of(stream) > other.of(stream) for stream in STREAMS)
    assert not one.is_ahead_of(one)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17-0",
        "1.ab....",
        "1.ab......",
        "2.ab.....",
        "1..1.1.1.1.1",
        "1.ab.1.1.1.1.g",
        "1.ab.1-.1.1.1.1",
        "1.AB.....",
        "1.ab.12345678901234567....",
        "1.ab.....\n",
        "1.ab.٣....",
        "x" * 5_000,
    ],
)
def test_what_is_none(text):
    """Anything else is an error that says where it was given, and shows no more of it than fits a line."""
    with pytest.raises(BadArgument, match="Last-Event-ID is ") as raised:
        parse_cursor(text, "Last-Event-ID")
    assert len(str(raised.value)) < 250


def test_a_place_from_an_entry():
    """An entry's id is a place; ids order as numbers do, not as text."""
    assert parse_place(b"1795449600123-10") == Place(1_795_449_600_123, 10)
    assert parse_place("12") == Place(12, 0)
    assert parse_place("9-2") < parse_place("9-10") < parse_place("10-0")
    assert str(BEGINNING) == "0-0"


def test_a_run_by_its_name():
    """A store's name is taken as it is; whatever cannot stand in a cursor still gives one that can."""
    assert run_named(b"0123abcd") == "0123abcd"
    for strange in (b"", b"A b", b"\xff", b"x" * 40):
        run = run_named(strange)
        assert parse_cursor(Cursor(run).text, "since").run == run
    assert run_named(b"A b") != run_named(b"A c")


def test_every_stream_is_told():
    """The streams of a cursor are those of the contract, in an order that never changes: it is on the wire."""
    assert STREAMS == (
        keys.TIMESERIES,
        keys.CHAIN_FEED,
        keys.CHAIN_FULL,
        keys.VIGIL_EVENTS,
        keys.VEXY_MESSAGES,
    )
