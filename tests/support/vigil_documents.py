"""Events as Vigil stores them, with one word for what matters in each."""

import json
from typing import Any

from redis import Redis

from marketswarm import keys
from marketswarm.model.event import Event, Fact

TS = 1_795_446_010_000  # 2026-11-23 10:00:10 in New York


def event_json(**more: Any) -> str:
    """A jump of SPX, as it is stored."""
    fields: dict[str, Any] = {
        "id": "3f2a",
        "episode": "3f2a",
        "type": "spot_jump",
        "symbol": "SPX",
        "state": "enter",
        "direction": "down",
        "severity": 75,
        "importance": "warning",
        "ts": TS,
        "title": "SPX fell 7.4 points in ten seconds",
        "evidence": {
            "move": Fact(value=-7.4, unit="points", as_of=TS),
            "statistic": Fact(value=9.4, unit="sigmas", as_of=TS),
        },
        "method": "jump test of Lee and Mykland",
        "version": 1,
    }
    return Event(**(fields | more)).model_dump_json(exclude_none=True)


def tell(redis: Redis, text: str | None = None, **more: Any) -> str:
    """Put an event into the stream; the id of its entry."""
    return redis.xadd(keys.VIGIL_EVENTS, {"event": event_json(**more) if text is None else text}).decode()


def parsed(text: str) -> dict[str, Any]:
    """A document."""
    return json.loads(text)


def field(value: Any, unit: str = "points", **more: Any) -> dict[str, Any]:
    """One level of the chain, as it is published."""
    told = {"value": value, "unit": unit, "method": "some", "as_of": TS, "universe": "front"}
    return told | {"expiration": "2026-11-23", "coverage": 0.97} | more


def beside(value: Any) -> dict[str, Any]:
    """One level of the session, as it is published."""
    return {"value": value, "unit": "points", "method": "some", "as_of": TS}


def absent(reason: str) -> dict[str, Any]:
    """A level that there is none of."""
    return {"absent": reason, "unit": "points", "as_of": TS}


EXPOSURE = "USD per 1 % move"


def gamma_rows() -> list[list[float]]:
    """Strike, net, gross, call, put: puts below 6,800, calls above."""
    rows = []
    for at in range(9):
        call, put = 1e6 * (at + 1) ** 2, -1e6 * (9 - at) ** 2
        rows.append([6780.0 + 5 * at, call + put, call - put, call, put])
    return rows


def all_levels(**more: Any) -> dict[str, dict[str, Any]]:
    """Every level of SPX at 6,801.50."""
    model = {"sign_model": "naive", "weighing": "open-interest"}
    wall = {"exposure": 8.1e7, "dominance": 0.23, "share": 0.13}
    low_wall = {"strike": 6780.0, "exposure": -8e7, "dominance": 0.11, "share": 0.1}
    cluster = {"centre": 6800.0, "low": 6790.0, "high": 6810.0, "share": 0.21, "ratio": 0.4, "kind": "pin"}
    smile = {"level": 0.152, "skew": -0.0121, "curvature": 0.0057, "error": 0.0025, "points": 21}
    smile |= {"is_good": True, "left_tail": 2.13, "right_tail": 1.06}
    fields = {
        "spot": beside(6801.5),
        "net_gamma": field(-2.57e8, EXPOSURE, **model),
        "gross_gamma": field(1.02e9, EXPOSURE, **model),
        "gamma_by_strike": field(gamma_rows(), EXPOSURE, **model),
        "gamma_profile": field(
            [[6700.0, -3e8], [6790.0, -5e7], [6810.0, 4e7], [6900.0, 2e8]], EXPOSURE, **model
        ),
        "flip": field(6803.25, **model),
        "crossings": field([[6650.0, -1.0], [6803.25, 2.0]], **model),
        "flip_confidence": field(0.45, "share", **model),
        "regime": field(-0.25, "share", **model),
        "call_wall": field({"strike": 6820.0, **wall}, **model),
        "put_wall": field(low_wall, **model),
        "call_peak": field(6820.0, **model),
        "put_peak": field(6780.0, **model),
        "heaviest": field(6800.0, **model),
        "lowest": field(6790.0, **model),
        "clusters": field([cluster], **model),
        "vanna": field(1.07e8, "USD of delta per vol point", **model),
        "charm": field(-6e6, "USD of delta per minute", **model),
        "live_net_gamma": field(-5.73e8, EXPOSURE, **model),
        "live_flip": field(6805.0, **model),
        "max_pain": field(6795.0),
        "put_call_open_interest": field(2.72, "ratio"),
        "put_call_volume": field(1.02, "ratio"),
        "put_call_premium": absent("no-volume"),
        "move_open": beside(29.9),
        "move_left": field(19.5),
        "sigma": field(24.4),
        "forward": field(6802.0),
        "volatility": field(0.154, "fraction per year"),
        "smile": field(smile, "fraction per year, by sigmas"),
        "realised": beside(
            {
                "volatility": 0.091,
                "bipower": 0.09,
                "seconds": 600,
                "returns": 60,
                "implied": 0.13,
                "ratio": 0.7,
            }
        ),
        "key_strikes": beside([{"name": "call_wall", "strike": 6820.0, "points": 18.5, "touch": 0.34}]),
        "quality": field({"coverage": 0.97, "greeks_source": "local", "quoted_ms": TS - 400}, "shares")
        | {"chain_state": "live"},
    }
    return fields | more


def publish(redis: Redis, fields: dict[str, dict[str, Any]] | None = None, symbol: str = "SPX") -> None:
    """Write levels as Vigil does."""
    texts: dict[Any, Any] = {
        name: json.dumps(one) for name, one in (all_levels() if fields is None else fields).items()
    }
    redis.delete(keys.vigil_levels(symbol))
    redis.hset(keys.vigil_levels(symbol), mapping=texts)
