"""Real market series that are not part of this repository: read only where `MARKETSWARM_TEST_DATA` names their folder.

Tests that use them are collected then only. Beside each stands one with a series of the project's own that has the same facts.
"""

import csv
import io
import os
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from marketswarm.maths.black76 import Terms
from marketswarm.maths.implied import implied_volatility

VARIABLE = "MARKETSWARM_TEST_DATA"
FOLDER = Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None

NEW_YORK = ZoneInfo("America/New_York")
_UNIT = 10_000  # prices are scaled by it
_MINUTE_MS, _MINUTES_A_YEAR = 60_000, 525_600

Quote = tuple[float, float]


def new_york_ms(day: date, hour: int, minute: int) -> int:
    """A time of a day in New York, ms since the epoch."""
    return int(datetime.combine(day, time(hour, minute), NEW_YORK).timestamp() * 1000)


def table(archive: str, name: str) -> list[list[str]]:
    """Rows of one table of an archive: ms since midnight in New York, then its columns."""
    assert FOLDER is not None
    with zipfile.ZipFile(FOLDER / "lean" / archive) as opened:
        return list(csv.reader(io.StringIO(opened.read(name).decode())))


def spxw_volatility(day: date, expiration: date, strikes=(3700, 3800)) -> list[tuple[int, float]]:
    """End of a minute in ms, and the volatility of SPXW at the forward, between those of two strikes.

    The forward is that of put-call parity, each strike weighed by one over its spread. A minute in which one of the strikes has
    no two-sided quote has no value.
    """
    quotes = {
        (side, strike): _quotes(day, expiration, side, strike)
        for side in ("call", "put")
        for strike in strikes
    }
    midnight, settles = new_york_ms(day, 0, 0), new_york_ms(expiration, 16, 0)
    found = []
    for minute in range(570, 960):
        now = {key: rows[minute] for key, rows in quotes.items() if minute in rows}
        ends = midnight + (minute + 1) * _MINUTE_MS
        years = (settles - ends) / _MINUTE_MS / _MINUTES_A_YEAR
        volatility = _at_the_forward(now, strikes, years) if years > 0 else None
        if volatility is not None:
            found.append((ends, volatility))
    return found


def _quotes(day: date, expiration: date, side: str, strike: int) -> dict[int, Quote]:
    """Minute of the day → bid and ask at its end."""
    name = f"{day:%Y%m%d}_spxw_minute_quote_european_{side}_{strike * _UNIT}_{expiration:%Y%m%d}.csv"
    rows = table(f"spxw_{day:%Y%m%d}_quote_european.zip", name)
    both = {int(row[0]) // _MINUTE_MS: (row[4], row[9]) for row in rows}
    sides = {at: (float(bid) / _UNIT, float(ask) / _UNIT) for at, (bid, ask) in both.items() if bid and ask}
    return {at: (bid, ask) for at, (bid, ask) in sides.items() if 0 < bid <= ask}


def _at_the_forward(now: dict[tuple[str, int], Quote], strikes, years: float) -> float | None:
    both = [strike for strike in strikes if {("call", strike), ("put", strike)} <= now.keys()]
    if not both:
        return None
    stated = [strike + sum(now["call", strike]) / 2 - sum(now["put", strike]) / 2 for strike in both]
    weights = [
        1 / sum(now[side, strike][1] - now[side, strike][0] for side in ("call", "put")) for strike in both
    ]
    forward = float(np.average(stated, weights=weights))
    volatilities = [_volatility(now, strike, forward, years) for strike in strikes]
    between = float(np.interp(forward, strikes, volatilities))
    return between if np.isfinite(between) else None


def _volatility(now: dict[tuple[str, int], Quote], strike: int, forward: float, years: float) -> float:
    """Of the side out of the money; NaN without a quote."""
    is_call = strike >= forward
    quote = now.get(("call" if is_call else "put", strike))
    if quote is None:
        return float("nan")
    terms = Terms(np.array([forward]), np.array([float(strike)]), np.array([years]), np.array([is_call]))
    return float(implied_volatility(terms, np.array([sum(quote) / 2]))[0])
