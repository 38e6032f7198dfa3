"""What Vexy's words are shown with: events, moments and symbols in which all facts are known. For goldens, docs and tests."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final

from marketswarm.model.event import EVENT_TYPES, Event, Fact, importance_of
from marketswarm.model.message import Epoch
from marketswarm.vexy.context import Context, SessionFacts, SymbolFacts
from marketswarm.vexy.draft import Suppressed

DAY: Final = date(2026, 11, 23)
OPEN_MS: Final = 1_795_444_200_000
CLOSE_MS: Final = OPEN_MS + 390 * 60_000
TS: Final = OPEN_MS + 200 * 60_000
SESSION: Final = SessionFacts(DAY, OPEN_MS, CLOSE_MS, next_day=date(2026, 11, 24))
HALF_DAY: Final = SessionFacts(
    date(2026, 11, 27), OPEN_MS + 4 * 86_400_000, OPEN_MS + 4 * 86_400_000 + 210 * 60_000, is_half_day=True
)

_MINUTES: Final[dict[Epoch, float]] = {
    "overnight": -400,
    "premarket": -90,
    "pre_open": -15,
    "open": 1,
    "opening_range": 15,
    "morning": 60,
    "lunch": 150,
    "afternoon": 240,
    "power_hour": 330,
    "closing": 375,
    "settlement": 391,
    "postmarket": 405,
    "closed": -2_000,
}
"""From the open to the beginning of each phase."""

_UNITS: Final = {"distance": "points", "moves": "expected moves", "lasted": "seconds", "share": "share"}
_CLUSTER: Final = {"centre": 6824.6, "low": 6816.9, "high": 6832.8, "share": 0.224, "ratio": 0.41}
_NEAR: Final = {"strike": 6850.0, "distance": 12.4, "moves": 0.194}
_TESTED: Final = {**_NEAR, "distance": 1.2, "moves": 0.019, "tests": 1, "since_test": 0.0}
_BREACH: Final = {"moves": -1.02, "change": -65.2, "open": 6812.4}
_RANGE: Final = {"moves": 1.31, "high": 6862.3, "low": 6778.6}
_PIN: Final = {
    "score": 0.324,
    "strike": 6800.0,
    "distance": -0.8,
    "share": 0.52,
    "ratio": 0.83,
    "move_left": 11.2,
} | {"to_settlement": 38.0}
_BURST: Final = {
    "pace": 1.92,
    "expected_pace": 0.79,
    "times": 2.43,
    "session_pace": 0.79,
    "implied_pace": 1.04,
    "minutes": 5.0,
}
_TAIL: Final = {"left_tail": 2.66, "session_median": 2.07, "last_hour": 2.11, "z": 5.3}
_RIGHT_TAIL: Final = {"right_tail": 0.92, "session_median": 0.71, "last_hour": 0.7, "z": 5.1}
_FLIP: Final = {"flip": 6795.4, "distance": -4.9, "moves": -0.077, "regime": -0.12}
_REGIME: Final = {"regime": -0.12, "flip": 6795.4, "distance": -5.6}
_BAD: Final = {"reason": "low coverage", "coverage": 0.61, "stale": 0.36, "age": 1.4}
_JUMP: Final = {"return": -11.2, "change": -7.6, "interval": 10, "statistic": 12.9, "pace": 0.87} | {
    "pace_source": "realised",
    "robust_z": 15.6,
}
_SMILE: Final = {"score": 11.4, "spot_moved": -0.06, "fit_error": 0.24, "with_spot": "no"}
_LASTED: Final = {"lasted": 840.0}


def event(type: str, evidence: dict[str, Any], **more: Any) -> Event:  # noqa: A002
    """An event of SPX with that evidence."""
    facts = {
        name: Fact(value=value, unit=_UNITS.get(name, "points"), as_of=TS) for name, value in evidence.items()
    }
    fields: dict[str, Any] = {
        "id": "84ae2fd183c5105b52eb",
        "type": type,
        "symbol": "SPX",
        "expiration": DAY,
        "state": "enter",
        "severity": 62,
        "ts": TS,
        "title": "as Vigil says it",
        "evidence": facts,
        "method": "some",
        "version": 1,
    }
    fields |= more
    fields.setdefault("episode", fields["id"])
    fields.setdefault("importance", importance_of(fields["severity"]))
    return Event(**fields)


def levels(**more: Any) -> dict[str, dict[str, Any]]:
    """Every level that is spoken of, as it is stored."""
    wall = {"strike": 6850.0, "exposure": 2.1e8, "dominance": 0.27, "share": 0.13}
    put = {"strike": 6750.0, "exposure": -1.9e8, "dominance": 0.31, "share": 0.11}
    values: dict[str, Any] = {
        "spot": 6837.6,
        "net_gamma": -2.57e8,
        "regime": -0.12,
        "flip": 6845.4,
        "call_wall": wall,
        "put_wall": put,
        "call_peak": 6850.0,
        "put_peak": 6750.0,
        "heaviest": 6800.0,
        "max_pain": 6795.0,
        "charm": -6e6,
        "volatility": 0.154,
        "put_call_open_interest": 1.62,
        "put_call_volume": 1.02,
        "move_left": 41.3,
        "move_open": 63.9,
        "sigma": 51.7,
        "realised": {
            "volatility": 0.091,
            "bipower": 0.09,
            "seconds": 3600,
            "returns": 360,
            "implied": 0.13,
            "ratio": 0.7,
        },
        "key_strikes": [{"name": "call_wall", "strike": 6850.0, "points": 12.4, "touch": 0.34}],
        "quality": {"coverage": 0.97, "greeks_source": "local"},
    }
    values |= more
    return {
        name: {"value": value, "unit": "points", "method": "some", "as_of": TS - 400, "coverage": 0.97}
        for name, value in values.items()
    }


SPX: Final = SymbolFacts(
    levels=levels(),
    spot=6837.6,
    spot_ts=TS,
    previous_close=6790.2,
    open=6812.4,
    high=6862.3,
    low=6808.1,
    close=6831.9,
    expiration=DAY,
)
NDX: Final = SymbolFacts(levels={}, spot=24_310.5, spot_ts=TS, expiration=DAY)


def context(epoch: Epoch = "morning", **more: Any) -> Context:
    """The moment at which a phase begins, with all that is known of SPX."""
    now = OPEN_MS + round(_MINUTES[epoch] * 60_000)
    fields: dict[str, Any] = {"symbols": {"SPX": SPX, "NDX": NDX}, "session": SESSION}
    return Context(now=now, epoch=epoch, **(fields | more))


def _strike(phase: str, **more: Any) -> Event:
    evidence = more.pop("evidence", _TESTED)
    return event("key_strike", evidence, key=f"call_wall:6850:{phase}", direction="up", **more)


EVENTS: Final[dict[str, Event]] = {
    "cluster_formed.enter": event("cluster_formed", _CLUSTER, key="6825"),
    "cluster_shifted.enter": event(
        "cluster_shifted",
        {**_CLUSTER, "centre": 6836.4, "low": 6828.1, "high": 6845.0, "from": 6824.6},
        direction="up",
    ),
    "cluster_dissolved.enter": event("cluster_dissolved", {**_CLUSTER, "share": 0.118}, key="6825"),
    "spot_in_cluster.enter": event("spot_in_cluster", {**_CLUSTER, "spot": 6818.3}, key="6825"),
    "spot_in_cluster.update": event(
        "spot_in_cluster", {**_CLUSTER, "share": 0.31, "spot": 6818.3}, key="6825", state="update"
    ),
    "spot_in_cluster.exit": event(
        "spot_in_cluster", {**_CLUSTER, "spot": 6838.3} | _LASTED, key="6825", state="exit"
    ),
    "spot_jump.enter": event("spot_jump", _JUMP, direction="down", severity=84, ts=TS + 10_000),
    "volatility_burst.enter": event("volatility_burst", _BURST),
    "volatility_burst.update": event(
        "volatility_burst", {**_BURST, "pace": 2.92, "times": 3.7}, state="update"
    ),
    "volatility_burst.exit": event(
        "volatility_burst", {**_BURST, "pace": 1.1, "times": 1.4} | _LASTED, state="exit"
    ),
    "jump_risk.enter": event("jump_risk", _TAIL),
    "jump_risk.update": event("jump_risk", {**_TAIL, "left_tail": 3.1, "z": 8.2}, state="update"),
    "jump_risk.exit": event("jump_risk", {**_TAIL, "left_tail": 2.11, "z": 0.4} | _LASTED, state="exit"),
    "jump_risk.right_enter": event("jump_risk", _RIGHT_TAIL, key="right"),
    "jump_risk.right_update": event(
        "jump_risk", {**_RIGHT_TAIL, "right_tail": 1.13, "z": 8.9}, key="right", state="update"
    ),
    "jump_risk.right_exit": event(
        "jump_risk", {**_RIGHT_TAIL, "right_tail": 0.71, "z": 0.6} | _LASTED, key="right", state="exit"
    ),
    "smile_break.level": event(
        "smile_break",
        {"before": 15.1, "after": 16.3, "change": 1.2} | _SMILE,
        key="level",
        direction="up",
    ),
    "smile_break.skew": event(
        "smile_break",
        {"before": -0.081, "after": -0.112, "change": -0.031}
        | _SMILE
        | {"with_spot": "yes", "spot_moved": -0.21},
        key="skew",
        direction="down",
    ),
    "smile_break.curvature": event(
        "smile_break",
        {"before": 0.018, "after": 0.043, "change": 0.025} | _SMILE,
        key="curvature",
        direction="up",
    ),
    "drift.enter": event(
        "drift",
        {"change": -32.4, "moves": -0.51, "anchor": 6818.2, "move_open": 63.9},
        key="macro",
        direction="down",
    ),
    "key_strike.approached": event("key_strike", _NEAR, key="call_wall:6850"),
    "key_strike.nearer": event(
        "key_strike", {**_NEAR, "distance": 4.1, "moves": 0.064}, key="call_wall:6850", state="update"
    ),
    "key_strike.left": event(
        "key_strike",
        {**_NEAR, "distance": 24.0, "moves": 0.376} | _LASTED,
        key="call_wall:6850",
        state="exit",
    ),
    "key_strike.touched": _strike("touched"),
    "key_strike.touched_again": _strike("touched", evidence={**_TESTED, "tests": 2, "since_test": 1_200.0}),
    "key_strike.broken": _strike(
        "broken", evidence={**_TESTED, "distance": -8.3, "moves": -0.13, "since_test": 660.0}
    ),
    "key_strike.held": _strike("held", evidence={**_NEAR, "tests": 2, "since_test": 3_600.0}),
    "regime.positive": event("regime", {**_REGIME, "regime": 0.14, "distance": 5.6}, key="positive"),
    "regime.negative": event("regime", _REGIME, key="negative"),
    "regime.update": event("regime", {**_REGIME, "regime": -0.31}, key="negative", state="update"),
    "regime.exit": event("regime", {**_REGIME, "regime": -0.04} | _LASTED, key="negative", state="exit"),
    "flip_cross.enter": event("flip_cross", _FLIP, direction="down"),
    "flip_cross.update": event(
        "flip_cross", {**_FLIP, "distance": -14.8, "moves": -0.23}, direction="down", state="update"
    ),
    "flip_cross.exit": event(
        "flip_cross",
        {**_FLIP, "distance": 4.1, "moves": 0.064, "regime": 0.03} | _LASTED,
        direction="down",
        state="exit",
    ),
    "wall_moved.enter": event(
        "wall_moved",
        {"from": 6850.0, "to": 6890.0, "way": 0.626, "exposure": 2.14e8, "dominance": 0.27},
        key="call",
        direction="up",
    ),
    "pin_risk.enter": event("pin_risk", _PIN, key="6800"),
    "pin_risk.update": event(
        "pin_risk", {**_PIN, "score": 0.51, "to_settlement": 21.0}, key="6800", state="update"
    ),
    "pin_risk.exit": event(
        "pin_risk", {**_PIN, "score": 0.11, "distance": -6.3} | _LASTED, key="6800", state="exit"
    ),
    "expected_move.breach": event("expected_move", _BREACH, key="breach", direction="down"),
    "expected_move.breach_more": event(
        "expected_move",
        {**_BREACH, "moves": -1.4, "change": -89.5},
        key="breach",
        direction="down",
        state="update",
    ),
    "expected_move.breach_over": event(
        "expected_move",
        {**_BREACH, "moves": -0.88, "change": -56.2} | _LASTED,
        key="breach",
        direction="down",
        state="exit",
    ),
    "expected_move.range": event("expected_move", _RANGE, key="range"),
    "expected_move.range_more": event(
        "expected_move", {**_RANGE, "moves": 1.74}, key="range", state="update"
    ),
    "expiry_roll.enter": event(
        "expiry_roll",
        {"from": "2026-11-23", "to": "2026-11-24"},
        key="2026-11-24",
        expiration=date(2026, 11, 24),
    ),
    "data_quality.enter": event("data_quality", _BAD),
    "data_quality.update": event("data_quality", {**_BAD, "coverage": 0.22, "stale": 0.7}, state="update"),
    "data_quality.exit": event(
        "data_quality", {"coverage": 0.97, "stale": 0.0, "age": 0.6} | _LASTED, state="exit"
    ),
    "data_quality.lag": event("data_quality", {}, key="lag"),
    "digest.enter": event("digest", {"drift": 1, "key_strike": 2}),
}
"""Template → an event that it tells, with all of its evidence."""

TOGETHER: Final[dict[str, tuple[Event, Event]]] = {
    "together.same": (
        EVENTS["spot_jump.enter"],
        event(
            "spot_jump", {**_JUMP, "change": -31.2}, direction="down", symbol="NDX", id="ndx", ts=TS + 20_000
        ),
    ),
    "together.opposed": (
        EVENTS["flip_cross.enter"],
        event(
            "flip_cross",
            {**_FLIP, "flip": 24_280.3, "distance": 31.0},
            direction="up",
            symbol="NDX",
            id="ndx",
        ),
    ),
}
KEPT: Final = Suppressed("SPX", {"drift": 3, "key_strike": 1}, since=TS - 600_000, until=TS, worst=38)
GUIDES: Final[dict[str, SymbolFacts]] = {
    "guide.near_level": SPX,
    "guide.near_flip": replace(SPX, spot=6820.0, levels=levels(flip=6817.5)),
    "guide.used": replace(SPX, spot=6820.0, levels=levels(flip=6700.0), low=6804.0),
    "guide.negative": replace(SPX, spot=6820.0, levels=levels(flip=6700.0), low=6830.0),
    "guide.positive": replace(SPX, spot=6820.0, levels=levels(flip=6700.0, regime=0.22), low=6830.0),
}
"""Template of guidance → the symbol that calls for it."""


def bare_events() -> Iterator[Event]:
    """Every event again, without any evidence."""
    for example in EVENTS.values():
        yield example.model_copy(update={"evidence": {}})


assert {one.type for one in EVENTS.values()} == set(EVENT_TYPES)
