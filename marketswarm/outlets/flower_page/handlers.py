"""The page and its three calls, on Flower's own handlers: same log-in, same refusal of foreign sites, same read-only mode."""

import json
from typing import Any
from urllib.parse import urlsplit

from flower.api import BaseApiHandler
from flower.views import BaseHandler
from tornado.web import HTTPError, authenticated

from marketswarm.errors import BadArgument, MarketSwarmError
from marketswarm.outlets.flower_page.desk import (
    EVERY_SYMBOL,
    MAX_STRIKES_EACH_SIDE,
    TASKS,
    RefreshDesk,
    RefreshOrder,
    take_orders,
)
from marketswarm.outlets.flower_page.progress import progress_view

RECENT_SHOWN = 20
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)


def crosses_sites(fetch_site: str | None, origin: str | None, host: str) -> bool:
    """Whether a browser sent the request on behalf of a page of another site."""
    if fetch_site:
        return fetch_site not in ("same-origin", "none")
    return bool(origin) and urlsplit(str(origin)).netloc != host


def _refuse_constant(name: str) -> None:
    """NaN and the infinities are Python's, not JSON's."""
    raise ValueError(name)


class RefreshPage(BaseHandler):
    """The page itself."""

    def initialize(self, desk: RefreshDesk, version: str) -> None:
        """Take what the route was given."""
        self._desk = desk
        self._version = version

    @authenticated
    def get(self) -> None:
        """Draw the page."""
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Cache-Control", "no-store")
        self.render(
            "refresh.html",
            symbols=self._desk.symbols,
            every_symbol=EVERY_SYMBOL,
            tasks=TASKS,
            max_strikes=MAX_STRIKES_EACH_SIDE,
            read_only=self.application.options.read_only,
            version=self._version,
        )


class JsonCall(BaseApiHandler):
    """A call of the page: closed, as Flower's API is, when Flower runs without a log-in; answers JSON, errors too."""

    def initialize(self, desk: RefreshDesk) -> None:
        """Take what the route was given."""
        self._desk = desk

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with what went wrong, in one JSON object."""
        error = kwargs.get("exc_info", (None, None))[1]
        said = error.get_message() if isinstance(error, HTTPError) else None
        if status_code == 401 and self.application.options.basic_auth:
            self.set_header("WWW-Authenticate", 'Basic realm="flower"')
        self.finish({"error": said or self._reason})

    def connection_errors(self) -> tuple[type[BaseException], ...]:
        """What the result backend and the store raise when they cannot be reached: answered with 503."""
        return (*getattr(self.capp.backend, "connection_errors", ()), MarketSwarmError)


class StartRefresh(JsonCall):
    """Starts one task per ordered symbol."""

    def check_xsrf_cookie(self) -> None:
        """Refuse foreign sites even where Flower would let them in because it runs without a log-in."""
        headers = self.request.headers
        if crosses_sites(headers.get("Sec-Fetch-Site"), headers.get("Origin"), self.request.host):
            raise HTTPError(403, "Cross-site request forbidden")
        super().check_xsrf_cookie()

    @authenticated
    async def post(self) -> None:
        """Send the tasks and answer with their ids; 400 names the field, its value and what is allowed."""
        if self.application.options.read_only:
            raise HTTPError(403, "Read only mode is enabled")
        try:
            orders = take_orders(self._body(), self._desk.symbols)
        except BadArgument as error:
            field, value, allowed = error.args
            self.set_status(400)
            self.finish({"error": str(error), "field": field, "value": value, "allowed": allowed})
            return
        sent = await self.run_blocking("refresh.start", orders[0].task, self._send, orders)
        self.write({"task_id": sent[0]["task_id"], "tasks": sent})

    def _body(self) -> Any:
        kind = self.request.headers.get("Content-Type", "")
        if kind.partition(";")[0].strip().lower() != "application/json":
            raise BadArgument("Content-Type", kind, "application/json")
        try:
            return json.loads(self.request.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise BadArgument("body", self.request.body[:80].decode("utf-8", "replace"), "JSON") from None

    def _send(self, orders: list[RefreshOrder]) -> list[dict[str, str]]:
        return [
            {
                "symbol": order.kwargs["symbol"],
                "task_id": self.capp.send_task(order.task, kwargs=order.kwargs).id,
            }
            for order in orders
        ]


class RefreshProgress(JsonCall):
    """How far one task is."""

    @authenticated
    async def get(self, task_id: str) -> None:
        """Answer with the task's state, step and percent."""
        meta = await self.run_blocking(
            "refresh.progress",
            task_id,
            self.capp.backend.get_task_meta,
            task_id,
            connection_errors=self.connection_errors(),
        )
        self.set_header("Cache-Control", "no-store")
        self.write(progress_view(task_id, meta))


class RecentRefreshes(JsonCall):
    """The last loads and reloads, whoever started them."""

    @authenticated
    async def get(self) -> None:
        """Answer with the newest entries of the refresh log."""
        entries = await self.run_blocking(
            "refresh.recent",
            "refreshes",
            self._desk.read_refreshes,
            RECENT_SHOWN,
            connection_errors=self.connection_errors(),
        )
        self.set_header("Cache-Control", "no-store")
        self.write({"refreshes": entries})
