"""Which strikes a chain holds, and when spot has drifted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.chain.window import choose_window, has_drifted, missing_span, nearest_index, strikes_between

STRIKES = [float(strike) for strike in range(6500, 7101, 5)]


def test_the_window_lies_around_the_strike_nearest_to_spot():
    """Two strikes each side of 6800 for a spot of 6801.5."""
    window = choose_window(STRIKES, 6801.5, 2)

    assert (window.centre, window.low, window.high) == (6800, 6790, 6810)
    assert window.strikes == (6790, 6795, 6800, 6805, 6810)


def test_steps_come_from_the_listing():
    """Where the listing is wider the window is wider; no step is assumed."""
    window = choose_window([10, 11, 12, 15, 20, 30], 12.4, 2)

    assert window.strikes == (10, 11, 12, 15, 20)


@pytest.mark.parametrize(("spot", "low", "high"), [(6400, 6500, 6510), (7300, 7090, 7100)])
def test_a_window_ends_with_the_listing(spot, low, high):
    """Beyond the listed strikes there is nothing to hold."""
    window = choose_window(STRIKES, spot, 2)

    assert (window.low, window.high) == (low, high)


def test_a_tie_goes_to_the_lower_strike():
    """Half-way between two strikes the lower one is the centre."""
    assert nearest_index([100, 105], 102.5) == 0


@given(spot=st.floats(6400, 7200), n=st.integers(1, 60))
def test_a_window_holds_at_most_n_each_side_and_the_nearest_strike(spot, n):
    """Never more than 2N+1 strikes, all listed, and the nearest one among them."""
    window = choose_window(STRIKES, spot, n)

    assert len(window.strikes) <= 2 * n + 1
    assert set(window.strikes) <= set(STRIKES)
    assert abs(window.centre - spot) == min(abs(strike - spot) for strike in STRIKES)


def test_distance_counts_strikes_and_parts_of_the_gap():
    """Spot 12 points above the centre is 2.4 strikes of 5."""
    assert strikes_between(STRIKES, 6800, 6812) == pytest.approx(2.4)


def test_distance_goes_on_beyond_the_last_strike():
    """A spot that left the chain is still measured."""
    assert strikes_between([6795, 6800, 6805], 6800, 6830) == pytest.approx(6)


@pytest.mark.parametrize(
    ("spot", "strikes_allowed", "points_allowed", "drifted"),
    [
        (6849, 10, None, False),
        (6851, 10, None, True),
        (6749, 10, None, True),
        (6821, 10, 20, True),
        (6851, 10, 60, False),
    ],
)
def test_drift_is_measured_in_points_if_given_else_in_strikes(spot, strikes_allowed, points_allowed, drifted):
    """Points override strikes; both directions count."""
    assert (
        has_drifted(STRIKES, 6800, spot, strikes_allowed=strikes_allowed, points_allowed=points_allowed)
        is drifted
    )


def test_one_known_strike_is_no_measure():
    """A chain of one strike never drifts by strikes."""
    assert has_drifted([6800], 6800, 7000, strikes_allowed=1, points_allowed=None) is False


def test_missing_spans_are_the_sides_that_are_not_held():
    """A window that moved up lacks strikes above, one that grew lacks both sides, one inside lacks none."""
    window = choose_window(STRIKES, 6820, 4)

    assert missing_span(window, 6780, 6820) == [(6825, 6840)]
    assert missing_span(window, 6810, 6830) == [(6800, 6805), (6835, 6840)]
    assert missing_span(window, 6700, 6900) == []
