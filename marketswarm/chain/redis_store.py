"""The chains in Redis: every write is one Lua script, every read one transaction.

Values are kept as the bytes that Redis gives; a contract is parsed only where somebody reads it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar
from uuid import uuid4

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.batches import BATCH
from marketswarm.chain.metafields import meta_from, origin_fields, window_fields
from marketswarm.chain.stored import (
    Committed,
    LoadOrigin,
    Universe,
    Window,
)
from marketswarm.chain.writing import Writing
from marketswarm.clock import Clock
from marketswarm.errors import NoSuchChain
from marketswarm.model.chain import ChainId, ChainMeta, ChainState, LoadReason, Source, StoredChain
from marketswarm.model.contract import Contract, number_text
from marketswarm.reachable import store_reachable
from marketswarm.scripts import Script, Value, script

_STAGING_TTL_S = 120
_Item = TypeVar("_Item")


class RedisChainStore:
    """Chains of all symbols.

    Args:
        redis: a client that returns bytes.
        address: the server as it may be shown.
        on_stored: called when a load, or a part of one, was just stored.
    """

    def __init__(
        self, redis: Redis, clock: Clock, address: str, *, on_stored: Callable[[], None] = lambda: None
    ) -> None:
        self._redis = redis
        self._on_stored = on_stored
        self._clock = clock
        self._address = address

    # -- writing ------------------------------------------------------------

    def stage(self, chain: ChainId, run: str, contracts: Iterable[Contract]) -> None:
        """Put complete contracts aside for `commit`; they vanish by themselves if none comes."""
        key = keys.staging(chain.symbol, chain.expiration.isoformat(), run)
        rows = {contract.ticker: contract.canonical_json() for contract in contracts}
        with self._reachable(), self._redis.pipeline(transaction=True) as pipe:
            for batch in _batches(list(rows.items())):
                pipe.hset(key, mapping=dict(batch))
            pipe.expire(key, _STAGING_TTL_S)
            pipe.execute()

    def commit(
        self,
        chain: ChainId,
        run: str,
        window: Window,
        *,
        reason: LoadReason,
        source: Source,
        expire_ms: int,
        origin: LoadOrigin | None,
        in_force: bool = True,
        first_state: ChainState = "loading",
        doubt: str = "",
        beside: Mapping[str, str | int] | None = None,
        is_announced: bool = True,
    ) -> Committed:
        """Make the staged contracts the chain in one step.

        Args:
            chain: which chain.
            run: the load in flight.
            window: what is written beside the chain.
            reason: for the entry in `sse:chain-full`.
            source: what the data is marked as.
            expire_ms: when the chain is forgotten.
            origin: of a whole load; None: the rows are only a part, what is stored beside them stays.
            in_force: whether it becomes the chain in force of its symbol.
            first_state: of a chain that was not stored before.
            beside: more fields for the meta.
            is_announced: whether there is an entry in `sse:chain-full`.
            doubt: a new id announces with it that updates of the chain were lost: it is a `gap` until its stream repairs it.

        Raises:
            ScriptRefused: when another run has taken over, or nothing is staged.
        """
        symbol, expiration = chain.symbol, chain.expiration.isoformat()
        answer = self._run(
            script("commit_chain"),
            _commit_keys(symbol, expiration, run),
            [
                symbol,
                expiration,
                run,
                "extend" if origin is None else "replace",
                reason,
                self._clock.now_ms(),
                expire_ms,
                keys.CHAIN_FEED_MAXLEN,
                keys.CHAIN_FULL_MAXLEN if is_announced else 0,
                int(in_force),
                first_state,
                uuid4().hex,
                *window_fields(window),
                "source",
                source,
                *origin_fields(origin),
                *(["state", "gap", "doubt", doubt] if doubt else []),
                *_flat(beside),
            ],
        )
        self._on_stored()
        return Committed(*answer)

    def drop(
        self, chain: ChainId, run: str, tickers: Sequence[str], *, low: float, high: float, reason: LoadReason
    ) -> int:
        """Take contracts out of the chain in one step; returns how many were there."""
        symbol, expiration = chain.symbol, chain.expiration.isoformat()
        answer = self._run(
            script("drop_contracts"),
            [
                keys.chain(symbol, expiration),
                keys.chain_meta(symbol, expiration),
                keys.CHAIN_FEED,
                keys.CHAIN_FULL,
                keys.loading(symbol),
                keys.chain_order(symbol, expiration),
            ],
            [
                symbol,
                expiration,
                run,
                reason,
                self._clock.now_ms(),
                keys.CHAIN_FEED_MAXLEN,
                keys.CHAIN_FULL_MAXLEN,
                number_text(low),
                number_text(high),
                uuid4().hex,
                *tickers,
            ],
        )
        self._on_stored()
        return int(answer[3])

    def begin(self) -> Writing:
        """Changes that are sent chain by chain, and whose outcomes are not waited for meanwhile.

        Raises:
            StoreUnavailable: nothing was sent.
        """
        with self._reachable():
            return Writing(script("apply_updates").begin(self._redis), self._clock, self._reachable)

    def mark_state(
        self,
        chain: ChainId,
        epoch: int,
        fence: int,
        state: ChainState,
        beside: Mapping[str, str | int] | None = None,
    ) -> bool:
        """Write the state of a chain, and more fields of its meta; False when it has changed since the writer looked.

        Raises:
            WriterFenced: when another writer has taken over.
        """
        symbol, expiration = chain.symbol, chain.expiration.isoformat()
        chain_keys = [keys.chain_meta(symbol, expiration), keys.writer_token(symbol)]
        return bool(self._run(script("mark_state"), chain_keys, [fence, state, epoch, *_flat(beside)]))

    def mark_unattended(self, chain: ChainId) -> bool:
        """Mark the chain stale if it claims to be live, or under repair, and no stream attends to it."""
        symbol, expiration = chain.symbol, chain.expiration.isoformat()
        chain_keys = [keys.chain_meta(symbol, expiration), keys.writer(symbol)]
        return bool(self._run(script("mark_unattended"), chain_keys, []))

    # -- reading ------------------------------------------------------------

    def current_expiration(self, symbol: str) -> date | None:
        """The expiration in force, None when no chain was ever loaded."""
        with self._reachable():
            value: Any = self._redis.hget(keys.CHAIN_CURRENT, symbol)
        return date.fromisoformat(value.decode()) if value else None

    def expirations(self, symbol: str) -> list[date]:
        """Every stored expiration of the symbol, ascending."""
        with self._reachable():
            found = [
                name.decode() for name in self._redis.scan_iter(keys.chain_meta(symbol, "*"), count=1000)
            ]
        return sorted(date.fromisoformat(name.rpartition(":")[2]) for name in found)

    def meta(self, chain: ChainId) -> ChainMeta | None:
        """What is known of a chain; None when it is not stored."""
        with self._reachable():
            fields: Any = self._redis.hgetall(keys.chain_meta(chain.symbol, chain.expiration.isoformat()))
        return meta_from(chain, fields)

    def read(self, symbol: str, expiration: date | None = None) -> StoredChain:
        """A chain with its cursor, in one step.

        Raises:
            NoSuchChain: when it is not stored.
        """
        meta, rows = self._read_rows(self._chain_id(symbol, expiration))
        return StoredChain(meta, {name: Contract.model_validate_json(row) for name, row in rows.items()})

    def universe(self, chain: ChainId) -> Universe:
        """Which contracts a chain holds, unparsed, with its epoch, in one step.

        Raises:
            NoSuchChain: when it is not stored.
        """
        fields, rows = self._read_hashes(chain)
        meta = meta_from(chain, fields)
        if meta is None or not rows:
            raise NoSuchChain(chain.symbol, chain.expiration.isoformat())
        request = fields.get(b"request", b"").decode()
        return Universe(
            chain=chain,
            epoch=meta.epoch,
            seq=meta.seq,
            state=meta.state,
            request=request,
            request_chains=int(fields.get(b"request_chains", 1)),
            contracts=rows,
            doubt=fields.get(b"doubt", b"").decode(),
            quotes=meta.quotes,
            delayed=meta.delayed,
        )

    def tickers(self, chain: ChainId) -> list[str]:
        """The tickers of a chain, ascending; empty when it is not stored."""
        with self._reachable():
            names: Any = self._redis.hkeys(keys.chain(chain.symbol, chain.expiration.isoformat()))
        return sorted(name.decode() for name in names)

    def new_loads(self, after: str) -> tuple[str, list[dict[str, str]]]:
        """Entries of `sse:chain-full` behind the id `after`, and the id to go on from."""
        with self._reachable():
            answer: Any = self._redis.xread({keys.CHAIN_FULL: after}, count=100)
        entries = _stream_entries(answer)
        return (entries[-1][0] if entries else after), [fields for _, fields in entries]

    def newest_load_id(self) -> str:
        """The id of the newest entry of `sse:chain-full`, to follow from here on."""
        return self._newest_id(keys.CHAIN_FULL)

    def newest_feed_id(self) -> str:
        """The id of the newest entry of `sse:chain-feed`, to follow from here on."""
        return self._newest_id(keys.CHAIN_FEED)

    def follow_feed(self, after: str, timeout_s: float) -> list[tuple[str, dict[str, str]]]:
        """Entries of `sse:chain-feed` behind the id `after` (`$`: from now on), waiting for the first."""
        with self._reachable():
            answer: Any = self._redis.xread(
                {keys.CHAIN_FEED: after}, count=500, block=max(1, int(timeout_s * 1000))
            )
        return _stream_entries(answer)

    # -- inside -------------------------------------------------------------

    def _newest_id(self, stream: str) -> str:
        with self._reachable():
            newest: Any = self._redis.xrevrange(stream, count=1)
        return newest[0][0].decode() if newest else "0-0"

    def _chain_id(self, symbol: str, expiration: date | None) -> ChainId:
        day = expiration or self.current_expiration(symbol)
        if day is None:
            raise NoSuchChain(symbol)
        return ChainId(symbol, day)

    def _read_rows(self, chain: ChainId) -> tuple[ChainMeta, dict[str, bytes]]:
        fields, rows = self._read_hashes(chain)
        meta = meta_from(chain, fields)
        if meta is None:
            raise NoSuchChain(chain.symbol, chain.expiration.isoformat())
        return meta, rows

    def _read_hashes(self, chain: ChainId) -> tuple[dict[bytes, bytes], dict[str, bytes]]:
        symbol, expiration = chain.symbol, chain.expiration.isoformat()
        with self._reachable(), self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.chain_meta(symbol, expiration))
            pipe.hgetall(keys.chain(symbol, expiration))
            fields, rows = pipe.execute()
        # A hash gives its fields in another order each time; what is made of them must not differ with it.
        return fields, {name.decode(): rows[name] for name in sorted(rows)}

    def _run(self, lua: Script, script_keys: Sequence[str], arguments: Sequence[Value]) -> Any:
        with self._reachable():
            return lua.run(self._redis, script_keys, arguments)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        with store_reachable(self._address):
            yield


def _commit_keys(symbol: str, expiration: str, run: str) -> list[str]:
    return [
        keys.staging(symbol, expiration, run),
        keys.chain(symbol, expiration),
        keys.chain_meta(symbol, expiration),
        keys.CHAIN_FEED,
        keys.CHAIN_FULL,
        keys.CHAIN_CURRENT,
        keys.loading(symbol),
        keys.chain_order(symbol, expiration),
    ]


def _flat(fields: Mapping[str, str | int] | None) -> list[Value]:
    return [part for pair in (fields or {}).items() for part in pair]


def _batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _stream_entries(answer: Any) -> list[tuple[str, dict[str, str]]]:
    if not answer:
        return []
    streams = answer.items() if isinstance(answer, dict) else answer
    return [
        (entry_id.decode(), {name.decode(): value.decode() for name, value in fields.items()})
        for _, entries in streams
        for entry_id, fields in (entries[0] if isinstance(answer, dict) else entries)
    ]
