"""When contracts settle."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from marketswarm.maths.black76 import MINUTES_A_YEAR
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.maths.settlement import settlement_ms, years_left

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("root", "expiration", "settles"),
    [
        ("SPXW", "2026-11-23", "2026-11-23 16:00"),
        ("SPY", "2026-11-23", "2026-11-23 16:00"),
        ("NDXP", "2026-11-27", "2026-11-27 13:00"),  # the day after Thanksgiving
        ("QQQ", "2026-12-24", "2026-12-24 13:00"),
        ("SPX", "2026-12-18", "2026-12-18 09:30"),
        ("NDX", "2026-12-18", "2026-12-18 09:30"),
        ("SPXW", "2026-12-18", "2026-12-18 16:00"),
        ("SPX", "2026-11-24", "2026-11-24 09:30"),  # a Tuesday: the root says it, not the day
        ("SPY", "2026-03-09", "2026-03-09 16:00"),  # the Monday after clocks went forward
        ("SPY", "2026-07-03", "2026-07-02 16:00"),  # no session: the one before
        ("SPX", "2024-03-29", "2024-03-28 09:30"),  # Good Friday
    ],
)
def test_settlement(root, expiration, settles):
    """Afternoon roots settle at the close of their day, half days included; morning roots at its open."""
    there = datetime.fromisoformat(settles).replace(tzinfo=NEW_YORK)
    found = settlement_ms(us_options_calendar(), root, date.fromisoformat(expiration))
    assert found == there.timestamp() * 1000


def test_years_left_counts_minutes():
    """Ninety minutes are 90 / 525,600 years."""
    assert years_left(10_000_000_000, 10_000_000_000 - 90 * 60_000) == 90 / MINUTES_A_YEAR


def test_the_last_minute_stands_still():
    """From one minute to one ms before settlement, one minute is left; then none. Before, every second counts."""
    at = 10_000_000_000
    assert {years_left(at, at - before) for before in (60_000, 30_000, 1)} == {1 / MINUTES_A_YEAR}
    assert years_left(at, at - 61_000) == 61 / 60 / MINUTES_A_YEAR
    assert years_left(at, at) is None
    assert years_left(at, at + 1) is None
