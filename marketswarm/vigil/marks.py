"""What is kept of a tick and of a chain for the moments at which no chain is read. Pure."""

from math import isfinite

from msgspec.structs import replace

from marketswarm.vigil.picture import GammaLevels, Picture, Wall
from marketswarm.vigil.sighting import Marks, SessionTime, Tick

SIGNIFICANT_DOMINANCE = 0.15
MOVE_FIXED_AFTER_MS = 60_000  # the first minute's quotes are wide
OLDEST_CHAIN_MS = 300_000  # what was read of a chain earlier than that says nothing of a moment any more


def of_new_session(marks: Marks) -> Marks:
    """The marks at the beginning of a session: what the session itself makes begins anew."""
    return replace(marks, move_open=None, move_open_at=0, open=None, high=None, low=None, last=None)


def of_new_chain(marks: Marks) -> Marks:
    """The marks when another chain comes into force: nothing of the old one holds any more."""
    return Marks(
        move_open=marks.move_open,
        move_open_at=marks.move_open_at,
        open=marks.open,
        high=marks.high,
        low=marks.low,
        last=marks.last,
    )


def at_moment(marks: Marks, ts: int) -> Marks:
    """The marks that detectors are shown: without the chain's when it was read, or could be judged, too long ago."""
    return marks if ts - marks.as_of <= OLDEST_CHAIN_MS else of_new_chain(marks)


def with_tick(marks: Marks, tick: Tick, session: SessionTime) -> Marks:
    """The marks after a spot, which counts for the session only while it is open, and past the slot of the open itself."""
    if not (session.is_open and tick.ts > session.open_ms):
        return marks
    before = tick.spot if marks.last is None else marks.last
    high, low = min(before, tick.spot), max(before, tick.spot)
    return replace(
        marks,
        open=tick.spot if marks.open is None else marks.open,
        high=high if marks.high is None else max(marks.high, high),
        low=low if marks.low is None else min(marks.low, low),
        last=tick.spot,
    )


def with_picture(marks: Marks, picture: Picture, tick: Tick, session: SessionTime) -> Marks:
    """The marks after a chain was read at a tick.

    `move_open` is fixed by the first straddle from one minute after the open on, and stays so for the session: the measure
    of all thresholds does not shrink through the day.
    """
    move, gamma = picture.move, picture.gamma
    straddle = _number(move.straddle) if move is not None else None
    if _is_fixing(marks, tick, session) and straddle is not None and straddle > 0:
        marks = replace(marks, move_open=straddle, move_open_at=tick.ts)
    return replace(
        marks,
        as_of=picture.ts,
        move_left=straddle,
        sigma=_number(move.sigma) if move is not None else None,
        volatility=_number(move.volatility) if move is not None else None,
        years=_number(move.years) if move is not None else None,
        flip=_number(gamma.flip) if gamma is not None else None,
        regime=_number(gamma.regime) if gamma is not None else None,
        crossings=tuple(float(one.level) for one in gamma.crossings) if gamma is not None else (),
        sign_below=_sign_below(gamma) if gamma is not None else 0,
        key_strikes=_key_strikes(picture, gamma),
    )


def _is_fixing(marks: Marks, tick: Tick, session: SessionTime) -> bool:
    return marks.move_open is None and session.is_open and tick.ts >= session.open_ms + MOVE_FIXED_AFTER_MS


def _key_strikes(picture: Picture, gamma: GammaLevels | None) -> dict[str, float]:
    found = {
        "call_wall": _significant(gamma.call_wall) if gamma is not None else None,
        "put_wall": _significant(gamma.put_wall) if gamma is not None else None,
        "heaviest": gamma.heaviest if gamma is not None else None,
        "max_pain": picture.positioning.max_pain if picture.positioning is not None else None,
    }
    return {name: number for name, strike in found.items() if (number := _number(strike)) is not None}


def _sign_below(gamma: GammaLevels) -> int:
    """Of the profile below all of its crossings: the lowest one turns it, and without any it is that of the whole chain."""
    turns = -gamma.crossings[0].slope if gamma.crossings else gamma.regime
    return 0 if turns is None or not isfinite(turns) else int(turns > 0) - int(turns < 0)


def _significant(wall: Wall | None) -> float | None:
    return wall.strike if wall is not None and wall.dominance >= SIGNIFICANT_DOMINANCE else None


def _number(value: float | None) -> float | None:
    """A plain number, as it comes back from JSON; None where it is none."""
    return float(value) if value is not None and isfinite(value) else None
