"""`POST /api/v1/refresh/{symbol}` sends a reload, `GET /api/v1/tasks/{task_id}` tells how far it is."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Path

from marketswarm.errors import BadArgument
from marketswarm.maths.calendar import new_york_day
from marketswarm.outlets.gateway.answers import JsonAnswer
from marketswarm.outlets.gateway.chain import day_of
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.shapes import NOT_JSON, RefreshOrder, TaskSeen, TaskSent

_STEPS: Final = ("percent", "step", "done", "total")
TaskId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_.:-]{1,128}$", description="as the refresh gave it")]


def refresh_routes(desk: Desk) -> APIRouter:
    """The routes, for that desk."""
    routes = APIRouter(tags=["refresh"])

    @routes.post("/refresh/{symbol}", response_model=TaskSent, status_code=202, responses=NOT_JSON)
    def refresh(symbol: str, order: Annotated[RefreshOrder | None, Body()] = None) -> JsonAnswer:
        """Load a symbol's chain again. A reload that is in flight already is joined."""
        name, said = desk.symbol(symbol), (order or RefreshOrder()).model_dump(exclude_none=True)
        _refuse_past(day_of(said.get("expiration")), desk)
        return JsonAnswer({"task_id": desk.reloads.send({"symbol": name, **said}), "symbol": name}, 202)

    @routes.get("/tasks/{task_id}", response_model=TaskSeen)
    def task(task_id: TaskId) -> JsonAnswer:
        """State, progress, and result or error of a task."""
        return JsonAnswer(task_seen(desk.reloads.look(task_id)))

    return routes


def _refuse_past(day: str | None, desk: Desk) -> None:
    """A day that is over has no contracts any more: said here, not by a task that fails later."""
    today = new_york_day(desk.clock.now_ms()).isoformat()
    if day is not None and day < today:
        raise BadArgument("expiration", day, f"a listed expiration from {today} on")


def task_seen(view: Mapping[str, Any]) -> dict[str, Any]:
    """A task in the gateway's words; what is unknown is left out."""
    seen = {name: view[name] for name in ("task_id", "state", "over", "result", "error") if name in view}
    if view["state"] == "PROGRESS":
        seen["progress"] = {name: view[name] for name in _STEPS if name in view}
    return seen
