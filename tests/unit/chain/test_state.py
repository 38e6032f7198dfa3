"""The honest state of a chain."""

import pytest

from marketswarm.chain.state import SILENCE_S, Evidence, decide_state

GOOD = {"in_session": True, "served": True, "lost": False, "fetched": True, "silence_s": 0.1}


@pytest.mark.parametrize(
    ("but", "state"),
    [
        ({}, "live"),
        ({"silence_s": SILENCE_S + 0.1}, "stale"),
        ({"lost": True}, "gap"),
        ({"lost": True, "served": False}, "gap"),
        ({"served": False}, "loading"),
        ({"fetched": False}, "loading"),
        ({"in_session": False}, "closed"),
        ({"in_session": False, "lost": True, "silence_s": 9e9}, "closed"),
    ],
)
def test_live_needs_everything_to_be_well(but, state):
    """Only an open market, a chain that is subscribed whole and fetched since, and a feed that speaks make it live."""
    assert decide_state(Evidence(**(GOOD | but))) == state
