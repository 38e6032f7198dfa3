"""The honest state of a chain."""

import pytest

from marketswarm.chain.state import Evidence, decide_state

GOOD = {"in_session": True, "served": True, "lost": False, "fetched": True, "silent": False}


@pytest.mark.parametrize(
    ("but", "state"),
    [
        ({}, "live"),
        ({"silent": True}, "stale"),
        ({"lost": True}, "gap"),
        ({"lost": True, "served": False}, "gap"),
        ({"served": False}, "loading"),
        ({"fetched": False}, "loading"),
        ({"in_session": False}, "closed"),
        ({"in_session": False, "lost": True, "silent": True}, "closed"),
    ],
)
def test_live_needs_everything_to_be_well(but, state):
    """Only an open market, a chain that is subscribed whole and fetched since, and a feed that speaks make it live."""
    assert decide_state(Evidence(**(GOOD | but))) == state
