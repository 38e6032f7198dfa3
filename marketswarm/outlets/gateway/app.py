"""The gateway's application: REST, the event stream, the page, health and metrics, behind one guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from marketswarm.outlets.gateway.answers import answer_errors
from marketswarm.outlets.gateway.chain import chain_routes
from marketswarm.outlets.gateway.described import describe_events
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.guard import Application, Guard, Message, Receive, Send
from marketswarm.outlets.gateway.health import health_routes
from marketswarm.outlets.gateway.levels import levels_routes
from marketswarm.outlets.gateway.metrics import SwarmCollector, metrics_routes
from marketswarm.outlets.gateway.page import PageFiles, index
from marketswarm.outlets.gateway.reading import SharedReading
from marketswarm.outlets.gateway.refresh import refresh_routes
from marketswarm.outlets.gateway.session import session_routes
from marketswarm.outlets.gateway.shapes import PROBLEMS
from marketswarm.outlets.gateway.spot import spot_routes
from marketswarm.outlets.gateway.status import status_routes
from marketswarm.outlets.gateway.strict import check_body, check_query
from marketswarm.outlets.gateway.told import told_routes

API: Final = "/api/v1"
EVENTS: Final = "/sse"


def make_app(desk: Desk) -> Application:
    """The application, ready to be served."""

    @asynccontextmanager
    async def lives(_app: FastAPI) -> AsyncIterator[None]:
        await desk.live.start()
        try:
            yield
        finally:
            await desk.live.close()

    # FastAPI's own pages of documentation come from another host, which our content policy refuses.
    app = FastAPI(
        title="MarketSwarm", version=desk.version, docs_url=None, redoc_url=None, lifespan=lives, debug=False
    )
    answer_errors(app)
    describe_events(app)
    reading = SharedReading(desk.read_swarm, desk.clock)
    app.include_router(_api(desk, reading), prefix=API, responses=PROBLEMS)
    app.include_router(health_routes(reading))
    app.include_router(
        metrics_routes(SwarmCollector(reading, desk.store.fills, lambda: desk.live.figures, desk.version))
    )
    app.mount("/static", PageFiles(desk.page))

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def page(request: Request) -> Response:
        return index(desk.page, request)

    return Guard(_beside(app, desk.live), desk.rules, desk.clock)


def _beside(app: Application, live: Application) -> Application:
    """The event stream beside all else: FastAPI's own layers would cost each frame as much again as the stream does."""

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        is_live = scope["type"] == "http" and scope["path"] == EVENTS
        await (live if is_live else app)(scope, receive, send)

    return serve


def _api(desk: Desk, reading: SharedReading) -> APIRouter:
    api = APIRouter(dependencies=[Depends(check_query), Depends(check_body)])
    for routes in (chain_routes, spot_routes, levels_routes, told_routes, refresh_routes, session_routes):
        api.include_router(routes(desk))
    api.include_router(status_routes(desk, reading))
    return api
