"""What the gateway's full store holds beside chain, ticks and levels."""

from typing import NamedTuple

from redis import Redis

TS = 1_795_446_010_000
REPORT = {
    "state": "live",
    "updates_per_s": 812.5,
    "lag_ms": {"p50": 31, "p99": 66},
    "gaps": 0,
    "reconnects": 2,
}
MESSAGE = {
    "id": "m1",
    "ts": TS,
    "symbols": ["SPX"],
    "epoch": "morning",
    "kind": "event",
    "topic": "jump",
    "severity": 70,
    "importance": "warning",
    "tone": "alert",
    "title": "SPX fell <b>7.4</b> points",
    "texts": {"beginner": "down", "initiated": "down", "professional": "down"},
    "template": "jump",
    "variant": 0,
    "dedup_key": "jump",
    "ttl_s": 60,
    "version": 1,
}
NOTE = {
    "id": "n1",
    "symbol": "SPX",
    "widget": "ladder",
    "target": {"type": "strike", "strike": 6800},
    "kind": "badge",
    "state": "active",
    "label": "put wall",
    "colour": "down",
    "from_ts": TS,
    "version": 1,
}


class Full(NamedTuple):
    """A filled store, and the slot of its last tick."""

    redis: Redis
    slot: int
