"""The phases of a session: on normal, half and daylight-saving days of five years."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from marketswarm.maths.calendar import NEW_YORK, us_options_calendar
from marketswarm.model.message import EPOCHS
from marketswarm.vexy.epochs import TRADING, phase_at, phases_of, session_facts

CALENDAR = us_options_calendar()
YEARS = range(2024, 2029)
DAYS = [date(2024, 1, 1) + timedelta(days=step) for step in range(5 * 365 + 2)]
SESSIONS = [day for day in DAYS if CALENDAR.is_session(day)]
HALF_DAYS = [day for day in SESSIONS if CALENDAR.session(day).is_half_day]
CLOCK_CHANGES = [  # the Sundays on which New York's clock is set forward and back
    "2024-03-10", "2024-11-03", "2025-03-09", "2025-11-02", "2026-03-08", "2026-11-01", "2027-03-14", "2027-11-07",
    "2028-03-12", "2028-11-05",
]  # fmt: skip

NORMAL = [
    ("00:00", "overnight"), ("03:59", "overnight"), ("04:00", "premarket"), ("08:59", "premarket"), ("09:00", "pre_open"),
    ("09:29", "pre_open"), ("09:30", "open"), ("09:44", "open"), ("09:45", "opening_range"), ("10:29", "opening_range"),
    ("10:30", "morning"), ("11:59", "morning"), ("12:00", "lunch"), ("13:29", "lunch"), ("13:30", "afternoon"),
    ("14:59", "afternoon"), ("15:00", "power_hour"), ("15:44", "power_hour"), ("15:45", "closing"), ("15:59", "closing"),
    ("16:00", "settlement"), ("16:14", "settlement"), ("16:15", "postmarket"), ("19:59", "postmarket"),
]  # fmt: skip
HALF = [
    ("00:00", "overnight"), ("04:00", "premarket"), ("09:00", "pre_open"), ("09:30", "open"), ("09:45", "opening_range"),
    ("10:30", "morning"), ("11:14", "morning"), ("11:15", "afternoon"), ("11:59", "afternoon"), ("12:00", "power_hour"),
    ("12:44", "power_hour"), ("12:45", "closing"), ("12:59", "closing"), ("13:00", "settlement"), ("13:14", "settlement"),
    ("13:15", "postmarket"), ("19:59", "postmarket"),
]  # fmt: skip
DUE = {
    "premarket": "08:00", "pre_open": "09:15", "open": "09:30", "opening_range": "09:45", "morning": "10:30",
    "lunch": "12:00", "afternoon": "13:30", "power_hour": "15:00", "closing": "15:45", "settlement": "16:00",
    "postmarket": "16:15",
}  # fmt: skip
HALF_DUE = DUE | {
    "afternoon": "11:15", "power_hour": "12:00", "closing": "12:45", "settlement": "13:00", "postmarket": "13:15",
}  # fmt: skip
del HALF_DUE["lunch"]


def ms(day, clock):
    """A moment of New York."""
    return int(datetime.combine(day, time.fromisoformat(clock), NEW_YORK).timestamp()) * 1000


def words(ts):
    """A moment as New York's clock shows it."""
    return datetime.fromtimestamp(ts / 1000, UTC).astimezone(NEW_YORK).strftime("%H:%M")


def around(days):
    """The sessions before and after each of those days."""
    return sorted(
        {one for day in days for one in (CALENDAR.previous_session(day), CALENDAR.next_session(day))}
    )


ODD = around(map(date.fromisoformat, CLOCK_CHANGES))


def test_the_tables_have_what_they_claim():
    """Half days of each year, and both changes of the clock."""
    assert {day.year for day in HALF_DAYS} == set(YEARS)
    assert len(HALF_DAYS) == 11
    assert len(ODD) == 20


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("clock", "epoch"), NORMAL)
def test_a_full_day_of_any_year(year, clock, epoch):
    """Every full session of the year has the same phases by New York's clock."""
    days = [day for day in SESSIONS if day.year == year and day not in HALF_DAYS]
    assert {phase_at(CALENDAR, ms(day, clock)).epoch for day in days} == {epoch}


@pytest.mark.parametrize(("clock", "epoch"), HALF)
def test_a_half_day(clock, epoch):
    """Its phases are counted from its own close, and nobody has lunch."""
    assert {phase_at(CALENDAR, ms(day, clock)).epoch for day in HALF_DAYS} == {epoch}


@pytest.mark.parametrize("day", ODD, ids=str)
def test_around_a_change_of_the_clock(day):
    """The Friday before and the Monday after have the same phases by New York's clock."""
    assert [phase_at(CALENDAR, ms(day, clock)).epoch for clock, _ in NORMAL] == [epoch for _, epoch in NORMAL]


@pytest.mark.parametrize(("days", "due"), [(ODD + SESSIONS[:9:2], DUE), (HALF_DAYS, HALF_DUE)])
def test_when_messages_are_due(days, due):
    """Each phase of a session has its message once; the night has none."""
    for day in days:
        told = {one.epoch: words(one.due_ms) for one in phases_of(CALENDAR, day) if one.due_ms is not None}
        told.pop("closed", None)
        assert told == due


