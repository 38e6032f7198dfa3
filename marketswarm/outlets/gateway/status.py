"""`GET /api/v1/status`: how things stand, as `marketswarm status` tells it."""

from typing import Final

from fastapi import APIRouter

from marketswarm.outlets.gateway.answers import JsonAnswer
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.reading import SharedReading
from marketswarm.outlets.gateway.shapes import StatusAnswer
from marketswarm.outlets.status import status_document

SLOT_MS: Final = 10_000


def status_routes(desk: Desk, reading: SharedReading) -> APIRouter:
    """The route, for that desk."""
    routes = APIRouter(tags=["status"])

    @routes.get("/status", response_model=StatusAnswer)
    def status() -> JsonAnswer:
        """State, spot, ages, rates, lag, gaps and reconnects of every symbol; with `error` when nothing can be read."""
        seen, now_ms = reading(), desk.clock.now_ms()
        document = status_document(seen) | {
            "now_ms": now_ms,
            "next_heartbeat_ms": (now_ms // SLOT_MS + 1) * SLOT_MS,
            "session": "open" if desk.in_session(now_ms) else "closed",
            "version": desk.version,
        }
        return JsonAnswer(document)

    return routes
