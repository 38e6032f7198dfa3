"""A chain that is kept equal to the stored one: fetched once, then changed as the stream tells it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Literal, Self

from marketswarm import keys
from marketswarm.client.chain import Chain
from marketswarm.client.gateway import Document, Gateway
from marketswarm.client.reading import understood
from marketswarm.client.spot import Tick
from marketswarm.client.status import Status
from marketswarm.client.stream import EventStream
from marketswarm.client.stream_event import Broken, Heartbeat, Loaded, Reset, Value
from marketswarm.client.stream_reader import Patience, Wanted
from marketswarm.clock import Clock, SystemClock
from marketswarm.errors import GatewayUnavailable, NotThere
from marketswarm.outlets.follow import Applied, Batch, ChainFollower, Change, Gap

_STREAMS: Final = (keys.CHAIN_FEED, keys.CHAIN_FULL, keys.TIMESERIES)
_AGAIN_S: Final = 0.5
_SLOT_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class ChainUpdate:
    """What happened to the chain.

    Attributes:
        kind: `changed`: contracts were; `reread`: the whole chain was fetched again; `spot`, `state`: another one is held.
        changed: ticker → member → value before and after, as in `quote.bid`.
        reason: why it was fetched again, or which state it is.
    """

    kind: Literal["changed", "reread", "spot", "state"]
    seq: int
    changed: Mapping[str, Mapping[str, Change]] = field(default_factory=dict)
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    reason: str = ""


@dataclass(slots=True)
class _Beside:
    """What is known beside the contracts: state, spot and its slot's time, and the gateway's clock."""

    state: str
    spot: float | None
    spot_ms: int
    now_ms: int


class FollowedChain:
    """The chain, and what happens to it when iterated over; what is not iterated over is not taken.

    Attributes:
        rereads: how often it was fetched again.
    """

    def __init__(
        self,
        gateway: Gateway,
        symbol: str,
        expiration: date | None = None,
        patience: Patience | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Fetch the chain and connect.

        Args:
            gateway: for this one alone.
            symbol: of the chain.
            expiration: the one to follow; None for the one in force, over the roll to the next.
            patience: with a gateway that is silent or away.
            clock: whatever waits, waits by it.

        Raises:
            GatewayUnavailable, GatewayRefused: as `Client.chain` and `Client.stream`.
        """
        self._gateway, self.symbol, self._expiration = gateway, symbol, expiration
        self._clock = clock or SystemClock()
        self.rereads = 0
        self._made: Chain | None = None
        head = self._take(self._fetched())
        wanted = Wanted(_STREAMS, (symbol,), head.cursor, signs=True)
        self._stream = EventStream(gateway, wanted, patience, self._clock)

    @property
    def chain(self) -> Chain:
        """As it is now."""
        if self._made is None:
            held, beside = self._follower, self._beside
            with understood(self._url):
                made = Chain.of(self._document, held.contracts)
            self._made = replace(
                made,
                epoch=held.epoch,
                seq=held.seq,
                state=beside.state,
                spot=beside.spot,
                now_ms=beside.now_ms,
                cursor=self.cursor,
            )
        return self._made

    @property
    def cursor(self) -> str:
        """The place up to which it is."""
        return self._stream.cursor

    def __iter__(self) -> Iterator[ChainUpdate]:
        return self

    def __next__(self) -> ChainUpdate:
        while True:
            update = self._after(next(self._stream).value)
            if update is not None:
                self._made = None
                return update

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        held = self._follower
        return f"FollowedChain({self.symbol} {held.expiration}, {self._beside.state}, seq={held.seq})"

    def close(self) -> None:
        """End it; from any thread."""
        self._stream.close()

    # -- inside -------------------------------------------------------------

    @property
    def _url(self) -> str:
        return self._gateway.url(f"/api/v1/chain/{self.symbol}")

    def _after(self, value: Value) -> ChainUpdate | None:
        """What a thing of the stream does to the chain; None for nothing."""
        if isinstance(value, Batch):
            return self._changed(value)
        if isinstance(value, Tick):
            return self._at(value)
        if isinstance(value, Loaded):
            return self._loaded(value)
        if isinstance(value, Reset):
            return self._reread(f"reset: {value.reason}")
        if isinstance(value, Heartbeat):
            return self._look(value)
        return self._become("stale") if isinstance(value, Broken) else None

    def _changed(self, batch: Batch) -> ChainUpdate | None:
        result = self._follower.take(batch)
        if isinstance(result, Gap):
            return self._reread(f"gap: {result.held_seq} is held, {result.seq} came")
        if not isinstance(result, Applied):
            return None
        return ChainUpdate("changed", result.seq, result.changed, result.added, result.removed)

    def _at(self, tick: Tick) -> ChainUpdate | None:
        """Spot of a tick of this symbol; the first ones may be older than what was fetched."""
        beside = self._beside
        if tick.ts <= beside.spot_ms:
            return None
        beside.spot, beside.spot_ms = tick.spot, tick.ts
        return ChainUpdate("spot", self._follower.seq)

    def _loaded(self, loaded: Loaded) -> ChainUpdate | None:
        """Another chain may be in force now; and one that began anew, on an emptied server, counts from one again."""
        held = self._follower
        is_held = loaded.expiration == held.expiration.isoformat()
        if not is_held and loaded.reason == "roll" and self._expiration is None:
            return self._reread("roll")
        if is_held and (loaded.epoch < held.epoch or loaded.seq < held.seq) and loaded.ts > self._fetched_ms:
            return self._reread("begun anew")
        return None

    def _look(self, heartbeat: Heartbeat) -> ChainUpdate | None:
        """State is in no stream: it is asked for with every heartbeat."""
        self._beside.now_ms = max(self._beside.now_ms, heartbeat.ts)
        try:
            status = Status.of(self._gateway.get("/api/v1/status"))
        except (GatewayUnavailable, KeyError, TypeError, ValueError):
            return self._become("stale")
        told = status.symbols.get(self.symbol)
        if told is None or told.expiration != self._follower.expiration.isoformat():
            return None
        return self._become(told.state)

    def _become(self, state: str) -> ChainUpdate | None:
        if state == self._beside.state:
            return None
        self._beside.state = state
        return ChainUpdate("state", self._follower.seq, reason=state)

    def _reread(self, reason: str) -> ChainUpdate:
        """Fetch it again; a gateway or a chain that is away meanwhile is waited for."""
        while True:
            try:
                document = self._fetched()
            except (GatewayUnavailable, NotThere):
                self._clock.sleep(_AGAIN_S)
            else:
                break
        self._take(document)
        self.rereads += 1
        return ChainUpdate("reread", self._follower.seq, reason=reason)

    def _fetched(self) -> Document:
        day = None if self._expiration is None else self._expiration.isoformat()
        return self._gateway.get(f"/api/v1/chain/{self.symbol}", {"expiration": day})

    def _take(self, document: Document) -> Chain:
        with understood(self._url):
            head, contracts = Chain.of(document), dict[str, Any](document["contracts"])
        self._document = document
        self._follower = ChainFollower(self.symbol, head.expiration, head.epoch, head.seq, contracts)
        self._beside = _Beside(head.state, head.spot, head.now_ms - _SLOT_MS, head.now_ms)
        self._fetched_ms = head.now_ms
        self._made = None
        return head
