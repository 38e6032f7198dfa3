"""What stands behind an event stream: one connection after the other, nothing lost, nothing given twice."""

import random
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from marketswarm.client.gateway import Gateway
from marketswarm.client.given import Given
from marketswarm.client.sse import Frame, FrameTooLong, SseParser
from marketswarm.client.stream_event import (
    STREAMS,
    Broken,
    Heartbeat,
    Reset,
    StreamEvent,
    read_document,
    read_value,
)
from marketswarm.clock import Clock
from marketswarm.errors import AnswerNotUnderstood, BadArgument, ClientError, GatewayUnavailable
from marketswarm.massive.backoff import Backoff

_PATH: Final = "/sse"
_PIECE: Final = 65_536
_FIRST_RETRY_MS: Final = 1_500
_LONGEST_WAIT_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a stream gives.

    Attributes:
        streams: names; none for all.
        symbols: none for all.
        since: a cursor; None for what comes from now on.
        full: whole chains with what is told of their loads.
        signs: heartbeats and breaks, too.
        for_s: ends with the first thing that comes after so long; a heartbeat, every 2.5 s, is enough.
    """

    streams: Sequence[str] = ()
    symbols: Sequence[str] = ()
    since: str | None = None
    full: bool = False
    signs: bool = False
    for_s: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.streams, str) or not set(self.streams) <= set(STREAMS):
            raise BadArgument("streams", self.streams, f"a list of {', '.join(STREAMS)}")
        if isinstance(self.symbols, str):
            raise BadArgument("symbols", self.symbols, "a list of symbols such as ['SPX']")


@dataclass(frozen=True, slots=True)
class Patience:
    """With a gateway that does not speak.

    Attributes:
        silent_s: a connection without any frame for so long is given up; heartbeats come every 2.5 s.
        away_s: how long the gateway may be away until that is raised; None for ever.
        random: gives numbers in [0, 1), so that many clients do not come back at once.
    """

    silent_s: float = 8.0
    away_s: float | None = None
    random: Callable[[], float] = random.random


@dataclass(slots=True)
class _Connection:
    """What is known of the present one, and of the tries since the last good one."""

    answer: requests.Response | None = None
    failures: int = 0
    broken_s: float | None = None
    retry_ms: int = field(default=_FIRST_RETRY_MS)


class StreamReader:
    """Reads; it does not know who iterates, so that with the last name of a stream its connection goes, too.

    Attributes:
        cursor: the place behind what was given last.
        reconnects: how often the connection was made anew.
    """

    def __init__(self, gateway: Gateway, wanted: Wanted, patience: Patience, clock: Clock) -> None:
        """Connect.

        Raises:
            GatewayUnavailable, GatewayRefused: when the first connection cannot be made.
        """
        self._gateway, self._wanted = gateway, wanted
        self._patience, self._clock = patience, clock
        self._given, self._link, self._closed = Given(), _Connection(), Event()
        self._end_s = None if wanted.for_s is None else clock.monotonic_s() + wanted.for_s
        self.reconnects = 0
        self.cursor = wanted.since or self._now()
        self._open()

    @property
    def url(self) -> str:
        """Where it reads."""
        return self._gateway.url(_PATH)

    def run(self) -> Generator[StreamEvent]:
        """What comes, over as many connections as it takes; the connection ends with it, also when it is given up half way."""
        try:
            while not self._is_over():
                try:
                    yield from self._read()
                except GatewayUnavailable as error:
                    self.hang_up()
                    yield from self._come_back(error)
        finally:
            self.hang_up()

    def close(self) -> None:
        """Give nothing more; from any thread. Who waits in it meanwhile comes to the end."""
        self._closed.set()
        answer = self._link.answer
        if answer is not None:
            with suppress(ValueError, RuntimeError, OSError):
                answer.raw.shutdown()

    def hang_up(self) -> None:
        """Give up the connection; in the thread that reads."""
        answer, self._link.answer = self._link.answer, None
        if answer is not None:
            answer.close()

    # -- inside -------------------------------------------------------------

    def _now(self) -> str:
        """The place where all streams end now. Without it, what comes before the first frame of a broken connection would be lost."""
        document = self._gateway.get("/api/v1/events", {"limit": 1})
        if not (cursor := document.get("cursor")):
            raise AnswerNotUnderstood(self._gateway.url("/api/v1/events"), "the member 'cursor' is missing")
        return str(cursor)

    def _come_back(self, error: ClientError) -> Iterator[StreamEvent]:
        """Tries until there is a connection again, or no time left."""
        while not self._is_over():
            wait_s = self._next_wait_s(error)
            if self._wanted.signs:
                yield StreamEvent("broken", self.cursor, Broken(error, wait_s))
            self._clock.sleep(wait_s)
            if self._is_over():
                return
            try:
                self._open()
            except GatewayUnavailable as again:
                error = again
            else:
                self.reconnects += 1
                return

    def _next_wait_s(self, error: ClientError) -> float:
        """How long to wait.

        Raises:
            GatewayUnavailable: when the gateway has been away for too long.
        """
        link, now_s = self._link, self._clock.monotonic_s()
        link.broken_s = now_s if link.broken_s is None else link.broken_s
        away_s = self._patience.away_s
        if away_s is not None and now_s - link.broken_s >= away_s:
            raise error
        first_s = min(link.retry_ms / 1000, _LONGEST_WAIT_S)
        wait_s = Backoff(first_s, _LONGEST_WAIT_S).wait_s(link.failures, self._patience.random)
        link.failures += 1
        return wait_s

    def _open(self) -> None:
        wanted = self._wanted
        query = {
            "streams": wanted.streams,
            "symbols": wanted.symbols,
            "since": self.cursor,
            "full": 1 if wanted.full else None,
        }
        self._link.answer = self._gateway.open(_PATH, query, {}, self._patience.silent_s)

    def _read(self) -> Iterator[StreamEvent]:
        """What comes on this connection. Ends only when all is given that was asked for.

        Raises:
            GatewayUnavailable: when it breaks.
        """
        for frame in self._frames():
            if frame.retry_ms:
                self._link.retry_ms = frame.retry_ms
            if frame.data:
                self._link.failures, self._link.broken_s = 0, None
                yield from self._told(frame)
            self.cursor = frame.id or self.cursor
            if self._is_over():
                return

    def _frames(self) -> Iterator[Frame]:
        parser, heard_s = SseParser(self.cursor), self._clock.monotonic_s()
        while True:
            piece = self._piece()
            for frame in self._parsed(parser, piece):
                heard_s = self._clock.monotonic_s()
                yield frame
            if self._clock.monotonic_s() - heard_s > self._patience.silent_s:
                raise GatewayUnavailable(self.url, self._silent())

    def _piece(self) -> bytes:
        answer = self._link.answer
        try:
            piece: bytes = answer.raw.read1(_PIECE, decode_content=False) if answer is not None else b""
        except ReadTimeoutError:
            raise GatewayUnavailable(self.url, self._silent()) from None
        except (HTTPError, OSError, ValueError, AttributeError) as error:
            # Of a connection that was cut or closed, urllib3 lets some of the lower floors' errors through.
            raise GatewayUnavailable(self.url, f"the stream broke off: {type(error).__name__}") from None
        if not piece:
            raise GatewayUnavailable(self.url, "the stream ended")
        return piece

    def _parsed(self, parser: SseParser, piece: bytes) -> Iterator[Frame]:
        try:
            yield from parser.feed(piece)
        except FrameTooLong as error:
            raise AnswerNotUnderstood(self.url, str(error)) from error

    def _told(self, frame: Frame) -> Iterator[StreamEvent]:
        try:
            document = read_document(frame.data)
        except ValueError as error:
            raise AnswerNotUnderstood(self.url, f"{frame.event or 'a frame'}: {error}") from error
        if frame.event == "bye":
            raise GatewayUnavailable(self.url, f"the gateway ended the stream: {document.get('reason', '')}")
        if not self._given.is_new(frame.event, _id_of(document) if frame.event in STREAMS else ""):
            return
        value = read_value(frame.event, document)
        if isinstance(value, Reset):
            self._given.forget(value.streams)
        if self._wanted.signs or not isinstance(value, Heartbeat):
            # Before it is given: who stops here and goes on elsewhere goes on behind it.
            self.cursor = frame.id or self.cursor
            yield StreamEvent(frame.event, self.cursor, value)

    def _is_over(self) -> bool:
        if self._closed.is_set():
            return True
        return self._end_s is not None and self._clock.monotonic_s() >= self._end_s

    def _silent(self) -> str:
        return f"silent for {self._patience.silent_s:g} s"


def _id_of(document: Any) -> str:
    return str(document.get("id", ""))
