"""Every level that is published: what it is read from, in which unit, by which method, and why it may be absent. Pure."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final, NamedTuple

import numpy as np

from marketswarm.vigil.picture import (
    Cluster,
    GammaLevels,
    MoveLevels,
    Picture,
    Positioning,
    SmileLevels,
    Wall,
)

EXPOSURE: Final = "USD per 1 % move"
MOST_POINTS: Final = 121
"""Of the profile: enough to draw it."""

_BY_STRIKE = "gamma × contracts × multiplier × spot² × 0.01, calls plus, puts minus"
_REPRICED = "gamma repriced at hypothetical spots, volatility kept by strike, carry constant"


class Level(NamedTuple):
    """One level.

    Attributes:
        part: of the picture, from which it is read; also where the reason stands when there is no such part.
        read: the part in, the value out; None when there is none.
        without: the reason when the part has none.
        is_model: it depends on who is taken to be long and short.
        by_interest: it depends on open interest.
    """

    name: str
    part: str
    unit: str
    method: str
    read: Callable[[Any], Any]
    without: str = ""
    is_model: bool = False
    by_interest: bool = False


def _gamma(name: str, unit: str, method: str, read: Callable[[GammaLevels], Any], without: str = "") -> Level:
    return Level(name, "gamma", unit, method, read, without, is_model=True, by_interest=True)


def _live(name: str, unit: str, method: str, read: Callable[[GammaLevels], Any], without: str = "") -> Level:
    return Level(name, "live_gamma", unit, method, read, without, is_model=True, by_interest=True)


def _held(
    name: str, unit: str, method: str, read: Callable[[Positioning], Any], *, oi: bool, without: str = ""
) -> Level:
    without = without or ("too-little-open-interest" if oi else "too-little-volume")
    return Level(name, "positioning", unit, method, read, without, by_interest=oi)


def _move(name: str, unit: str, method: str, read: Callable[[MoveLevels], Any]) -> Level:
    return Level(name, "move", unit, method, read)


def _strike_rows(gamma: GammaLevels) -> list[list[float]]:
    rows = np.column_stack((gamma.strikes, gamma.net, gamma.gross, gamma.call, gamma.put))
    return _rows(rows)


def _profile_rows(gamma: GammaLevels) -> list[list[float]]:
    rows = np.column_stack((gamma.grid, gamma.profile))
    if len(rows) > MOST_POINTS:
        rows = rows[np.unique(np.linspace(0, len(rows) - 1, MOST_POINTS).round().astype(np.intp))]
    return _rows(rows)


def _rows(rows: Any) -> list[list[float]]:
    found: list[list[float]] = rows[np.isfinite(rows).all(axis=1)].tolist()
    return found


def _wall(wall: Wall | None) -> dict[str, float] | None:
    return None if wall is None else asdict(wall)


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return asdict(cluster) | {"kind": cluster.kind}


def _smile(smile: SmileLevels) -> dict[str, Any]:
    return {name: value for name, value in asdict(smile).items() if value is not None}


LEVELS: Final[tuple[Level, ...]] = (
    _gamma("net_gamma", EXPOSURE, _BY_STRIKE, lambda gamma: gamma.total),
    _gamma("gross_gamma", EXPOSURE, "the same, puts plus", lambda gamma: gamma.gross_total),
    _gamma(
        "gamma_by_strike",
        f"points, then four times {EXPOSURE}",
        "strike, net, gross, call, put",
        _strike_rows,
    ),
    _gamma("gamma_profile", f"points, {EXPOSURE}", _REPRICED, _profile_rows),
    _gamma(
        "flip",
        "points",
        "sign change of the profile nearest to spot",
        lambda gamma: gamma.flip,
        "no-crossing",
    ),
    _gamma(
        "crossings",
        f"points, {EXPOSURE} a point",
        "all sign changes of the profile: level, slope",
        lambda gamma: [[one.level, one.slope] for one in gamma.crossings],
    ),
    _gamma(
        "flip_confidence",
        "share",
        "exposure on both sides of the flip",
        lambda gamma: gamma.flip_confidence,
        "no-crossing",
    ),
    _gamma("regime", "share", "profile at spot over the gross exposure there", lambda gamma: gamma.regime),
    _gamma(
        "call_wall", "points", "positive exposure above spot", lambda g: _wall(g.call_wall), "none-stands-out"
    ),
    _gamma(
        "put_wall", "points", "negative exposure below spot", lambda g: _wall(g.put_wall), "none-stands-out"
    ),
    _gamma("call_peak", "points", "most exposure of calls", lambda gamma: gamma.call_peak, "none-stands-out"),
    _gamma("put_peak", "points", "most exposure of puts", lambda gamma: gamma.put_peak, "none-stands-out"),
    _gamma(
        "heaviest",
        "points",
        "most exposure of both, not netted",
        lambda gamma: gamma.heaviest,
        "none-stands-out",
    ),
    _gamma(
        "lowest", "points", "least sum of net exposure from below", lambda gamma: gamma.lowest, "no-exposure"
    ),
    _gamma(
        "clusters",
        "points, shares",
        "strikes beside each other that carry much of the gross exposure",
        lambda gamma: [_cluster(one) for one in gamma.clusters],
    ),
    _gamma("vanna", "USD of delta per vol point", "∂delta/∂volatility, summed", lambda gamma: gamma.vanna),
    _gamma("charm", "USD of delta per minute", "∂delta/∂time, summed", lambda gamma: gamma.charm),
    _live("live_net_gamma", EXPOSURE, _BY_STRIKE, lambda gamma: gamma.total),
    _live("live_gross_gamma", EXPOSURE, "the same, puts plus", lambda gamma: gamma.gross_total),
    _live(
        "live_gamma_by_strike",
        f"points, then four times {EXPOSURE}",
        "strike, net, gross, call, put",
        _strike_rows,
    ),
    _live(
        "live_flip",
        "points",
        "sign change of the profile nearest to spot",
        lambda gamma: gamma.flip,
        "no-crossing",
    ),
    _live(
        "live_crossings",
        f"points, {EXPOSURE} a point",
        "all sign changes of the profile: level, slope",
        lambda gamma: [[one.level, one.slope] for one in gamma.crossings],
    ),
    _live(
        "live_regime", "share", "profile at spot over the gross exposure there", lambda gamma: gamma.regime
    ),
    _live(
        "live_call_wall",
        "points",
        "positive exposure above spot",
        lambda g: _wall(g.call_wall),
        "none-stands-out",
    ),
    _live(
        "live_put_wall",
        "points",
        "negative exposure below spot",
        lambda g: _wall(g.put_wall),
        "none-stands-out",
    ),
    _held(
        "max_pain",
        "points",
        "strike at which all holders are paid least",
        lambda held: held.max_pain,
        oi=True,
        without="no-open-interest",
    ),
    _held(
        "put_call_open_interest",
        "ratio",
        "puts over calls",
        lambda held: held.put_call_open_interest,
        oi=True,
    ),
    _held(
        "put_call_volume",
        "ratio",
        "puts over calls, this session",
        lambda held: held.put_call_volume,
        oi=False,
    ),
    _held(
        "put_call_premium",
        "ratio",
        "puts over calls, volume × mid",
        lambda held: held.put_call_premium,
        oi=False,
        without="too-little-quoted-volume",
    ),
    _move("move_left", "points", "straddle at the forward, to settlement", lambda move: move.straddle),
    _move("sigma", "points", "forward × volatility × √years", lambda move: move.sigma),
    _move("forward", "points", "put-call parity", lambda move: move.forward),
    _move(
        "volatility",
        "fraction per year",
        "at the forward, out-of-the-money quotes",
        lambda move: move.volatility,
    ),
    Level(
        "smile",
        "smile",
        "fraction per year, by sigmas",
        "level + skew x + curvature x², x = ln(strike / forward) / (volatility √years)",
        _smile,
    ),
)


def part_of(picture: Picture, name: str) -> Any:
    """A part of a picture by its name."""
    return getattr(picture, name)
