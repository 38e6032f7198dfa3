"""What is told of the market, as it stands in Redis: the last of it, and what follows."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from redis.client import Redis

from marketswarm import keys
from marketswarm.reachable import store_reachable

Document = Mapping[str, Any]
Places = Mapping[str, str]
"""Stream → the id of an entry, up to which it has been read."""

FIELDS: Final = {keys.VIGIL_EVENTS: "event", keys.VEXY_MESSAGES: "message"}
"""Stream → the field of its entries that holds the document. A further stream that is told from is a further line here."""

_BEGINNING: Final = "0-0"
_PAGE: Final = 200


class Told(NamedTuple):
    """One thing that was told.

    Attributes:
        stream: where it stands; says what kind of document it is.
        id: of the entry.
        text: the document as it is stored.
        document: the same, parsed.
    """

    stream: str
    id: str
    text: str
    document: Document


Wanted = Callable[[Document], bool]


class ToldStreams:
    """Reads them. An entry that holds no document is passed over.

    Args:
        redis: a client that returns bytes.
        address: the server as it may be shown.
        streams: some of `FIELDS`.
    """

    def __init__(self, redis: Redis, address: str, streams: Iterable[str] = tuple(FIELDS)) -> None:
        self._redis = redis
        self._address = address
        self._streams = tuple(streams)

    def places(self) -> dict[str, str]:
        """The newest entries: what stands up to them is `last`'s, what comes behind them is `follow`'s."""
        return {stream: self._newest(stream) for stream in self._streams}

    def last(self, count: int, wanted: Wanted, places: Places) -> list[Told]:
        """The last wanted ones up to those places, oldest first."""
        found = [one for stream in self._streams for one in self._last(stream, count, wanted, places[stream])]
        return sorted(found, key=lambda one: _order(one.id))[max(0, len(found) - count) :]

    def follow(self, places: Places, timeout_s: float) -> tuple[dict[str, str], list[Told]]:
        """What stands behind those places, waiting for the first of it; and the places behind that."""
        after: dict[Any, Any] = dict(places)
        with store_reachable(self._address):
            answer: Any = self._redis.xread(after, count=_PAGE, block=max(1, int(timeout_s * 1000)))
        reached, found = dict(places), list[Told]()
        for stream, entries in _rows(answer):
            reached[stream] = entries[-1][0].decode()
            found += [one for entry_id, fields in entries for one in _told(stream, entry_id, fields)]
        return reached, sorted(found, key=lambda one: _order(one.id))

    def resume(self, places: Places) -> dict[str, str]:
        """The same places; the beginning of a stream that was begun anew since, so that nothing new is missed."""
        now = self.places()
        begun_anew = {stream: _order(now[stream]) < _order(place) for stream, place in places.items()}
        return {stream: _BEGINNING if begun_anew[stream] else place for stream, place in places.items()}

    # -- inside -------------------------------------------------------------

    def _newest(self, stream: str) -> str:
        with store_reachable(self._address):
            newest: Any = self._redis.xrevrange(stream, count=1)
        return newest[0][0].decode() if newest else _BEGINNING

    def _last(self, stream: str, count: int, wanted: Wanted, place: str) -> list[Told]:
        found: list[Told] = []
        upto = place
        while len(found) < count:
            with store_reachable(self._address):
                page: Any = self._redis.xrevrange(stream, max=upto, count=_PAGE)
            told = (one for entry_id, fields in page for one in _told(stream, entry_id, fields))
            found += [one for one in told if wanted(one.document)]
            if len(page) < _PAGE:
                break
            upto = f"({page[-1][0].decode()}"
        return found[:count]


def wants(symbols: Iterable[str] = (), types: Iterable[str] = ()) -> Wanted:
    """Whether a document is of one of those symbols and types; of none given, any will do. A message has no type."""
    names, kinds = frozenset(symbols), frozenset(types)

    def wanted(document: Document) -> bool:
        is_about = not names or not names.isdisjoint(symbols_of(document))
        return is_about and (not kinds or document.get("type") in kinds)

    return wanted


def symbols_of(document: Document) -> tuple[str, ...]:
    """Of whom an event or a message speaks; empty: of nobody alone."""
    several = document.get("symbols")
    return tuple(map(str, several if isinstance(several, list) else filter(None, [document.get("symbol")])))


def _rows(answer: Any) -> list[tuple[str, list[tuple[bytes, dict[bytes, bytes]]]]]:
    """Stream → its entries; the two protocols of the server nest them differently."""
    if not answer:
        return []
    if isinstance(answer, dict):
        return [(name.decode(), parts[0]) for name, parts in answer.items()]
    return [(name.decode(), entries) for name, entries in answer]


def _told(stream: str, entry_id: bytes, fields: Mapping[bytes, bytes]) -> list[Told]:
    try:
        text = fields[FIELDS[stream].encode()].decode()
        document = json.loads(text)
    except (KeyError, ValueError):
        return []
    return [Told(stream, entry_id.decode(), text, document)] if isinstance(document, dict) else []


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)
