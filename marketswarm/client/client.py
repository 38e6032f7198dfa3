"""The client: one object for all that the gateway gives."""

from collections.abc import Callable, Sequence
from datetime import date
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter

from marketswarm.client.chain import Chain
from marketswarm.client.follow import FollowedChain
from marketswarm.client.gateway import Document, Gateway, Query
from marketswarm.client.place import find_place
from marketswarm.client.reading import understood
from marketswarm.client.refresh import Deadline, Progress, RefreshState, order_refresh, reload_chain
from marketswarm.client.spot import SpotSeries
from marketswarm.client.status import Status
from marketswarm.client.stream import EventStream
from marketswarm.client.stream_reader import Patience, Wanted
from marketswarm.clock import Clock, SystemClock
from marketswarm.errors import BadArgument, GatewayUnavailable
from marketswarm.model.event import Event
from marketswarm.model.message import Annotation, Message
from marketswarm.outlets.levels import Levels

T = TypeVar("T")

_LOOK_S: Final = 0.2
_EVENTS: Final = TypeAdapter(tuple[Event, ...])
_MESSAGES: Final = TypeAdapter(tuple[Message, ...])
_ANNOTATIONS: Final = TypeAdapter(tuple[Annotation, ...])


class Client:
    """Reads a gateway: that of a running `marketswarm up`, or the one at an address.

    Every call may raise `GatewayUnavailable` (try again later), `GatewayRefused` (it says why) or `AnswerNotUnderstood`;
    all of them are `ClientError`s with `url`, `reason` and `status`.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout_s: float = 10.0,
        clock: Clock | None = None,
    ) -> None:
        """Make one. Nothing is asked yet.

        Args:
            url: such as `http://127.0.0.1:8787`; None finds it by the settings and a running `up`.
            token: the gateway's MARKETSWARM_API_TOKEN, needed from other hosts.
            timeout_s: how long an answer may be silent.
            clock: whatever waits, waits by it.

        Raises:
            BadArgument, SettingsError: for values that cannot be used.
        """
        self._place = find_place(url, token)
        self._timeout_s, self._clock = timeout_s, clock or SystemClock()
        self._gateway = Gateway(self._place, timeout_s)

    @property
    def url(self) -> str:
        """The gateway's base address; the page is there."""
        return self._place.url

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections of all but streams."""
        self._gateway.close()

    def wait_ready(self, timeout_s: float = 30.0) -> Self:
        """Wait until the gateway says that it is ready.

        Raises:
            GatewayUnavailable: when it is not in time, with the last reason.
        """
        end_s = self._clock.monotonic_s() + timeout_s
        while True:
            try:
                self._gateway.get("/readyz")
            except GatewayUnavailable as error:
                if self._clock.monotonic_s() >= end_s:
                    reason = f"not ready within {timeout_s:g} s: {error.reason}"
                    raise GatewayUnavailable(error.url, reason, error.status) from None
                self._clock.sleep(_LOOK_S)
            else:
                return self

    def status(self) -> Status:
        """How all symbols stand."""
        return self._typed("/api/v1/status", None, Status.of)

    def symbols(self) -> list[str]:
        """The configured ones."""
        return list(self.status().symbols)

    def chain(self, symbol: str, expiration: date | None = None) -> Chain:
        """The chain in force, or that of an expiration.

        Raises:
            NotThere: when there is no such symbol or chain.
        """
        day = None if expiration is None else expiration.isoformat()
        return self._typed(_path("chain", symbol), {"expiration": day}, Chain.of)

    def spot(self, symbol: str, minutes: int = 60) -> SpotSeries:
        """The ticks of the last minutes."""
        return self._typed(_path("spot", symbol), {"minutes": minutes}, SpotSeries.of)

    def levels(self, symbol: str) -> Levels:
        """What Vigil makes of the chain: net gamma, flip, walls, …, each with unit, method and time; none before its first look."""
        return self._typed(_path("levels", symbol), None, lambda told: Levels(told["symbol"], told["levels"]))

    def events(
        self, symbols: Sequence[str] = (), types: Sequence[str] = (), limit: int = 100
    ) -> tuple[Event, ...]:
        """The last of Vigil's events, oldest first."""
        query: Query = {
            "symbols": _listed("symbols", symbols),
            "types": _listed("types", types),
            "limit": limit,
        }
        return self._typed("/api/v1/events", query, lambda told: _EVENTS.validate_python(told["events"]))

    def messages(
        self, symbols: Sequence[str] = (), kinds: Sequence[str] = (), limit: int = 100
    ) -> tuple[Message, ...]:
        """The last of Vexy's messages, oldest first."""
        query: Query = {
            "symbols": _listed("symbols", symbols),
            "kinds": _listed("kinds", kinds),
            "limit": limit,
        }
        return self._typed(
            "/api/v1/messages", query, lambda told: _MESSAGES.validate_python(told["messages"])
        )

    def widgets(self, symbol: str) -> tuple[Annotation, ...]:
        """The annotations that stand on the page's widgets now."""
        return self._typed(
            _path("widgets", symbol), None, lambda told: _ANNOTATIONS.validate_python(told["annotations"])
        )

    def refresh(
        self,
        symbol: str,
        *,
        strikes_each_side: int | None = None,
        expiration: date | None = None,
        progress: Progress | None = None,
        timeout_s: float = 60.0,
    ) -> RefreshState:
        """Reload a chain, and wait for the end of it.

        Args:
            symbol: of the chain.
            strikes_each_side: N of the window; None as it is configured.
            expiration: None for the one in force.
            progress: is called with each new state.
            timeout_s: how long to wait for the end.

        Raises:
            RefreshFailed: when it fails, or does not end in time.
        """
        name = _symbol(symbol)

        def order() -> RefreshState:
            return order_refresh(self._gateway, name, strikes_each_side, expiration)

        return reload_chain(self._gateway, order, Deadline(self._clock, timeout_s), progress)

    def stream(
        self,
        streams: Sequence[str] = (),
        symbols: Sequence[str] = (),
        since: str | None = None,
        *,
        full: bool = False,
        signs: bool = False,
        for_s: float | None = None,
        patience: Patience | None = None,
    ) -> EventStream:
        """What comes, as an iterator that outlives its connections; `docs/client.md` tells of its items.

        Args:
            streams: names such as `vigil:events`; none for all.
            symbols: none for all.
            since: a cursor; None for what comes from now on.
            full: whole chains with what is told of their loads.
            signs: tell of heartbeats and of broken connections, too.
            for_s: end after so long.
            patience: with a gateway that is silent or away.

        Raises:
            BadArgument: for streams that there are not.
        """
        wanted = Wanted(
            streams, [_symbol(one) for one in _listed("symbols", symbols)], since, full, signs, for_s
        )
        return EventStream(self._own_gateway(), wanted, patience, self._clock)

    def follow_chain(
        self, symbol: str, expiration: date | None = None, *, patience: Patience | None = None
    ) -> FollowedChain:
        """A chain that is kept equal to the stored one while it is iterated over.

        Raises:
            NotThere: when there is no such symbol or chain.
        """
        return FollowedChain(self._own_gateway(), _symbol(symbol), expiration, patience, self._clock)

    # -- inside -------------------------------------------------------------

    def _own_gateway(self) -> Gateway:
        """Connections of a stream's own: it is read while other calls are made, also in another thread."""
        return Gateway(self._place, self._timeout_s)

    def _typed(self, path: str, query: Query | None, read: Callable[[Document], T]) -> T:
        document = self._gateway.get(path, query)
        with understood(self._gateway.url(path)):
            return read(document)


def _symbol(symbol: str) -> str:
    """A symbol as it is spelled everywhere."""
    if not isinstance(symbol, str) or not symbol.strip():
        raise BadArgument("symbol", symbol, "a symbol such as SPX")
    return symbol.strip().upper()


def _path(what: str, symbol: str) -> str:
    return f"/api/v1/{what}/{quote(_symbol(symbol), safe='')}"


def _listed(name: str, values: Sequence[str]) -> Sequence[str]:
    if isinstance(values, str):
        raise BadArgument(name, values, f"a list such as [{values!r}]")
    return values
