"""What is listed: expirations by the calendar, the series on them, and each series' strikes."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from marketswarm.maths.calendar import SessionCalendar, new_york_day, third_friday
from marketswarm.simulator.profile import Profile

DAILY_EXPIRATIONS = 10
MONTHLY_EXPIRATIONS = 6
STANDARD_SHARES = 100
ADJUSTED_SHARES = 10
_ADJUSTED_STRIKES_EACH_SIDE = 6
_MOST_STRIKES = 700


@dataclass(frozen=True, slots=True)
class Series:
    """All contracts of one root and expiration.

    Attributes:
        settles: `am` on the opening prices of the expiration day, `pm` at its close.
        settlement_ms: when, and so when the series leaves the listing.
        shares: shares per contract; not 100 after a corporate action.
    """

    profile: Profile
    root: str
    expiration: date
    settles: Literal["am", "pm"]
    settlement_ms: int
    shares: int = STANDARD_SHARES


def listed_series(
    profile: Profile, now_ms: int, calendar: SessionCalendar, *, adjusted: bool
) -> list[Series]:
    """Every series on offer at a moment, by expiration; of an index, both roots on monthly dates.

    With `adjusted`, also a small series as a corporate action leaves it.
    """
    found: list[Series] = []
    monthlies = _monthlies(now_ms, calendar)
    days = _dailies(now_ms, calendar)
    for day in sorted({*days, *monthlies}):
        session = calendar.session(day)
        if profile.is_index and day in monthlies and now_ms < session.open_ms:
            found.append(Series(profile, profile.root, day, "am", session.open_ms))
        found.append(Series(profile, profile.evening_root, day, "pm", session.close_ms))
    if adjusted:
        found += [_adjusted(profile, day, calendar) for day in days[:2]]
    return found


def strike_ladder(series: Series, spot: float) -> list[float]:
    """Strikes around a price: fine steps near it, coarse ones far away, wider the wilder the symbol."""
    fine, coarse = series.profile.fine_step, series.profile.coarse_step
    if series.shares != STANDARD_SHARES:
        return _steps(spot, fine * 5, fine * 5 * _ADJUSTED_STRIKES_EACH_SIDE)
    wildness = series.profile.family.volatility
    near = min(0.5, max(0.08, 0.45 * wildness)) * spot
    far = min(0.7, max(0.25, 1.5 * wildness)) * spot
    return sorted({*_steps(spot, fine, near), *_steps(spot, coarse, far)})[:_MOST_STRIKES]


def _steps(centre: float, step: float, reach: float) -> list[float]:
    low, high = np.ceil((centre - reach) / step), np.floor((centre + reach) / step)
    return [float(n * step) for n in np.arange(max(1.0, low), high + 1)]


def _dailies(now_ms: int, calendar: SessionCalendar) -> list[date]:
    days = [calendar.first_expiration_day(now_ms)]
    while len(days) < DAILY_EXPIRATIONS:
        days.append(calendar.next_session(days[-1]))
    return days


def _monthlies(now_ms: int, calendar: SessionCalendar) -> list[date]:
    first = calendar.first_expiration_day(now_ms)
    month, found = new_york_day(now_ms).replace(day=1), list[date]()
    while len(found) < MONTHLY_EXPIRATIONS:
        day = third_friday(month.year, month.month)
        day = day if calendar.is_session(day) else calendar.previous_session(day)
        if day >= first:
            found.append(day)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def _adjusted(profile: Profile, day: date, calendar: SessionCalendar) -> Series:
    close_ms = calendar.session(day).close_ms
    return Series(profile, f"{profile.root[:5]}1", day, "pm", close_ms, ADJUSTED_SHARES)
