"""What stands in `vigil:levels:<symbol>`: one JSON text a level, with all that is needed to judge it. Pure.

A level is either a value with unit and method, or `absent` with the reason. Every evaluation writes all of them, so none is older
than the others.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import msgspec
import numpy as np

from marketswarm.maths.jumps import STEP_S
from marketswarm.maths.realised import SECONDS_A_YEAR, Realised, realised
from marketswarm.vigil.engine import Evaluation
from marketswarm.vigil.inbox import Counts, WaitingTick
from marketswarm.vigil.level_table import LEVELS, Level, part_of
from marketswarm.vigil.levels.distances import Distance, distances_of
from marketswarm.vigil.marks import at_moment
from marketswarm.vigil.picture import Picture
from marketswarm.vigil.sighting import Marks, SessionTime
from marketswarm.vigil.spot_path import priced_pace

SIGN_MODEL: Final = "naive"
UNIVERSE: Final = "front"

AT_THE_OPEN_MS: Final = 300_000
"""After the session's open, within which a measure that was fixed may be called that of the open."""

_NULL: Final = b"null"  # what becomes of anything that is no number


@dataclass(frozen=True, slots=True)
class Basis:
    """What levels are published from.

    Attributes:
        tick: the newest one that was judged.
        picture: of the chain at it; None when none was read.
        why: the reason when there is no picture: `no-chain`, or `failed` when it could not be computed.
        marks: after the evaluation.
        realised: of the session's spots of the last hour; None when there are too few. `priced` the volatility that options price
            for the session, by the same year; None when unknown.
        distances: of the key strikes.
        open_interest_date: YYYY-MM-DD of the session in which the chain was loaded; open interest changes once a day.
        chain_state: the chain's own state. `is_delayed`: its quotes are the vendor's delayed ones.
        note: what the reader should know of this evaluation, such as that slots were skipped.
        changes: what the chain's feed told since the evaluation before; None when there is no chain.
        opens_ms: when the exchange opens, or has opened, in the session in which `move_open` was fixed.
    """

    tick: WaitingTick
    picture: Picture | None
    marks: Marks
    why: str = "no-chain"
    realised: Realised | None = None
    priced: float | None = None
    distances: tuple[Distance, ...] = ()
    open_interest_date: str = ""
    chain_state: str = ""
    is_delayed: bool = False
    note: str = ""
    changes: Counts | None = None
    opens_ms: int = 0


def basis_of(
    tick: WaitingTick,
    done: Evaluation,
    *,
    session: SessionTime,
    is_around_the_clock: bool = False,
    chain_state: str,
    is_delayed: bool,
    open_interest_date: str,
    note: str,
    changes: Counts | None,
    opens_ms: int,
    why: str = "no-chain",
) -> Basis:
    """What an evaluation that ended with that tick is published from.

    Around the clock there are no sessions over which what options price could be spread: then no such figure is given.
    """
    picture, marks, known = done.picture, done.marks, at_moment(done.marks, tick.ts)
    ticks = [one for one in done.state.ticks if session.open_ms < one.ts < session.close_ms]
    pace = None if is_around_the_clock else priced_pace(known, session, tick.ts)
    return Basis(
        tick=tick,
        picture=picture,
        marks=marks,
        why=why,
        realised=realised(
            np.array([one.ts for one in ticks], dtype=np.int64),
            np.array([one.spot for one in ticks], dtype=np.float64),
        ),
        priced=None if pace is None else pace * math.sqrt(SECONDS_A_YEAR / STEP_S),
        distances=distances_of(
            tick.spot,
            known.key_strikes,
            move=picture.move if picture else None,
            move_open=marks.move_open,
            gamma=picture.gamma if picture else None,
        ),
        open_interest_date=open_interest_date,
        chain_state=chain_state,
        is_delayed=is_delayed,
        note=note,
        changes=changes,
        opens_ms=opens_ms,
    )


def level_fields(basis: Basis) -> dict[str, bytes]:
    """Name → JSON of every level there is."""
    fields = {level.name: _level(level, basis) for level in LEVELS}
    fields |= {
        "spot": _spot(basis),
        "move_open": _move_open(basis),
        "realised": _realised(basis),
        "key_strikes": _key_strikes(basis),
        "quality": _quality(basis),
    }
    return {name: msgspec.json.encode(field) for name, field in fields.items()}


