"""Market status as the vendor words it: now, and the closures to come."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from marketswarm.maths.calendar import NEW_YORK, OutsideCalendar, SessionCalendar, new_york_day
from marketswarm.simulator.hours import Hours, iso_utc, midnight_ms

_AHEAD_DAYS = 370
_EARLY_FROM_H, _LATE_TO_H = 4, 20
_INDEX_GROUPS = (
    "s_and_p", "societe_generale", "msci", "ftse_russell", "mstar", "mstarc", "cccy", "cgi", "nasdaq", "dow_jones",
)  # fmt: skip
_FIXED = {
    1: "New Years Day", 2: "Washington's Birthday", 3: "Good Friday", 4: "Good Friday", 5: "Memorial Day",
    6: "Juneteenth", 7: "Independence Day", 9: "Labor Day", 11: "Thanksgiving", 12: "Christmas",
}  # fmt: skip


def phase(hours: Hours, now_ms: int) -> str:
    """`open`, `early_trading`, `late_trading` or `closed`."""
    if hours.is_open(now_ms):
        return "open"
    day = new_york_day(now_ms)
    if not hours.calendar.is_session(day):
        return "closed"
    session, midnight = hours.calendar.session(day), midnight_ms(day)
    if midnight + _EARLY_FROM_H * 3_600_000 <= now_ms < session.open_ms:
        return "early_trading"
    return "late_trading" if session.close_ms <= now_ms < midnight + _LATE_TO_H * 3_600_000 else "closed"


def status_now(hours: Hours, now_ms: int) -> dict[str, Any]:
    """The body of `/v1/marketstatus/now`."""
    present = phase(hours, now_ms)
    market = {"open": "open", "closed": "closed"}.get(present, "extended-hours")
    regular = "open" if present == "open" else "closed"
    moment = datetime.fromtimestamp(now_ms // 1000, UTC).astimezone(NEW_YORK)
    return {
        "afterHours": present == "late_trading",
        "currencies": {"crypto": "open", "fx": "open"},
        "earlyHours": present == "early_trading",
        "exchanges": dict.fromkeys(("nasdaq", "nyse", "otc"), market),
        "indicesGroups": dict.fromkeys(_INDEX_GROUPS, regular),
        "market": market,
        "serverTime": moment.isoformat(),
    }


def upcoming(calendar: SessionCalendar, now_ms: int) -> list[dict[str, str]]:
    """The body of `/v1/marketstatus/upcoming`: closures and early closes of about a year."""
    today, rows = new_york_day(now_ms), list[dict[str, str]]()
    for ahead in range(_AHEAD_DAYS):
        try:
            rows += _rows_of(calendar, today + timedelta(days=ahead))
        except OutsideCalendar:
            break
    return rows


def _rows_of(calendar: SessionCalendar, day: date) -> list[dict[str, str]]:
    if day.weekday() >= 5:
        return []
    row = {"date": day.isoformat(), "name": _name(day), "status": "closed"}
    if calendar.is_session(day):
        session = calendar.session(day)
        if not session.is_half_day:
            return []
        times = {"open": iso_utc(session.open_ms), "close": iso_utc(session.close_ms)}
        row |= {"status": "early-close", **times}
    return [{**row, "exchange": exchange} for exchange in ("NYSE", "NASDAQ", "OTC")]


def _name(day: date) -> str:
    if day.month == 1 and day.day > 2:
        return "Martin Luther King, Jr. Day"
    if day.month == 12 and day.day == 31:
        return "New Years Day"
    return _FIXED.get(day.month, "Special Closure")
