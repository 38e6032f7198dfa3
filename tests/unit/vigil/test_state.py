"""The state between two ticks: round trip, foreign and damaged ones."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from marketswarm.model.chain import ChainId
from marketswarm.vigil.budget import Budget
from marketswarm.vigil.machine import Track
from marketswarm.vigil.sighting import Detector, Marks, Tick
from marketswarm.vigil.state import VigilState, decode, encode, known_carry, recall, remember


class Memory(Struct, frozen=True):
    """Of a detector of these tests."""

    seen: tuple[float, ...] = ()


def detector(version=1):
    """One that remembers."""
    return Detector("watcher", version, "by hand", Memory, lambda memory, _moment: (memory, ()))


FULL = VigilState(
    symbol="SPX",
    expiration=date(2026, 11, 23),
    day="2026-11-23",
    opened_ms=1,
    slot=20_000,
    epoch=3,
    seq=700,
    late=2,
    ticks=(Tick(10_000, 6800.1), Tick(20_000, 6800.2)),
    marks=Marks(as_of=5, move_open=22.2, key_strikes={"heaviest": 6800.0}),
    carry={"SPXW": 1.000_441},
    memories={"watcher": remember(detector(), Memory((0.1, 0.2)))},
    tracks=(Track("watcher", "drift", "macro", "up", phase="active", episode="ab", severity=61),),
    budget=Budget((10_000, 20_000), {"drift": 3}, 10_000, 70),
)


def test_round_trip():
    """What is written is read again, to the last digit, and written again it is the same bytes."""
    text = encode(FULL)
    again = decode(text, "SPX")
    assert again == FULL
    assert encode(again) == text
    assert recall(again.memories, detector()) == (Memory((0.1, 0.2)), "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b'"words"', "cannot be read"),
        (b"{}", "cannot be read"),
        (b'{"version": 1}', "cannot be read"),
        (b'{"version": "x"}', "cannot be read"),
        (encode(FULL)[:-20], "cannot be read"),
        (encode(FULL).replace(b'"active"', b'"asleep"'), "cannot be read"),
        (encode(FULL).replace(b'"version":1', b'"version":7', 1), "version 7, not 1"),
        (b'{"version": 2, "ticks": "of another kind"}', "version 2, not 1"),
        (encode(FULL).replace(b'"SPX"', b'"SPY"'), "state of SPY, not SPX"),
    ],
)
def test_a_state_that_cannot_be_used_is_begun_anew(text, why):
    """Damaged, of another version or of another symbol: an empty state, and why."""
    state = decode(text, "SPX")
    assert why in state.begun_anew
    assert state == VigilState("SPX", begun_anew=state.begun_anew)


@given(st.binary(max_size=200))
def test_no_text_is_an_error(text):
    """Whatever is stored, a state comes of it."""
    assert decode(text, "SPX").symbol == "SPX"


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_no_damage_is_an_error(at, damage):
    """Whatever is cut into a sound state, a state comes of it, and memories can be asked for."""
    text = encode(FULL)
    state = decode(text[:at] + damage + text[at + len(damage) :], "SPX")
    assert state.symbol == "SPX"
    assert isinstance(recall(state.memories, detector())[0], Memory)


def test_a_carry_is_of_one_chain():
    """That of another expiration, or of no state, is none."""
    today, tomorrow = (ChainId("SPX", date(2026, 11, day)) for day in (23, 24))
    assert known_carry(FULL, today) == FULL.carry
    assert known_carry(FULL, tomorrow) == known_carry(None, today) == {}


def test_memories():
    """A detector without a memory begins silently; one of another version, or with a damaged one, says so."""
    assert recall({}, detector()) == (Memory(), "")
    assert recall(FULL.memories, detector(version=2)) == (
        Memory(),
        "memory of watcher is of version 1, not 2",
    )
    damaged = decode(encode(FULL).replace(b"[0.1,0.2]", b'"nonsense"'), "SPX")
    assert recall(damaged.memories, detector()) == (Memory(), "memory of watcher cannot be read")


def test_numbers_of_numpy():
    """A memory may hold what numpy computed; it comes back as plain numbers."""
    kept = {"watcher": remember(detector(), Memory((np.float64(0.1), np.float32(0.5))))}
    assert recall(kept, detector()) == (Memory((0.1, 0.5)), "")
    with pytest.raises(NotImplementedError, match="object"):
        remember(detector(), Memory((object(),)))
