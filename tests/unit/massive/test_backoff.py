"""Waits between tries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.massive.backoff import Backoff, RetryPolicy


@pytest.mark.parametrize(
    ("attempt", "longest"), [(0, 0.5), (1, 1.0), (2, 2.0), (5, 16.0), (6, 30.0), (10_000, 30.0)]
)
def test_doubles_up_to_the_cap(attempt, longest):
    """The longest wait doubles with each failure until it reaches the cap, however many there were."""
    assert Backoff(0.5, 30.0).wait_s(attempt, lambda: 1.0) == longest


@given(st.integers(0, 100), st.floats(0, 1, exclude_max=True))
def test_full_jitter(attempt, drawn):
    """A wait is the drawn share of the longest one, down to nothing."""
    backoff = Backoff(0.5, 30.0)

    assert backoff.wait_s(attempt, lambda: drawn) == pytest.approx(
        drawn * backoff.wait_s(attempt, lambda: 1.0)
    )


@pytest.mark.parametrize(("base", "cap"), [(0, 1), (-1, 1), (2, 1)])
def test_impossible_waits(base, cap):
    """A base that is not above 0, or above its cap, is refused."""
    with pytest.raises(ValueError, match="above 0"):
        Backoff(base, cap)


@pytest.mark.parametrize(
    ("failures", "elapsed_s", "asked_s", "wait_s"),
    [
        (1, 0.0, None, 0.5),
        (2, 0.0, None, 1.0),
        (3, 0.0, None, None),
        (1, 0.0, 7.0, 7.0),
        (1, 0.0, 11.0, None),
        (1, 9.6, None, None),
        (1, 9.5, None, 0.5),
    ],
    ids=["first", "second", "tries used up", "asked", "asked for too much", "time used up", "just in time"],
)
def test_policy(failures, elapsed_s, asked_s, wait_s):
    """A request is tried again within its tries and its time; what the server asks for goes before our own wait."""
    policy = RetryPolicy(attempts=3, total_s=10.0, backoff=Backoff(0.5, 8.0))

    assert policy.next_wait_s(failures, elapsed_s, asked_s, lambda: 1.0) == wait_s
