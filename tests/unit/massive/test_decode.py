"""WebSocket frames into updates, and what cannot be used counted by reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from marketswarm.massive.decode import SAMPLE_LENGTH, decode_frame
from tests.unit.massive.builders import QUOTE_MS, bar_event, frame, quote_event, status_event, trade_event

TICKER = "O:SPXW261123C06800000"


def test_quote():
    """A quote gives prices, sizes, sequence and the time in ms."""
    (quote,) = decode_frame(frame(quote_event())).updates

    assert (quote.ticker, quote.ts, quote.seq) == (TICKER, QUOTE_MS, 844090872)
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (1.6, 1.65, 123, 37)


def test_quote_without_a_bid():
    """A price of 0 says that nobody quotes that side; it is kept."""
    (quote,) = decode_frame(frame(quote_event(bp=0, bs=0))).updates

    assert (quote.bid, quote.bid_size) == (0.0, 0)


def test_trade():
    """A trade gives price, size and exchange."""
    (trade,) = decode_frame(frame(trade_event())).updates

    assert (trade.price, trade.size, trade.exchange, trade.ts) == (1.65, 2, 302, QUOTE_MS)


@pytest.mark.parametrize("kind", ["A", "AM"])
def test_bar(kind):
    """A bar gives its own prices, the day's totals, and its end as its time."""
    (bar,) = decode_frame(frame(bar_event(ev=kind))).updates

    assert (bar.close, bar.high, bar.low, bar.ts) == (2.06, 2.1, 2.0, QUOTE_MS + 1000)
    assert (bar.day_volume, bar.day_open, bar.day_vwap) == (8.0, 2.2, 2.1312)


def test_what_is_left_out_is_unset():
    """Fields that nobody needs may be missing: they are unset, not zero."""
    event = quote_event()
    del event["bs"], event["as"]

    (quote,) = decode_frame(frame(event)).updates

    assert (quote.bid_size, quote.ask_size) == (UNSET, UNSET)


def test_statuses_are_split_from_updates():
    """Statuses and updates of one frame are given apart, each in order."""
    decoded = decode_frame(
        frame(
            status_event("error", "not authorized"),
            quote_event(),
            status_event("success", "subscribed to: T.X"),
        )
    )

    assert [status.status for status in decoded.statuses] == ["error", "success"]
    assert [update.ticker for update in decoded.updates] == [TICKER]
    assert decoded.bad is None


def test_text_and_bytes_decode_alike():
    """A frame may come as text or as bytes."""
    raw = frame(quote_event(), trade_event())

    assert decode_frame(raw.decode()) == decode_frame(raw)


