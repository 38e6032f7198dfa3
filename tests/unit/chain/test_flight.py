"""One load per symbol at a time, and the record of the last ones."""

import pytest

from marketswarm import keys
from marketswarm.chain.flight import FlightControl, LoadReport


@pytest.fixture
def flights(redis):
    """Loads in flight."""
    return FlightControl(redis, "test")


def test_one_flight_a_symbol(flights):
    """The second run does not take off while the first is in flight; afterwards it may."""
    with flights.take_off("SPX", "a") as first, flights.take_off("SPX", "b") as second:
        assert (first, second) == (True, False)

    with flights.take_off("SPX", "b") as again:
        assert again is True


def test_who_is_in_flight_is_known(flights):
    """While a load of the symbol is under way, and not of another one, or afterwards."""
    with flights.take_off("SPX", "a"):
        assert (flights.in_flight("SPX"), flights.in_flight("SPY")) == (True, False)
    assert not flights.in_flight("SPX")


def test_the_record_is_bounded_and_newest_first(flights):
    """Only the last reports are kept; what is unknown is left out."""
    for number in range(keys.REFRESHES_MAXLEN + 5):
        flights.record(LoadReport("SPX", "loaded", "manual", number))

    recent = flights.recent(1000)
    assert len(recent) == keys.REFRESHES_MAXLEN
    assert recent[0]["ts"] == keys.REFRESHES_MAXLEN + 4
    assert "error" not in recent[0]