def test_phases_leave_no_gap():
    """Five years of them follow each other without a hole, and each is longer than nothing."""
    phases = [one for day in SESSIONS for one in phases_of(CALENDAR, day)]
    assert all(one.begins_ms < one.ends_ms for one in phases)
    assert [one.ends_ms for one in phases[:-1]] == [one.begins_ms for one in phases[1:]]
    assert {one.epoch for one in phases} == set(EPOCHS)


@pytest.mark.parametrize(
    ("day", "clock", "epoch", "session"),
    [
        ("2026-11-20", "20:00", "closed", "2026-11-23"),  # a Friday
        ("2026-11-21", "12:00", "closed", "2026-11-23"),
        ("2026-11-22", "19:59", "closed", "2026-11-23"),
        ("2026-11-22", "20:00", "overnight", "2026-11-23"),
        ("2026-11-23", "19:59", "postmarket", "2026-11-23"),
        ("2026-11-23", "20:00", "overnight", "2026-11-24"),
        ("2026-11-25", "20:00", "closed", "2026-11-27"),  # before Thanksgiving
        ("2026-11-26", "12:00", "closed", "2026-11-27"),
        ("2026-11-26", "20:00", "overnight", "2026-11-27"),
        ("2026-11-27", "14:00", "postmarket", "2026-11-27"),  # a half day
        ("2026-03-08", "12:00", "closed", "2026-03-09"),  # the clock was set forward
        ("2026-11-01", "01:30", "closed", "2026-11-02"),  # an hour that comes twice
        ("2027-12-31", "20:00", "closed", "2028-01-03"),
    ],
)
def test_when_the_market_is_shut(day, clock, epoch, session):
    """Weekends and holidays belong to the session after them."""
    phase = phase_at(CALENDAR, ms(date.fromisoformat(day), clock))
    assert (phase.epoch, phase.day.isoformat()) == (epoch, session)


@pytest.mark.parametrize(
    ("day", "clock", "epoch", "session"),
    [
        ("2026-11-21", "12:00", "premarket", "2026-11-23"),
        ("2026-11-22", "23:00", "premarket", "2026-11-23"),
        ("2026-11-23", "05:00", "premarket", "2026-11-23"),
        ("2026-11-23", "09:00", "pre_open", "2026-11-23"),
        ("2026-11-23", "12:30", "lunch", "2026-11-23"),
        ("2026-11-23", "19:00", "postmarket", "2026-11-23"),
        ("2026-11-23", "20:00", "premarket", "2026-11-24"),
        ("2026-11-26", "12:00", "premarket", "2026-11-27"),
    ],
)
def test_a_market_that_never_closes(day, clock, epoch, session):
    """All that is shut elsewhere is before the open of the session to come, and its message is due at once."""
    ts = ms(date.fromisoformat(day), clock)
    phase = phase_at(CALENDAR, ts, is_always_open=True)
    assert (phase.epoch, phase.day.isoformat()) == (epoch, session)
    assert phase.is_due(ts) == (clock != "09:00")


def test_before_the_open_is_one_phase_of_a_market_that_never_closes():
    """A weekend, its night and its morning begin and end alike, so that their message is told once."""
    moments = [ms(date(2026, 11, day), clock) for day, clock in ((20, "20:00"), (22, "21:00"), (23, "08:59"))]
    assert len({phase_at(CALENDAR, ts, is_always_open=True) for ts in moments}) == 1


def test_due_means_from_then_on_until_the_phase_ends():
    """Before it is early, at the next phase it is too late."""
    phase = next(one for one in phases_of(CALENDAR, date(2026, 11, 23)) if one.epoch == "premarket")
    assert not phase.is_due(ms(phase.day, "07:59"))
    assert phase.is_due(ms(phase.day, "08:00"))
    assert phase.is_due(ms(phase.day, "08:59"))
    assert not phase.is_due(ms(phase.day, "09:00"))


def test_trading_is_between_open_and_close():
    """By the phase, and by the calendar."""
    for clock, epoch in NORMAL:
        ts = ms(date(2026, 11, 23), clock)
        phase = phase_at(CALENDAR, ts)
        assert phase.is_trading == CALENDAR.is_open(ts) == (epoch in TRADING)


@pytest.mark.parametrize("day", ["2031-12-31", "2032-12-31", "2033-06-01", "1999-01-01"])
def test_beyond_the_calendar_nothing_is_due(day):
    """Of a day that the table does not reach nothing is said but that it is closed."""
    day = date.fromisoformat(day)
    phase = phase_at(CALENDAR, ms(day, "21:00"))
    assert phase.epoch in {"closed", "overnight"}
    if day.year != 2031:
        assert phase.due_ms is None
        assert session_facts(CALENDAR, phase).next_day is None


def test_facts_of_a_session():
    """Open, close, whether it is half, and the session after it."""
    facts = session_facts(CALENDAR, phase_at(CALENDAR, ms(date(2026, 11, 26), "12:00")))
    assert (facts.day, facts.is_half_day, facts.next_day) == (date(2026, 11, 27), True, date(2026, 11, 30))
    assert (words(facts.open_ms), words(facts.close_ms)) == ("09:30", "13:00")
    assert facts.minutes_left(facts.close_ms - 90_000) == 1.5
