"""What comes out of the event stream, typed. Pure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from marketswarm import keys
from marketswarm.client.spot import Tick
from marketswarm.errors import ClientError
from marketswarm.model.event import Event
from marketswarm.model.message import Message
from marketswarm.outlets.follow import Batch

STREAMS: Final = (
    keys.TIMESERIES,
    keys.CHAIN_FEED,
    keys.CHAIN_FULL,
    keys.VIGIL_EVENTS,
    keys.VEXY_MESSAGES,
)
"""Those that the gateway gives, by the names of their keys."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A chain was loaded whole.

    Attributes:
        reason: `startup`, `manual`, `drift`, `roll`, `gap` or `audit`.
        contracts: how many it has.
        chain: ticker → contract, where whole chains were asked for.
    """

    symbol: str
    expiration: str
    epoch: int
    seq: int
    ts: int
    reason: str
    contracts: int
    chain: Mapping[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """Entries may be missing: what is held of these streams must be fetched again.

    Attributes:
        streams: empty for all.
    """

    reason: str
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The connection lives. `ts` is the gateway's clock; told when signs are asked for."""

    ts: int


@dataclass(frozen=True, slots=True)
class Broken:
    """The connection does not live; the next try is made after `wait_s`. Told when signs are asked for."""

    error: ClientError
    wait_s: float


@dataclass(frozen=True, slots=True)
class Untyped:
    """Something that this version does not know, such as an event of a newer one, as it came."""

    document: Mapping[str, Any]
    why: str


Value = Tick | Batch | Loaded | Event | Message | Reset | Heartbeat | Broken | Untyped


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One thing that came.

    Attributes:
        stream: the stream's name, or `reset`; `heartbeat` and `broken` when signs are asked for.
        cursor: the place behind it, from which another stream goes on.
        value: what came, by its kind.
    """

    stream: str
    cursor: str
    value: Value


def read_document(text: str) -> Mapping[str, Any]:
    """What a frame's data holds.

    Raises:
        ValueError: when it is no JSON object.
    """
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError(f"a {type(document).__name__} instead of an object")  # noqa: TRY004  it is bad data
    return document


def read_value(stream: str, document: Mapping[str, Any]) -> Value:
    """The document of a stream, typed where it can be."""
    try:
        return _READERS[stream](document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Untyped(document, f"{type(error).__name__}: {' '.join(str(error).split())}")


def _batch(document: Mapping[str, Any]) -> Batch:
    return Batch(
        symbol=str(document["symbol"]),
        expiration=str(document["expiration"]),
        epoch=int(document["epoch"]),
        seq=int(document["seq"]),
        updates=dict(document["updates"]),
        removed=tuple(document.get("removed", ())),
    )


def _loaded(document: Mapping[str, Any]) -> Loaded:
    return Loaded(
        symbol=str(document["symbol"]),
        expiration=str(document["expiration"]),
        epoch=int(document["epoch"]),
        seq=int(document["seq"]),
        ts=int(document["ts"]),
        reason=str(document["reason"]),
        contracts=int(document["contracts"]),
        chain=document.get("chain"),
    )


def _reset(document: Mapping[str, Any]) -> Reset:
    return Reset(str(document["reason"]), tuple(document.get("streams", ())))


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Value]]] = {
    keys.TIMESERIES: Tick.of,
    keys.CHAIN_FEED: _batch,
    keys.CHAIN_FULL: _loaded,
    keys.VIGIL_EVENTS: Event.model_validate,
    keys.VEXY_MESSAGES: Message.model_validate,
    "reset": _reset,
    "heartbeat": lambda document: Heartbeat(int(document["ts"])),
}
