"""What a client asks of the event stream: read from its query and headers, with a clear error for what cannot be."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from marketswarm.errors import BadArgument, UnknownSymbol
from marketswarm.outlets.gateway.cursor import STREAMS, Cursor, parse_cursor
from marketswarm.outlets.gateway.ring import Wanted

PARAMETERS: Final = ("streams", "symbols", "since", "full")
_LAST_EVENT_ID: Final = b"last-event-id"


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted, and the place from which on; None: from now on."""

    wanted: Wanted
    since: Cursor | None = None


def parse_request(query: bytes, headers: Iterable[tuple[bytes, bytes]], symbols: Collection[str]) -> Request:
    """A client's request, of whom there are those symbols.

    A `Last-Event-ID` among the headers goes before `since`: a reader that comes back sends its first address again.

    Raises:
        BadArgument, UnknownSymbol: what is wrong, with what is allowed.
    """
    given = _parameters(query)
    streams = _listed(given, "streams") or list(STREAMS)
    for stream in streams:
        if stream not in STREAMS:
            raise BadArgument("streams", stream, ", ".join(STREAMS))
    names = [name.upper() for name in _listed(given, "symbols")]
    for name in names:
        if name not in symbols:
            raise UnknownSymbol("symbols", name, ", ".join(symbols))
    wanted = Wanted(frozenset(streams), frozenset(names), full=_flag(given, "full"))
    return Request(wanted, _since(given, headers))


def _parameters(query: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise BadArgument(
            "query", query[:80].decode("ascii", "replace"), "name=value, joined by &"
        ) from error
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in PARAMETERS:
            raise BadArgument("query", name, f"the names {', '.join(PARAMETERS)}")
        if name in given:
            raise BadArgument(name, value, "to be given once, with commas between several values")
        given[name] = value
    return given


def _listed(given: dict[str, str], name: str) -> list[str]:
    """Its values; a list that is given and names nothing is a mistake, not everything."""
    values = [value for part in given.get(name, "").split(",") if (value := part.strip())]
    if name in given and not values:
        raise BadArgument(name, given[name], "one or more names, joined by commas")
    return values


def _flag(given: dict[str, str], name: str) -> bool:
    value = given.get(name, "0")
    if value not in {"0", "1"}:
        raise BadArgument(name, value, "0, 1")
    return value == "1"


def _since(given: dict[str, str], headers: Iterable[tuple[bytes, bytes]]) -> Cursor | None:
    last = next((value for name, value in headers if name.lower() == _LAST_EVENT_ID), b"")
    if last:
        return parse_cursor(last.decode("latin-1"), "Last-Event-ID")
    return parse_cursor(given["since"], "since") if given.get("since") else None