def _level(level: Level, basis: Basis) -> dict[str, Any]:
    picture = basis.picture
    if picture is None:
        return _absent(basis.why, level.unit, basis.tick.ts)
    part = part_of(picture, level.part)
    if part is None:
        return _absent(picture.absent.get(level.part, "not-known"), level.unit, picture.ts) | _of_chain(
            picture
        )
    value = level.read(part)
    text = msgspec.json.encode(value)
    if _NULL in text:
        why = level.without if value is None else "not-finite"
        return _absent(why, level.unit, picture.ts) | _of_chain(picture)
    field = _present(msgspec.Raw(text), level.unit, level.method, _as_of(picture)) | _of_chain(picture)
    if level.is_model:
        field |= {"sign_model": SIGN_MODEL, "weighing": part.weighing}
    if level.by_interest and basis.open_interest_date:
        field["open_interest_date"] = basis.open_interest_date
    return field


def _spot(basis: Basis) -> dict[str, Any]:
    field = _present(basis.tick.spot, "points", "heartbeat", basis.tick.ts)
    return field | ({"delayed": True} if basis.tick.is_delayed else {})


def _move_open(basis: Basis) -> dict[str, Any]:
    if basis.marks.move_open is None:
        return _absent("not-fixed-yet", "points", basis.tick.ts)
    method = "straddle at the forward, fixed when it was first known a minute or more after the open"
    at = basis.marks.move_open_at
    field = _present(basis.marks.move_open, "points", method, at or basis.tick.ts)
    return field | {"since_open": 0 <= at - basis.opens_ms <= AT_THE_OPEN_MS}


def _realised(basis: Basis) -> dict[str, Any]:
    unit = "fraction per year"
    if basis.realised is None:
        return _absent("too-few-ticks", unit, basis.tick.ts)
    value = basis.realised._asdict()
    if basis.priced is not None:
        value |= {"implied": basis.priced, "ratio": basis.realised.volatility / basis.priced}
    return _present(
        value,
        unit,
        "realised and bipower variation of the session's ten-second spots, at most an hour of them",
        basis.tick.ts,
    )


def _key_strikes(basis: Basis) -> dict[str, Any]:
    unit = "points; sigmas, expected moves and odds beside them"
    if not basis.distances:
        return _absent("no-key-strikes" if basis.picture else basis.why, unit, basis.tick.ts)
    field = _present(
        [_known(asdict(one)) for one in basis.distances],
        unit,
        "strike less spot, nearest first",
        basis.tick.ts,
    )
    field |= {"sign_model": SIGN_MODEL, "strikes_as_of": basis.marks.as_of}
    if basis.open_interest_date:
        field["open_interest_date"] = basis.open_interest_date
    return field | (_of_chain(basis.picture) if basis.picture else {})


def _quality(basis: Basis) -> dict[str, Any]:
    unit = "shares"
    told: dict[str, Any] = {}
    if basis.chain_state:
        told["chain_state"] = basis.chain_state
    if basis.is_delayed:
        told["delayed"] = True
    if basis.note:
        told["note"] = basis.note
    if basis.changes is not None:
        told["changes"] = basis.changes._asdict()
    if basis.picture is None:
        return _absent(basis.why, unit, basis.tick.ts) | told
    quality = basis.picture.quality
    value = _known(asdict(quality))
    value.pop("degraded", None)
    return _present(value, unit, "by open interest", basis.picture.ts) | _of_chain(basis.picture) | told


def _known(part: dict[str, Any]) -> dict[str, Any]:
    """Its members that say something: a time of 0 is none, a share of 0 is one."""
    return {
        name: value
        for name, value in part.items()
        if value not in (None, "")
        and not (isinstance(value, float) and not math.isfinite(value))
        and not (name.endswith("_ms") and not value)
    }


def _present(value: Any, unit: str, method: str, as_of: int) -> dict[str, Any]:
    return {"value": value, "unit": unit, "method": method, "as_of": as_of}


def _absent(reason: str, unit: str, as_of: int) -> dict[str, Any]:
    return {"absent": reason, "unit": unit, "as_of": as_of}


def _of_chain(picture: Picture) -> dict[str, Any]:
    chain: dict[str, Any] = {"universe": UNIVERSE, "expiration": picture.chain.expiration.isoformat()}
    if math.isfinite(picture.quality.coverage):
        chain["coverage"] = round(picture.quality.coverage, 6)
    if picture.quality.degraded:
        chain["degraded"] = picture.quality.degraded
    return chain


def _as_of(picture: Picture) -> int:
    """Vendor time of the newest quote that it was made from; the evaluation's own when no quote has one."""
    return picture.quality.quoted_ms or picture.ts
