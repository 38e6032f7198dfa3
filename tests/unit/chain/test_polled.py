"""What became of a poll."""

import pytest

from marketswarm.chain.polled import Poll


@pytest.mark.parametrize(("every_s", "allowed_s"), [(5, 20.0), (6, 20.0), (10, 30.0), (300, 900.0)])
def test_what_it_brought_may_be_that_old(every_s: int, allowed_s: float) -> None:
    """Three times the pace, and twenty seconds at least: one poll that fails is no silence."""
    assert Poll(every_s=every_s).allowed_s == allowed_s
