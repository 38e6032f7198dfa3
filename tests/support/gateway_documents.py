"""Documents as the gateway gives them."""

import json
from typing import Any

from tests.support.builders import contract
from tests.support.vigil_documents import TS, event_json

DAY = "2026-11-23"
CURSOR = "c-1"


def rows(*strikes: int) -> dict[str, Any]:
    """Ticker → contract, a call and a put of each strike."""
    made = [contract(strike, kind) for strike in strikes for kind in ("put", "call")]
    return {one.ticker: json.loads(one.canonical_json()) for one in made}


def chain_document(*strikes: int, **more: Any) -> dict[str, Any]:
    """A live chain of SPX."""
    told = {"symbol": "SPX", "expiration": DAY, "epoch": 5, "seq": 10, "state": "live", "spot": 6801.5}
    told |= {"source": "sim", "delayed": False, "now_ms": TS, "cursor": CURSOR}
    return told | {"contracts": rows(*(strikes or (6800, 6795)))} | more


def status_document(**more: Any) -> dict[str, Any]:
    """SPX alone, live."""
    spx = {"state": "live", "spot": 6801.5, "spot_age_ms": 1200, "expiration": DAY, "contracts": 4} | more
    beside = {"now_ms": TS, "next_heartbeat_ms": TS + 10_000, "session": "open", "version": "0.1.0"}
    return {"source": "sim", "symbols": {"SPX": spx}} | beside


def event_document(**more: Any) -> dict[str, Any]:
    """One event of SPX."""
    return json.loads(event_json(**more))


def tick_document(number: int = 0, **more: Any) -> dict[str, Any]:
    """The tick of a slot, counted from ten seconds past ten."""
    ts = TS + 10_000 * number
    return {
        "id": f"{ts}-0",
        "ts": ts,
        "symbol": "SPX",
        "spot": 6801.5,
        "seq": number,
        "delayed": False,
    } | more


def batch_document(seq: int = 11, **more: Any) -> dict[str, Any]:
    """An entry of the feed."""
    told = {
        "id": f"{TS}-{seq}",
        "symbol": "SPX",
        "expiration": DAY,
        "epoch": 5,
        "seq": seq,
        "prev_seq": seq - 1,
    }
    return told | {"ts": TS, "updates": {}} | more


def loaded_document(**more: Any) -> dict[str, Any]:
    """An entry of the complete chains."""
    told = {"id": f"{TS}-0", "symbol": "SPX", "expiration": DAY, "epoch": 5, "seq": 10, "ts": TS}
    return told | {"key": f"chain:SPX:{DAY}", "contracts": 4, "reason": "manual"} | more


def message_document(**more: Any) -> dict[str, Any]:
    """One message about SPX."""
    told = {
        "id": "m-1",
        "ts": TS,
        "symbols": ["SPX"],
        "epoch": "morning",
        "kind": "event",
        "topic": "spot_jump",
        "severity": 75,
        "importance": "warning",
        "tone": "alert",
        "title": "SPX fell 7.4 points",
        "texts": {
            "beginner": "SPX fell 7.4 points in ten seconds, far more than it usually does.",
            "initiated": "SPX fell 7.4 points in ten seconds.",
            "professional": "SPX -7.4 in 10 s.",
        },
        "template": "spot_jump",
        "variant": 0,
        "dedup_key": "SPX/spot_jump",
        "ttl_s": 600,
        "version": 1,
    }
    return told | more
