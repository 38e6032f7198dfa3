"""What the gateway reads of the store.

Each answer is read in one step with the tops of all streams, so that whoever goes on from there misses nothing. Contracts,
events and messages stay the text that is stored.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from redis.client import Redis

from marketswarm import keys
from marketswarm.errors import NoSuchChain
from marketswarm.outlets.gateway.cursor import STREAMS
from marketswarm.outlets.gateway.readings import ask_top, told_top
from marketswarm.reachable import store_reachable

Document = Mapping[str, Any]
Wanted = Callable[[Document], bool]

_PAGE: Final = 500


class SeenChain(NamedTuple):
    """One stored chain: its meta, the last tick of its symbol, and ticker → contract as it is stored."""

    expiration: str
    meta: Mapping[str, str]
    tick: Mapping[str, str]
    contracts: Mapping[str, bytes]
    cursor: str


class SeenSpots(NamedTuple):
    """Ticks of one symbol, oldest first, and its last one with all that is known of it."""

    latest: Mapping[str, str]
    ticks: list[Mapping[str, str]]
    cursor: str


class SeenTold(NamedTuple):
    """What was told in one stream, oldest first, as it is stored."""

    texts: list[bytes]
    cursor: str


class StreamFill(NamedTuple):
    """How much stands in a stream, and how much ever was added; None where the server does not count it (before Redis 7)."""

    entries: int
    added: int | None


class GatewayStore:
    """Reads it. Every call raises `StoreUnavailable` when the store does not answer.

    Args:
        redis: a client that returns bytes.
        address: the server as it may be shown.
        new_run: names a store that has no name yet.
    """

    def __init__(self, redis: Redis, address: str, new_run: str) -> None:
        self._redis = redis
        self._address = address
        self._new_run = new_run

    def chain(self, symbol: str, expiration: str | None) -> SeenChain:
        """A chain, the one in force unless another expiration is named, with its cursor.

        Raises:
            NoSuchChain: when it is not stored.
        """
        with store_reachable(self._address), self._redis.pipeline(transaction=True) as pipe:
            day = expiration or _text(self._redis.hget(keys.CHAIN_CURRENT, symbol))
            if not day:
                raise NoSuchChain(symbol)
            pipe.hgetall(keys.chain_meta(symbol, day))
            pipe.hgetall(keys.chain(symbol, day))
            pipe.hgetall(keys.spot(symbol))
            ask_top(pipe, self._new_run)
            answers = pipe.execute()
        meta, rows, tick = answers[:3]
        if b"epoch" not in meta:
            raise NoSuchChain(symbol, day)
        contracts = {name.decode(): rows[name] for name in sorted(rows)}
        return SeenChain(day, _texts(meta), _texts(tick), contracts, told_top(answers).text)

    def spots(self, symbol: str, since_ts: int) -> SeenSpots:
        """The ticks of a symbol from that slot on."""
        with store_reachable(self._address):
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.hgetall(keys.spot(symbol))
                pipe.xrevrange(keys.TIMESERIES, count=_PAGE)
                ask_top(pipe, self._new_run)
                answers = pipe.execute()
            latest, page = answers[:2]
            ticks = self._older(keys.TIMESERIES, page, lambda fields: int(fields["ts"]) >= since_ts)
        own = [tick for tick in ticks if tick["symbol"] == symbol and int(tick["ts"]) >= since_ts]
        return SeenSpots(_texts(latest), own[::-1], told_top(answers).text)

    def told(self, stream: str, field: str, limit: int, wanted: Wanted) -> SeenTold:
        """The last wanted documents of a stream; an entry that holds none is passed over."""
        with store_reachable(self._address):
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.xrevrange(stream, count=_PAGE)
                ask_top(pipe, self._new_run)
                answers = pipe.execute()
            page = answers[0]
            found: list[bytes] = []
            while page and len(found) < limit:
                texts = (fields.get(field.encode(), b"") for _, fields in page)
                found += [text for text in texts if _is_wanted(text, wanted)]
                page = self._page_before(stream, page)
        return SeenTold(found[:limit][::-1], told_top(answers).text)

    def annotations(self, symbol: str) -> list[bytes]:
        """The present annotations of a symbol's widgets, by their id."""
        with store_reachable(self._address):
            found: Any = self._redis.hgetall(keys.vexy_widgets(symbol))
        return [found[name] for name in sorted(found) if _document(found[name]) is not None]

    def fills(self) -> dict[str, StreamFill]:
        """Stream → how full it is; all of them, also those that nobody has written to."""
        with store_reachable(self._address), self._redis.pipeline(transaction=False) as pipe:
            for stream in STREAMS:
                pipe.xinfo_stream(stream)
            answers = pipe.execute(raise_on_error=False)
        return {stream: _fill(answer) for stream, answer in zip(STREAMS, answers, strict=True)}

    # -- inside -------------------------------------------------------------

    def _older(
        self, stream: str, page: list[Any], goes_on: Callable[[Mapping[str, str]], bool]
    ) -> list[Mapping[str, str]]:
        """The fields of a page's entries and of those before it, until one is found that is too old."""
        found: list[Mapping[str, str]] = []
        while page:
            found += [_texts(fields) for _, fields in page]
            if not goes_on(found[-1]):
                break
            page = self._page_before(stream, page)
        return found

    def _page_before(self, stream: str, page: list[Any]) -> list[Any]:
        if len(page) < _PAGE:
            return []
        older: Any = self._redis.xrevrange(stream, max=f"({page[-1][0].decode()}", count=_PAGE)
        return list(older)


def _is_wanted(text: bytes, wanted: Wanted) -> bool:
    document = _document(text)
    return document is not None and wanted(document)


def _document(text: bytes) -> Document | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _fill(answer: Any) -> StreamFill:
    """Of a stream that does not exist, the server answers with an error."""
    if isinstance(answer, Exception):
        return StreamFill(0, None)
    return StreamFill(int(answer["length"]), answer.get("entries-added"))


def _texts(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in fields.items()}


def _text(value: Any) -> str:
    return value.decode() if value else ""
