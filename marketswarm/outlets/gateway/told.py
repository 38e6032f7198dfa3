"""What is told of the market: `GET /api/v1/events`, `/messages`, and the annotations of `/widgets/{symbol}`."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, get_args

from fastapi import APIRouter, Query

from marketswarm import keys
from marketswarm.errors import BadArgument
from marketswarm.model.event import EVENT_TYPES
from marketswarm.model.message import MessageKind
from marketswarm.outlets.gateway.answers import JsonAnswer, raw_object
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.shapes import EventsAnswer, MessagesAnswer, WidgetsAnswer
from marketswarm.outlets.gateway.stored import Document, Wanted

MOST: Final = 1_000
MESSAGE_KINDS: Final[tuple[str, ...]] = get_args(MessageKind)

Limit = Annotated[int, Query(ge=1, le=MOST)]
Names = Annotated[str | None, Query(max_length=500, description="separated by commas; all unless given")]


def told_routes(desk: Desk) -> APIRouter:
    """The routes, for that desk."""
    routes = APIRouter(tags=["told"])

    @routes.get("/events", response_model=EventsAnswer)
    def events(symbols: Names = None, types: Names = None, limit: Limit = 100) -> JsonAnswer:
        """The last of Vigil's events, oldest first, each as it is stored."""
        wanted = told_of(desk.several(symbols), "type", _among("types", types, EVENT_TYPES))
        return answer(keys.VIGIL_EVENTS, "event", "events", limit, wanted)

    @routes.get("/messages", response_model=MessagesAnswer)
    def messages(symbols: Names = None, kinds: Names = None, limit: Limit = 100) -> JsonAnswer:
        """The last of Vexy's messages, oldest first, each as it is stored."""
        wanted = told_of(desk.several(symbols), "kind", _among("kinds", kinds, MESSAGE_KINDS))
        return answer(keys.VEXY_MESSAGES, "message", "messages", limit, wanted)

    @routes.get("/widgets/{symbol}", response_model=WidgetsAnswer)
    def widgets(symbol: str) -> JsonAnswer:
        """The annotations of a symbol's widgets, as they stand now."""
        head = {"symbol": desk.symbol(symbol), "now_ms": desk.clock.now_ms()}
        return JsonAnswer(raw_object(head, "annotations", _list(desk.store.annotations(desk.symbol(symbol)))))

    def answer(stream: str, field: str, name: str, limit: int, wanted: Wanted) -> JsonAnswer:
        seen = desk.store.told(stream, field, limit, wanted)
        head = {"now_ms": desk.clock.now_ms(), "cursor": seen.cursor}
        return JsonAnswer(raw_object(head, name, _list(seen.texts)))

    return routes


def told_of(symbols: frozenset[str], field: str, kinds: frozenset[str]) -> Wanted:
    """Whether a document is of one of those symbols and kinds; of none given, any will do."""

    def wanted(document: Document) -> bool:
        about = [document["symbol"]] if "symbol" in document else document.get("symbols", ())
        return (not symbols or not symbols.isdisjoint(about)) and (not kinds or document.get(field) in kinds)

    return wanted


def _among(name: str, text: str | None, allowed: Sequence[str]) -> frozenset[str]:
    wanted = frozenset(word.strip() for word in (text or "").split(",") if word.strip())
    for word in sorted(wanted):
        if word not in allowed:
            raise BadArgument(name, word[:40], ", ".join(allowed))
    return wanted


def _list(texts: Iterable[bytes]) -> bytes:
    return b"[%s]" % b",".join(texts)
