"""A day of which all is known, served by a real gateway over a real server, for what the page's panels make of it."""

import json
from collections.abc import Callable
from typing import Any

from marketswarm import keys
from marketswarm.model.message import Annotation, Message
from tests.support.vigil_rig import SLOT, VigilRig


def interest_of(*, calls: int = 6850, puts: int = 6750) -> Callable[[int, str], int]:
    """Calls are open above 6,800 and puts below it, most of them at the walls."""
    walls = {"call": calls, "put": puts}

    def open_interest(strike: int, kind: str) -> int:
        if strike == walls[kind]:
            return 9000
        return 1500 if (kind == "call") == (strike > 6800) else 300

    return open_interest


def message_of(**more: Any) -> dict[str, Any]:
    """A message as Vexy stores it."""
    fields: dict[str, Any] = {
        "id": "m1",
        "ts": SLOT,
        "symbols": ("SPX",),
        "epoch": "morning",
        "kind": "event",
        "topic": "key_strike",
        "severity": 60,
        "importance": "warning",
        "tone": "alert",
        "title": "Call wall 6,850 comes near",
        "texts": {
            "beginner": "Spot nears a price where hedging is heavy.",
            "initiated": "The 6,850 call wall is near.",
            "professional": "CW 6,850 near.",
        },
        "template": "key_strike",
        "variant": 0,
        "levels": ({"symbol": "SPX", "name": "call_wall", "price": 6850.0},),
        "dedup_key": "key_strike",
        "ttl_s": 900,
        "quality": {"coverage": 0.97},
        "version": 1,
    }
    return Message(**(fields | more)).model_dump(mode="json", exclude_none=True)


def annotation_of(**more: Any) -> dict[str, Any]:
    """An annotation as it stands in the widgets' state."""
    fields: dict[str, Any] = {
        "id": "a1",
        "symbol": "SPX",
        "widget": "spot",
        "target": {"type": "strike", "strike": 6820.0},
        "kind": "line",
        "state": "active",
        "label": "Tested twice",
        "colour": "warning",
        "from_ts": SLOT,
        "version": 1,
    }
    return Annotation(**(fields | more)).model_dump(mode="json", exclude_none=True)


class KnownDay:
    """A day that stands still: nothing moves but what a test moves, and the gateway's clock is the test's."""

    def __init__(self, rig: VigilRig, base: str) -> None:
        self.rig, self.redis, self.base = rig, rig.redis, base

    def trade(self, *spots: float) -> None:
        """A tick and an evaluation for each."""
        for spot in spots:
            self.rig.tick(spot)
            self.rig.evaluate()

    def say(self, **more: Any) -> None:
        """Vexy says something."""
        self.redis.xadd(keys.VEXY_MESSAGES, {"message": json.dumps(message_of(**more))})

    def note(self, **more: Any) -> None:
        """An annotation's state is written."""
        told = annotation_of(**more)
        self.redis.hset(keys.vexy_widgets(told["symbol"]), told["id"], json.dumps(told))
