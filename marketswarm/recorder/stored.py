"""Chains as they are stored: read at the beginning and at the end of a recording, and put back for a replay."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import zstandard
from redis.client import Redis

from marketswarm import keys
from marketswarm.errors import RecordingError
from marketswarm.model.chain import ChainId

Which = Literal["begin", "end"]
_MOST_FILES: Final = 100
_LARGEST: Final = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One chain: its hashes, field by field, as text."""

    symbol: str
    expiration: str
    epoch: int
    seq: int
    contracts: dict[str, str]
    meta: dict[str, str]
    order: dict[str, str]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Chains of one process, and what stands beside them: key of a hash → its fields."""

    chains: list[Snapshot]
    beside: dict[str, dict[str, str]]


class StoredChains:
    """Reads and writes whole chains."""

    def __init__(self, redis: Redis, held_chains: Callable[[str], Sequence[ChainId]]) -> None:
        self._redis = redis
        self._held_chains = held_chains

    def read(self, symbols: Sequence[str]) -> Snapshots:
        """The held chains of these symbols, each with its cursor in one step."""
        chains = [chain for symbol in symbols for chain in self._held_chains(symbol)]
        found = [snapshot for chain in chains if (snapshot := self._snapshot(chain)) is not None]
        names = [keys.CHAIN_CURRENT, keys.HEARTBEAT]
        names += [name for symbol in symbols for name in (keys.spot(symbol), keys.audit(symbol))]
        beside = {name: self._text(self._redis.hgetall(name)) for name in names}
        return Snapshots(found, {name: fields for name, fields in beside.items() if fields})

    def put(self, snapshots: Snapshots, request: str) -> None:
        """Store them on an empty server, as if the load of that request had brought them."""
        held = {each: sum(one.symbol == each for one in snapshots.chains) for each in _symbols(snapshots)}
        with self._redis.pipeline(transaction=True) as pipe:
            for one in snapshots.chains:
                meta = one.meta | {"request": request, "request_chains": str(held[one.symbol])}
                pipe.hset(keys.chain_meta(one.symbol, one.expiration), mapping=_mapping(meta))
                for name, fields in (
                    (keys.chain(one.symbol, one.expiration), one.contracts),
                    (keys.chain_order(one.symbol, one.expiration), one.order),
                ):
                    if fields:
                        pipe.hset(name, mapping=_mapping(fields))
            for name, fields in snapshots.beside.items():
                pipe.hset(name, mapping=_mapping(fields))
            pipe.execute()

    def announce(self, symbol: str) -> None:
        """Tell of the symbol's stored chains as a load does that has brought them."""
        for one in self.read([symbol]).chains:
            entry: dict[Any, Any] = {
                "symbol": symbol,
                "expiration": one.expiration,
                "epoch": one.epoch,
                "seq": one.seq,
                "ts": one.meta.get("loaded_ms", "0"),
                "key": keys.chain(symbol, one.expiration),
                "contracts": len(one.contracts),
                "reason": "audit",
            }
            self._redis.xadd(keys.CHAIN_FULL, entry)

    def _snapshot(self, chain: ChainId) -> Snapshot | None:
        symbol, day = chain.symbol, chain.expiration.isoformat()
        with self._redis.pipeline(transaction=True) as pipe:
            for name in (
                keys.chain(symbol, day),
                keys.chain_meta(symbol, day),
                keys.chain_order(symbol, day),
            ):
                pipe.hgetall(name)
            contracts, meta, order = map(self._text, pipe.execute())
        if "epoch" not in meta:
            return None
        return Snapshot(symbol, day, int(meta["epoch"]), int(meta["seq"]), contracts, meta, order)

    @staticmethod
    def _text(fields: Any) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in fields.items()}


def write_snapshots(folder: Path, which: Which, snapshots: Snapshots, hide: Callable[[bytes], bytes]) -> Path:
    """Write them into a file of their own: of several processes each has one.

    Raises:
        OSError: it cannot be written.
    """
    data = zstandard.ZstdCompressor(level=3).compress(hide(json.dumps(asdict(snapshots)).encode()))
    for path in _paths(folder, which):
        with suppress(FileExistsError), path.open("xb") as file:
            file.write(data)
            return path
    raise RecordingError(str(folder), f"holds {_MOST_FILES} files of chains already")


def read_snapshots(folder: Path, which: Which) -> Snapshots | None:
    """The chains of all processes; None when none was written.

    Raises:
        RecordingError: for a file that is damaged.
    """
    found = [_read_file(path) for path in _paths(folder, which) if path.is_file()]
    if not found:
        return None
    beside: dict[str, dict[str, str]] = {}
    for each in found:
        for name, fields in each.beside.items():
            beside.setdefault(name, {}).update(fields)
    return Snapshots([chain for each in found for chain in each.chains], beside)


def _read_file(path: Path) -> Snapshots:
    try:
        data = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=_LARGEST)
        told = json.loads(data)
        return Snapshots([Snapshot(**chain) for chain in told["chains"]], told["beside"])
    except (OSError, ValueError, KeyError, TypeError, zstandard.ZstdError) as error:
        raise RecordingError(str(path), "is damaged, or cut off at its end") from error


def _paths(folder: Path, which: Which) -> Iterator[Path]:
    yield folder / f"chains-{which}.json.zst"
    for number in range(2, _MOST_FILES):
        yield folder / f"chains-{which}-{number}.json.zst"


def _symbols(snapshots: Snapshots) -> set[str]:
    return {chain.symbol for chain in snapshots.chains}


def _mapping(fields: dict[str, str]) -> dict[Any, Any]:
    return dict(fields)
