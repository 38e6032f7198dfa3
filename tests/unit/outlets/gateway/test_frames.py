"""Frames: an entry of each stream as it goes over the wire, and entries that are not in their shape."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm import keys
from marketswarm.outlets.gateway.cursor import STREAMS
from marketswarm.outlets.gateway.frames import (
    control_text,
    frame_text,
    place_text,
    reset_text,
    retry_text,
    told,
    told_with_chain,
)
from tests.support.event_streams import Parser, fields_of


def encoded(fields: dict) -> dict[bytes, bytes]:
    """Fields as the store gives them."""
    return {name.encode(): str(value).encode() for name, value in fields.items()}


FEED = encoded(fields_of(keys.CHAIN_FEED, "SPX", 7))
FULL = encoded(fields_of(keys.CHAIN_FULL, "SPX", 7))
TICK = encoded(fields_of(keys.TIMESERIES, "SPX", 7))


@pytest.mark.parametrize("stream", STREAMS)
def test_an_entry_becomes_an_event(stream):
    """A parser of the standard's finds name, place and data, on one line."""
    words = told(stream, b"5-1", encoded(fields_of(stream, "SPX", 7)))
    assert words.symbols == {"SPX"}
    (heard,) = Parser().feed(frame_text(words, "1.ab....."))
    assert (heard.event, heard.last_id) == (stream, "1.ab.....")
    assert heard.data == json.loads(words.data)


def test_numbers_stay_as_they_are_written():
    """No number goes through a float of ours: its digits are those of the store."""
    words = told(keys.TIMESERIES, b"5-1", {**TICK, b"spot": b"6801.123456789012345678"})
    assert b'"spot":6801.123456789012345678,' in words.data


def test_what_may_be_absent_is_left_out():
    """A field that an entry lacks is no member of the event's data; one more than we know is not told."""
    data = json.loads(told(keys.TIMESERIES, b"5-1", {**TICK, b"delayed": b"1", b"more": b"x"}).data)
    assert data["delayed"] == 1
    assert not {"as_of", "more"} & set(data)
    removed = told(keys.CHAIN_FEED, b"5-1", {**FEED, b"removed": b'["O:A"]'})
    assert json.loads(removed.data)["removed"] == ["O:A"]


@pytest.mark.parametrize(
    ("stream", "fields"),
    [
        (keys.TIMESERIES, {}),
        (keys.TIMESERIES, {**TICK, b"spot": b"NaN"}),
        (keys.TIMESERIES, {**TICK, b"seq": b"1,2"}),
        (keys.TIMESERIES, {**TICK, b"symbol": b"\xff"}),
        (keys.CHAIN_FEED, {**FEED, b"updates": b"{"}),
        (keys.CHAIN_FEED, {**FEED, b"updates": b"[]"}),
        (keys.CHAIN_FEED, {**FEED, b"updates": b'{"a":1}\n\ndata: x'}),
        (keys.CHAIN_FEED, {**FEED, b"removed": b'{"a":1}'}),
        (keys.VIGIL_EVENTS, {b"event": b"[1]"}),
        (keys.VIGIL_EVENTS, {b"message": b"{}"}),
        (keys.VIGIL_EVENTS, {b"event": b'{"symbol":1}'}),
        (keys.VEXY_MESSAGES, {b"message": b'{"symbols":"SPX"}'}),
    ],
)
def test_what_is_not_in_its_shape_is_not_told(stream, fields):
    """An entry that would not be what the stream promises, or would break the wire, is none."""
    assert told(stream, b"5-1", fields) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(), _JSON, max_size=5),
    st.sampled_from([None, 1, "\t"]),
    st.sampled_from(["\n", "\r", "\r\n"]),
)
def test_any_json_survives_the_wire(document, indent, line_end):
    """However a stored document is laid out and whatever its texts hold, it arrives as it was."""
    document = {**document, "symbol": "SPX", "symbols": []}
    stored = json.dumps(document, indent=indent, ensure_ascii=False).replace("\n", line_end)
    words = told(keys.VIGIL_EVENTS, b"5-1", {b"event": stored.encode()})
    (heard,) = Parser().feed(frame_text(words, "c"))
    assert heard.data == document


@given(st.text(min_size=1))
def test_any_text_survives_the_wire(text):
    """Texts of an entry are told as they are, line ends and quotes included."""
    words = told(keys.CHAIN_FULL, b"5-1", {**FULL, b"reason": text.encode()})
    (heard,) = Parser().feed(frame_text(words, "c"))
    assert heard.data["reason"] == text


def test_of_whom_a_message_speaks():
    """A message of several symbols is of each of them; one of none is of no one alone."""
    both = told(keys.VEXY_MESSAGES, b"5-1", {b"message": b'{"symbols":["SPX","SPY"]}'})
    assert both.symbols == {"SPX", "SPY"}
    assert not told(keys.VEXY_MESSAGES, b"5-1", {b"message": b"{}"}).symbols


def test_an_entry_with_its_chain():
    """The chain stands behind the entry's own members, each contract as it is stored."""
    words = told_with_chain(b"5-1", FULL, {b"O:A": b'{"v":1}', b'O:"': b'{"v":\n2}'})
    data = json.loads(words.data)
    assert data["chain"] == {"O:A": {"v": 1}, 'O:"': {"v": 2}}
    assert (data["id"], data["seq"]) == ("5-1", 7)


@pytest.mark.parametrize("contract", [b"{", b'1,"x":2,', b""])
def test_a_chain_that_is_no_json_is_not_told(contract):
    """A contract that cannot be cut in leaves the chain out."""
    assert told_with_chain(b"5-1", FULL, {b"O:A": contract}) is None


def test_words_of_the_stream_itself():
    """A place alone and a time to come back are no events; a reset and the others are, and move no place."""
    parser = Parser()
    assert parser.feed(place_text("1.a.....") + retry_text(1_500)) == []
    assert (parser.last_id, parser.retry_ms) == ("1.a.....", 1_500)
    reset, beat = parser.feed(reset_text("trimmed", ["sse:chain-feed"]) + control_text("heartbeat", ts=5))
    assert (reset.event, reset.data) == ("reset", {"reason": "trimmed", "streams": ["sse:chain-feed"]})
    assert (beat.event, beat.data, beat.last_id) == ("heartbeat", {"ts": 5}, "1.a.....")
