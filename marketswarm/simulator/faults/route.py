"""`/_faults`: what is at work, and a way to begin and end faults by hand. For programs on this machine only."""

import json

from aiohttp import web

from marketswarm.errors import BadArgument
from marketswarm.simulator.faults.bench import FaultBench
from marketswarm.simulator.nearness import away, is_near

PATH = "/_faults"
_ALLOWED = '{"begin": "mute"} or {"end": "mute"}'


class FaultRoute:
    """The route, on the simulator's own port. No fault touches it but those of the port."""

    def __init__(self, bench: FaultBench) -> None:
        self._bench = bench

    def add_to(self, application: web.Application) -> None:
        """Serve it."""
        application.router.add_get(PATH, self._show, allow_head=False)
        application.router.add_post(PATH, self._switch)

    async def _show(self, request: web.Request) -> web.Response:
        return self._state() if is_near(request) else away()

    async def _switch(self, request: web.Request) -> web.Response:
        """A browser cannot send JSON to another site without asking it first, which nobody answers here."""
        if not is_near(request) or request.content_type != "application/json":
            return away()
        try:
            await self._obey(await request.text())
        except BadArgument as error:
            return web.json_response({"error": str(error)}, status=400)
        return self._state()

    async def _obey(self, text: str) -> None:
        try:
            order = json.loads(text)
        except (ValueError, RecursionError):
            order = None
        if not isinstance(order, dict) or len(order) != 1 or not isinstance(next(iter(order.values())), str):
            raise BadArgument("body", text[:80], _ALLOWED)
        ((verb, what),) = order.items()
        if verb == "begin":
            await self._bench.begin(what)
        elif verb == "end":
            await self._bench.end(what)
        else:
            raise BadArgument("body", text[:80], _ALLOWED)

    def _state(self) -> web.Response:
        return web.json_response({"at_work": self._bench.at_work})
