"""Sessions of spots, one each ten seconds: two of our own making, and what lies beside the checkout.

The collection is not part of this repository. It is looked for at `../shared/data/lean` from the root, and one folder
further up; where it is absent, the two of our own stand alone. They carry the facts of the real ones: a price of 166 in steps
of a cent that moves by one basis point in ten seconds, faster at the open and at the close, and once by -10.9 at once.
"""

import csv
import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from marketswarm.maths.jumps import intraday_factor
from marketswarm.vigil.sighting import SessionTime, Tick
from tests.support.vigil_drive import STEP_MS

ROOT = Path(__file__).parents[2]
NEW_YORK = ZoneInfo("America/New_York")
STEPS = 2_340
_OPEN, _CLOSE, _NEWS = time(9, 30), time(16), time(14, 0, 10)
_PRICE, _PACE, _JUMP = 165.7, 1.1e-4, -10.9e-4
_PULL = 1 / 240  # of the way back to its first price, each ten seconds
# The days on which something is known to have happened, and when. The rest are quiet.
_KNOWN = {date(2013, 10, 9): _NEWS}


@dataclass(frozen=True)
class Day:
    """One session.

    Attributes:
        volatility: that options may have priced, per year of 252 sessions: an assumption, since no chain belongs to these spots.
        jump_ms: when a jump of -10.9 basis points was seen; None on a quiet day.
    """

    name: str
    session: SessionTime
    ticks: tuple[Tick, ...]
    volatility: float
    jump_ms: int | None


def days() -> list[Day]:
    """Our own, and each of the collection that is there."""
    return [_own(date(2026, 11, 23), None), _own(date(2026, 11, 24), _NEWS), *_collected()]


def _own(day: date, news: time | None) -> Day:
    """A path whose size of step is drawn from the calendar's own number, so that it is the same every time."""
    session, chance = _session(day), random.Random(day.toordinal())
    jump_ms = None if news is None else _ms(day, news)
    price, ticks = _PRICE, []
    for step in range(1, STEPS):
        ts = session.open_ms + step * STEP_MS
        pace = _PACE * intraday_factor(step / STEPS)
        back = _PULL * (_PRICE / price - 1)
        price *= 1 + (_JUMP if ts == jump_ms else chance.gauss(0, pace) + back)
        ticks.append(Tick(ts, round(price, 2)))
    return Day(f"own {day}", session, tuple(ticks), 0.19, jump_ms)


def _collected() -> Iterator[Day]:
    for base in (ROOT.parent, ROOT.parent.parent):
        folder = base / "shared" / "data" / "lean"
        if folder.is_dir():
            yield from map(_read, sorted(folder.glob("spy_second_*_trade.zip")))
            return


def _read(path: Path) -> Day:
    """Rows are ms of the day, open, high, low, close, volume; prices times 10,000. A slot's spot is its last second's."""
    day = datetime.strptime(path.name.split("_")[2], "%Y%m%d").date()
    session, midnight = _session(day), _ms(day, time())
    last: dict[int, float] = {}
    with zipfile.ZipFile(path) as archive:
        text = io.StringIO(archive.read(archive.namelist()[0]).decode())
    for row in csv.reader(text):
        last[midnight + (int(row[0]) // STEP_MS + 1) * STEP_MS] = int(row[4]) / 10_000
    ticks = tuple(Tick(ts, last[ts]) for ts in sorted(last) if session.open_ms < ts < session.close_ms)
    news = _KNOWN.get(day)
    return Day(path.stem, session, ticks, 0.17, None if news is None else _ms(day, news))


def _session(day: date) -> SessionTime:
    return SessionTime(day.isoformat(), _ms(day, _OPEN), _ms(day, _CLOSE), is_open=True)


def _ms(day: date, clock: time) -> int:
    return int(datetime.combine(day, clock, NEW_YORK).timestamp()) * 1_000
