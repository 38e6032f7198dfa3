"""What a load may be asked for."""

from datetime import date

import pytest

from marketswarm.chain.request import LoadRequest, request_from
from marketswarm.errors import BadArgument
from tests.support.builders import DAY


@pytest.mark.parametrize("n", [0, -1, 501, 2.5, "50", True])
def test_an_impossible_number_of_strikes_is_refused(n):
    """The error names the argument, the value and what is allowed."""
    with pytest.raises(BadArgument, match=r"strikes_each_side is .*; allowed: a whole number from 1 to 500"):
        LoadRequest("SPX", "manual", n).check(DAY)


@pytest.mark.parametrize("n", [None, 1, 500])
def test_what_is_possible_passes(n):
    """No number at all is a request as well."""
    LoadRequest("SPX", "manual", n, expiration=DAY).check(DAY)


def test_an_expiration_that_has_passed_is_refused():
    """There is nothing to load any more."""
    with pytest.raises(BadArgument, match="a listed expiration from 2026-11-23 on"):
        LoadRequest("SPX", "manual", expiration=date(2026, 11, 20)).check(DAY)


def test_plain_values_are_read_or_refused():
    """As they come out of a task's JSON."""
    assert request_from("SPX", "drift", expiration="2026-11-23") == LoadRequest(
        "SPX", "drift", expiration=DAY
    )
    with pytest.raises(BadArgument, match="reason is 'whim'; allowed: startup, manual"):
        request_from("SPX", "whim")
    with pytest.raises(BadArgument, match="expiration is 'soon'; allowed: a date such as"):
        request_from("SPX", "manual", expiration="soon")
