"""All levels of one chain at one moment. Pure."""

from collections.abc import Mapping
from dataclasses import astuple
from types import MappingProxyType
from typing import Final, TypeVar

import numpy as np

from marketswarm.maths.normal import Flags, Floats
from marketswarm.vigil.columns import ChainColumns
from marketswarm.vigil.levels.bidless import with_bidless
from marketswarm.vigil.levels.gamma import gamma_levels
from marketswarm.vigil.levels.move import Forwards, forwards_of, move_of
from marketswarm.vigil.levels.positioning import positioning
from marketswarm.vigil.levels.quality import DEFAULT_GATE, QualityGate, quality_of
from marketswarm.vigil.levels.smile import smile_of
from marketswarm.vigil.picture import Picture, Positioning, Quality

Part = TypeVar("Part")

NO_CARRY: Final[Mapping[str, float]] = MappingProxyType({})


def picture_of(
    columns: ChainColumns,
    *,
    in_session: bool,
    gate: QualityGate = DEFAULT_GATE,
    carry: Mapping[str, float] = NO_CARRY,
) -> Picture:
    """The picture of a chain; each part is there, or `absent` says why it is not.

    Args:
        columns: of the chain.
        in_session: whether trading is on; outside of it no quote is stale.
        gate: what the chain must bring.
        carry: root → forward over spot when quotes last stated it, for roots whose quotes state none now.
    """
    with np.errstate(all="ignore"):  # what is absurd is gated by its result
        _, usable = quality_of(columns, gate, in_session=in_session)
        forwards = forwards_of(columns, usable, carry=_in_rows(columns, carry))
        whole = with_bidless(columns, usable, forwards)
        return _picture(whole, quality_of(whole, gate, in_session=in_session), forwards)


def _picture(columns: ChainColumns, judged: tuple[Quality, Flags], forwards: Forwards) -> Picture:
    quality, usable = judged
    absent: dict[str, str] = {}
    move = _kept("move", move_of(columns, usable, forwards), absent)
    sigma = None if move is None else move.sigma
    gamma, live = gamma_levels(
        columns,
        usable,
        forward_ratio=forwards.ratio,
        sigma=sigma,
        weighings=("open-interest", "open-interest+volume/2"),
    )
    return Picture(
        chain=columns.chain,
        ts=columns.now_ms,
        spot=columns.spot,
        quality=quality,
        gamma=_kept("gamma", gamma, absent),
        live_gamma=_kept("live_gamma", live, absent),
        positioning=_kept("positioning", _positioning_of(columns), absent),
        move=move,
        smile=_kept("smile", smile_of(columns, usable, move), absent),
        absent=absent,
        carry=_stated(columns, forwards),
    )


def _in_rows(columns: ChainColumns, carry: Mapping[str, float]) -> Floats:
    return np.array([carry.get(root, np.nan) for root in columns.roots], dtype=np.float64)


def _stated(columns: ChainColumns, forwards: Forwards) -> dict[str, float]:
    rows = zip(columns.roots, forwards.ratio, forwards.is_parity, strict=True)
    return {root: float(ratio) for root, ratio, is_stated in rows if is_stated}


def _positioning_of(columns: ChainColumns) -> Positioning | str:
    found = positioning(columns)
    if any(one is not None for one in astuple(found)):
        return found
    return "too-few-contracts" if columns.size else "no-contracts"


def _kept(name: str, part: Part | str, absent: dict[str, str]) -> Part | None:
    """The part, or None with its reason noted."""
    if isinstance(part, str):
        absent[name] = part
        return None
    return part
