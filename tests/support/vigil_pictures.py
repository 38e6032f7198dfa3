"""What Vigil's pure parts are given: pictures, moments and sessions with sound values, each of which can be changed."""

from datetime import date
from typing import Any

import numpy as np

from marketswarm.model.chain import ChainId
from marketswarm.vigil.picture import (
    Cluster,
    GammaLevels,
    MoveLevels,
    Picture,
    Positioning,
    Quality,
    SmileLevels,
    Wall,
)
from marketswarm.vigil.sighting import Marks, Moment, SessionTime, Tick

CHAIN = ChainId("SPX", date(2026, 11, 23))
OPEN_MS = 1_795_444_200_000  # 2026-11-23 09:30 in New York
CLOSE_MS = OPEN_MS + 390 * 60_000
DAY_MS = 86_400_000
SLOT_MS = 10_000


def session_of(ts: int) -> SessionTime:
    """Regular hours, every day of the week."""
    days = (ts - OPEN_MS + DAY_MS // 3) // DAY_MS  # a day's ticks begin eight hours before its open
    opened, closed = OPEN_MS + days * DAY_MS, CLOSE_MS + days * DAY_MS
    return SessionTime(str(np.datetime64("2026-11-23") + days), opened, closed, opened <= ts < closed)


def ticks_of(spots: Any, start: int = OPEN_MS) -> tuple[Tick, ...]:
    """A tick a slot."""
    return tuple(Tick(start + n * SLOT_MS, float(spot)) for n, spot in enumerate(spots))


def quality(**changes: Any) -> Quality:
    """Of a chain that is known whole."""
    return Quality(
        **{"coverage": 1.0, "stale_share": 0.0, "greeks_source": "local", "quoted_ms": OPEN_MS, **changes}
    )


def wall(strike: float, **changes: Any) -> Wall:
    """One that stands out."""
    return Wall(**{"strike": strike, "exposure": 1e8, "dominance": 0.4, "share": 0.2, **changes})


def gamma(**changes: Any) -> GammaLevels:
    """Long gamma between walls at 6750 and 6850, the flip at 6790."""
    strikes = np.array([6750.0, 6800.0, 6850.0])
    net = np.array([-2e8, 1e8, 3e8])
    sound: dict[str, Any] = {
        "weighing": "open-interest",
        "strikes": strikes,
        "net": net,
        "gross": np.abs(net),
        "call": np.maximum(net, 0),
        "put": np.minimum(net, 0),
        "total": 2e8,
        "gross_total": 6e8,
        "grid": strikes,
        "profile": net,
        "at_spot": 1e8,
        "regime": 0.3,
        "crossings": (),
        "flip": 6790.0,
        "flip_confidence": 0.5,
        "call_wall": wall(6850.0),
        "put_wall": wall(6750.0, exposure=-2e8),
        "call_peak": 6850.0,
        "put_peak": 6750.0,
        "heaviest": 6850.0,
        "lowest": 6750.0,
        "clusters": (),
        "vanna": 1e6,
        "charm": -1e4,
    }
    return GammaLevels(**{**sound, **changes})


def move(**changes: Any) -> MoveLevels:
    """The move that 15 % price for six hours and a half."""
    return MoveLevels(
        **{
            "forward": 6800.0,
            "years": 390 / 525_600,
            "volatility": 0.15,
            "straddle": 22.2,
            "sigma": 27.8,
            **changes,
        }
    )


def cluster(centre: float = 6800.0, **changes: Any) -> Cluster:
    """A quarter of the gamma, within ten points of its centre."""
    low, high = centre - 10, centre + 10
    return Cluster(**{"centre": centre, "low": low, "high": high, "share": 0.25, "ratio": 0.5, **changes})


def smile(**changes: Any) -> SmileLevels:
    """A good fit of a market without fear; its tail prices are those of a real one of that day's kind."""
    sound: dict[str, Any] = {
        "level": 0.15,
        "skew": -0.006,
        "curvature": 0.003,
        "error": 0.002,
        "points": 30,
        "is_good": True,
        "risk_reversal": -0.02,
        "butterfly": 0.003,
        "left_tail": 2.0,
        "right_tail": 1.0,
    }
    return SmileLevels(**{**sound, **changes})


def picture(**changes: Any) -> Picture:
    """With gamma, positioning and move."""
    sound: dict[str, Any] = {
        "chain": CHAIN,
        "ts": OPEN_MS,
        "spot": 6800.0,
        "quality": quality(),
        "gamma": gamma(),
        "positioning": Positioning(6800.0, 2e8, 1.5, 1.0, None),
        "move": move(),
    }
    return Picture(**{**sound, **changes})


def moment(**changes: Any) -> Moment:
    """Half an hour after the open, nothing read of the chain."""
    tick = Tick(OPEN_MS + 1_800_000, 6800.0)
    sound: dict[str, Any] = {
        "symbol": "SPX",
        "chain": CHAIN,
        "tick": tick,
        "before": (),
        "session": session_of(tick.ts),
        "marks": Marks(),
        "picture": None,
        "thresholds": None,
    }
    return Moment(**{**sound, **changes})