@pytest.mark.parametrize(
    ("event", "field", "value"),
    [
        (quote_event(bs=17.0), "bid_size", 17),
        (quote_event(bs=None), "bid_size", UNSET),
        (quote_event(q=None), "seq", 0),
        (quote_event(t=float(QUOTE_MS)), "ts", QUOTE_MS),
        (trade_event(s=3.0), "size", 3),
        (trade_event(c=None), "exchange", 302),
        (bar_event(z=0.5, av=None), "day_volume", UNSET),
    ],
)
def test_harmless_deviations_are_read(event, field, value):
    """Whole sizes written as floats, and nulls where nothing is needed, do not cost the event."""
    decoded = decode_frame(frame(event))

    assert getattr(decoded.updates[0], field) == value
    assert decoded.bad is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not-json"),
        (b"<html>", "not-json"),
        (b'[{"ev":"Q"', "not-json"),
        (b"\xff\xfe", "not-json"),
        (b"[" * 100_000, "not-json"),
        (b"[NaN]", "not-json"),
        (b'{"ev":"status","status":"connected"}', "not-array"),
        (b'"status"', "not-array"),
        (b"null", "not-array"),
        (b"[7]", "not-object"),
        (b"[null]", "not-object"),
        (frame([quote_event()]), "not-object"),
        (frame({}), "unknown-kind"),
        (frame(quote_event(ev="ZZ")), "unknown-kind"),
        (frame(quote_event(ev=["Q"])), "unknown-kind"),
        (frame({"ev": "FMV", "sym": TICKER, "fmv": 7.2, "t": 1}), "unknown-kind"),
        (frame(quote_event(bp=None)), "malformed"),
        (frame(quote_event(bp="1.6")), "malformed"),
        (frame(quote_event(bp=True)), "malformed"),
        (frame(quote_event(bp=-0.01)), "malformed"),
        (frame(quote_event(ap=-0.01)), "malformed"),
        (frame(quote_event(ap=1e12)), "malformed"),
        (frame(quote_event(bs=1.5)), "malformed"),
        (frame(quote_event(bs=-1)), "malformed"),
        (frame(quote_event(sym=None)), "malformed"),
        (frame(quote_event(sym="")), "malformed"),
        (frame(quote_event(t=None)), "malformed"),
        (frame(quote_event(t=QUOTE_MS // 1000)), "malformed"),
        (frame(quote_event(t=QUOTE_MS * 10**6)), "malformed"),
        (frame(quote_event()).replace(b"1.65", b"1e999"), "malformed"),
        (frame(quote_event(sym="X")).replace(b'"X"', b'"\xff"'), "malformed"),
        (frame(trade_event(p=None)), "malformed"),
        (frame(bar_event(c="2")), "malformed"),
        (frame({"ev": "status"}), "malformed"),
    ],
)
def test_what_cannot_be_used_is_counted(raw, reason):
    """A frame or event that cannot be used gives no update and one count under its reason."""
    decoded = decode_frame(raw)

    assert not decoded.updates
    assert not decoded.statuses
    assert decoded.bad.counts == {reason: 1}


def test_one_bad_event_does_not_cost_its_neighbours():
    """The other events of a frame with a bad one are used, in order."""
    decoded = decode_frame(
        frame(quote_event(q=1), quote_event(bp=None), 7, status_event("success"), quote_event(q=2))
    )

    assert [update.seq for update in decoded.updates] == [1, 2]
    assert [status.status for status in decoded.statuses] == ["success"]
    assert decoded.bad.counts == {"malformed": 1, "not-object": 1}


def test_samples_are_few_and_short():
    """Of each reason a few samples are kept, and only the beginning of each."""
    decoded = decode_frame(frame(*[quote_event(bp="x" * 5000)] * 50))

    assert decoded.bad.counts == {"malformed": 50}
    assert len(decoded.bad.samples) == 3
    assert max(len(sample) for _, sample in decoded.bad.samples) == SAMPLE_LENGTH


def test_an_empty_frame_is_no_fault():
    """A frame without events is fine and says nothing."""
    assert decode_frame(b"[]") == decode_frame(b" [ ] ")
    assert decode_frame(b"[]").bad is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
spoilt_events = st.builds(
    lambda event, name, value: event | {name: value},
    st.sampled_from([quote_event(), trade_event(), bar_event(), status_event("success", "x")]),
    st.sampled_from(["ev", "sym", "bp", "ap", "p", "s", "t", "e", "c", "q", "bs", "av", "status", "message"]),
    json_values | st.sampled_from(["Q", "T", "A", "AM", "status"]),
)


@given(st.binary() | st.text())
def test_no_bytes_raise(raw):
    """Whatever comes, decoding raises nothing."""
    decode_frame(raw)


@given(st.lists(spoilt_events | json_values, max_size=6))
def test_every_element_is_accounted_for(elements):
    """Each element of a frame becomes an update, a status or one count, and no ticker appears that was not sent."""
    decoded = decode_frame(json.dumps(elements))

    bad = sum(decoded.bad.counts.values()) if decoded.bad else 0
    assert len(decoded.updates) + len(decoded.statuses) + bad == len(elements)
    sent = {
        element.get("sym")
        for element in elements
        if isinstance(element, dict) and not isinstance(element.get("sym"), (list, dict))
    }
    assert {update.ticker for update in decoded.updates} <= sent


@given(st.lists(spoilt_events, min_size=1, max_size=4), st.data())
def test_a_damaged_frame_raises_nothing(events, data):
    """A frame with a byte changed, or cut short, raises nothing."""
    raw = bytearray(json.dumps(events).encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255))

    decode_frame(bytes(raw))
    decode_frame(bytes(raw[:place]))
