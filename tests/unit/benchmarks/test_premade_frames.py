"""The frames that the benchmarks' feed sends."""

import json

import pytest

from benchmarks.children.frames import premade_frames, text_frame
from marketswarm.massive.decode import decode_frame

TICKERS = [f"O:SPXW261123C0{strike:04d}000" for strike in range(6750, 6851)]


def payload_of(wire: bytes) -> bytes:
    """What a client reads of an unmasked frame."""
    return wire[{126: 4, 127: 10}.get(wire[1], 2) :]


@pytest.mark.parametrize(("size", "head"), [(125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_the_length_of_a_frame_has_the_protocols_three_forms(size, head):
    """7 bits, 16 bits, or 64 bits."""
    wire = text_frame(b"x" * size)
    assert len(wire) == size + head
    assert wire[0] == 0x81
    assert payload_of(wire) == b"x" * size


@pytest.mark.parametrize("size", [1, 100])
def test_a_stamped_frame_says_what_it_notes(size):
    """Every quote carries the time, and the decoder reads exactly the quotes that the frame remembers."""
    frame = premade_frames(TICKERS, size)[3]
    decoded = decode_frame(payload_of(bytes(frame.stamp(b"1795446000123"))))
    read = [(u.ticker, u.bid, u.ask, u.bid_size, u.ask_size) for u in decoded.updates]
    assert read == [tuple(quote) for quote in frame.quotes]
    assert len(read) == size
    assert {update.ts for update in decoded.updates} == {1_795_446_000_123}


def test_the_sequence_grows_through_the_whole_cycle():
    """So that within a millisecond the later quote of a contract is the newer one."""
    wires = [frame.stamp(b"1795446000123") for frame in premade_frames(TICKERS, 100)]
    sequences = [event["q"] for wire in wires for event in json.loads(payload_of(bytes(wire)))]
    assert sequences == sorted(set(sequences))


def test_each_contract_comes_once_in_a_round():
    """Rounds over all contracts, in orders of their own."""
    quotes = [quote.ticker for frame in premade_frames(TICKERS, 1) for quote in frame.quotes]
    rounds = [quotes[at : at + len(TICKERS)] for at in range(0, len(TICKERS) * 3, len(TICKERS))]
    assert all(sorted(one) == sorted(TICKERS) for one in rounds)
    assert rounds[0] != rounds[1]
