"""`GET /api/v1/spot/{symbol}`: the last tick, and those of the last minutes."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from marketswarm.outlets.gateway.answers import JsonAnswer
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.shapes import SpotAnswer

MOST_MINUTES: Final = 1_440
_WHOLE: Final = ("ts", "as_of", "seq", "missed")


def spot_routes(desk: Desk) -> APIRouter:
    """The route, for that desk."""
    routes = APIRouter(tags=["spot"])

    @routes.get("/spot/{symbol}", response_model=SpotAnswer)
    def spot(symbol: str, minutes: Annotated[int, Query(ge=1, le=MOST_MINUTES)] = 60) -> JsonAnswer:
        """The last tick of a symbol, and its ticks of the last minutes, oldest first: one each ten seconds."""
        name, now_ms = desk.symbol(symbol), desk.clock.now_ms()
        seen = desk.store.spots(name, now_ms - minutes * 60_000)
        ticks = [
            {"ts": int(one["ts"]), "spot": float(one["spot"]), "seq": int(one["seq"])} for one in seen.ticks
        ]
        latest = {"latest": tick_values(seen.latest)} if seen.latest else {}
        return JsonAnswer({"symbol": name, **latest, "ticks": ticks, "now_ms": now_ms, "cursor": seen.cursor})

    return routes


def tick_values(fields: Mapping[str, str]) -> dict[str, Any]:
    """A tick's fields as JSON values."""
    values: dict[str, Any] = dict(fields)
    values |= {name: int(fields[name]) for name in _WHOLE if name in fields}
    if "spot" in fields:
        values["spot"] = float(fields["spot"])
    if "delayed" in fields:
        values["delayed"] = fields["delayed"] == "1"
    return values
