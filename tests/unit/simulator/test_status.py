"""Market status and closures in the vendor's words."""

import pytest

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.status import status_now, upcoming
from tests.support.simulated_market import new_york_ms


@pytest.mark.parametrize(
    ("at", "market", "early", "late"),
    [
        ("2026-11-23 03:59", "closed", False, False),
        ("2026-11-23 04:00", "extended-hours", True, False),
        ("2026-11-23 09:30", "open", False, False),
        ("2026-11-23 16:00", "extended-hours", False, True),
        ("2026-11-23 20:00", "closed", False, False),
        ("2026-11-26 12:00", "closed", False, False),
        ("2026-11-27 13:00", "extended-hours", False, True),
    ],
)
def test_phases_of_the_day(at, market, early, late):
    """Early, regular and late hours by the calendar."""
    body = status_now(Hours(us_options_calendar(), "calendar"), new_york_ms(at))
    assert (body["market"], body["earlyHours"], body["afterHours"]) == (market, early, late)
    assert body["exchanges"]["nyse"] == market
    assert body["indicesGroups"]["s_and_p"] == ("open" if market == "open" else "closed")


def test_always_open():
    """A market that never closes says so on a Sunday, in New York's time."""
    body = status_now(Hours(us_options_calendar(), "always"), new_york_ms("2026-11-22 04:00"))
    assert body["market"] == "open"
    assert body["serverTime"] == "2026-11-22T04:00:00-05:00"


def test_closures_to_come():
    """Holidays are `closed`, half days `early-close` with their hours in UTC, each for three exchanges."""
    rows = upcoming(us_options_calendar(), new_york_ms("2026-11-23 10:00"))
    assert rows[0] == {"date": "2026-11-26", "name": "Thanksgiving", "status": "closed", "exchange": "NYSE"}
    assert rows[3] == {
        "date": "2026-11-27",
        "name": "Thanksgiving",
        "status": "early-close",
        "open": "2026-11-27T14:30:00.000Z",
        "close": "2026-11-27T18:00:00.000Z",
        "exchange": "NYSE",
    }
    assert {row["exchange"] for row in rows} == {"NYSE", "NASDAQ", "OTC"}
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
