"""The honest state of a chain."""

import pytest

from marketswarm.chain.state import SILENCE_S, Evidence, decide_state

GOOD = {"in_session": True, "connected": True, "repaired": True, "ever_live": True, "silence_s": 0.1}


@pytest.mark.parametrize(
    ("but", "state"),
    [
        ({}, "live"),
        ({"silence_s": SILENCE_S + 0.1}, "stale"),
        ({"connected": False}, "gap"),
        ({"repaired": False}, "gap"),
        ({"connected": False, "ever_live": False}, "loading"),
        ({"repaired": False, "ever_live": False}, "loading"),
        ({"in_session": False}, "closed"),
        ({"in_session": False, "connected": False, "silence_s": 9e9}, "closed"),
    ],
)
def test_live_needs_everything_to_be_well(but, state):
    """Only an open market, a whole connection, a repaired chain and a feed that speaks make a chain live."""
    assert decide_state(Evidence(**(GOOD | but))) == state
