"""Write marketswarm/maths/sessions.py: the days on which New York's exchanges are closed or close early.

The table is shipped rather than computed at run time, because the library that knows it brings pandas, and with it 40 MB
into every worker. `tests/unit/maths/test_calendar.py` holds the shipped table against the library.
"""

from pathlib import Path

import exchange_calendars
import pandas as pd

FIRST_YEAR, LAST_YEAR = 2023, 2032
TARGET = Path(__file__).parents[1] / "marketswarm" / "maths" / "sessions.py"


def closed_and_early(first_year: int, last_year: int) -> tuple[list[str], list[str]]:
    """ISO dates of weekdays without a session, and of sessions that end before 16:00."""
    start, end = pd.Timestamp(f"{first_year}-01-01"), pd.Timestamp(f"{last_year}-12-31")
    calendar = exchange_calendars.get_calendar("XNYS", start=start, end=end)
    weekdays = pd.date_range(start, end, freq="B")
    closed = weekdays.difference(calendar.sessions)
    early = calendar.early_closes
    return [day.date().isoformat() for day in closed], [day.date().isoformat() for day in early]


def module_text(closed: list[str], early: list[str]) -> str:
    """The module as it is shipped."""
    return (
        '"""Made by tools/make_sessions.py: do not edit. Dates of the New York exchanges\' closures and early closes."""\n\n'
        f"FIRST_YEAR, LAST_YEAR = {FIRST_YEAR}, {LAST_YEAR}\n\n"
        f"CLOSED = [\n{rows(closed)}]\n\n"
        f"EARLY_CLOSES = [\n{rows(early)}]\n"
    )


def rows(days: list[str]) -> str:
    """One line a day, as the formatter wants it."""
    return "".join(f'    "{day}",\n' for day in days)


if __name__ == "__main__":
    TARGET.write_text(module_text(*closed_and_early(FIRST_YEAR, LAST_YEAR)))
