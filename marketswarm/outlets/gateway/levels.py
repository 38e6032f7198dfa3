"""`GET /api/v1/levels/{symbol}`: what Vigil last published of a symbol."""

from fastapi import APIRouter

from marketswarm.outlets.gateway.answers import JsonAnswer
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.shapes import LevelsAnswer
from marketswarm.outlets.levels import Levels


def levels_routes(desk: Desk) -> APIRouter:
    """The route, for that desk."""
    routes = APIRouter(tags=["levels"])

    @routes.get("/levels/{symbol}", response_model=LevelsAnswer)
    def levels(symbol: str) -> JsonAnswer:
        """Each level with value, unit, method and age, or with the reason why there is none."""
        name = desk.symbol(symbol)
        seen, now_ms = desk.levels.read(name) or Levels(name, {}), desk.clock.now_ms()
        return JsonAnswer(seen.document(now_ms) | {"now_ms": now_ms})

    return routes
