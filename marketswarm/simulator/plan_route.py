"""`/_plan`: which plans the account has, and a way to buy others while the simulator runs. For programs on this machine only."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

from aiohttp import web

from marketswarm.errors import BadArgument
from marketswarm.simulator.nearness import away, is_near
from marketswarm.simulator.plans import AssetClass, Plan, Plans

PATH = "/_plan"
_CLASSES: tuple[AssetClass, ...] = get_args(AssetClass)
_ALLOWED = '{"options": "advanced"}, with one or more of ' + ", ".join(_CLASSES)


class PlanRoute:
    """The route, on the simulator's own port.

    Args:
        present: gives the plans that the account has.
        change: gives it others.
    """

    def __init__(self, present: Callable[[], Plans], change: Callable[[Plans], None]) -> None:
        self._present, self._change = present, change

    def add_to(self, application: web.Application) -> None:
        """Serve it."""
        application.router.add_get(PATH, self._show, allow_head=False)
        application.router.add_post(PATH, self._buy)

    async def _show(self, request: web.Request) -> web.Response:
        return self._state() if is_near(request) else away()

    async def _buy(self, request: web.Request) -> web.Response:
        if not is_near(request) or request.content_type != "application/json":
            return away()
        try:
            self._change(replace(self._present(), **_bought(await request.text())))
        except BadArgument as error:
            return web.json_response({"error": str(error)}, status=400)
        return self._state()

    def _state(self) -> web.Response:
        return web.json_response({plan.asset_class: plan.name for plan in self._present().all()})


def _bought(text: str) -> dict[str, Plan]:
    try:
        order = json.loads(text)
    except (ValueError, RecursionError):
        order = None
    if not isinstance(order, dict) or not order or not set(order) <= set(_CLASSES):
        raise BadArgument("body", text[:80], _ALLOWED)
    return {name: Plan(name, str(plan)) for name, plan in order.items()}
