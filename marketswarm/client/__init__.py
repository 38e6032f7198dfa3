"""A small client of the gateway, for notebooks and programs: `Client().chain("SPX").to_pandas()`."""

from marketswarm.client.chain import Chain
from marketswarm.client.client import Client
from marketswarm.client.follow import ChainUpdate, FollowedChain
from marketswarm.client.refresh import RefreshState
from marketswarm.client.spot import SpotSeries, Tick
from marketswarm.client.status import Status, SymbolStatus
from marketswarm.client.stream import EventStream
from marketswarm.client.stream_event import (
    STREAMS,
    Broken,
    Heartbeat,
    Loaded,
    Reset,
    StreamEvent,
    Untyped,
)
from marketswarm.client.stream_reader import Patience
from marketswarm.outlets.follow import Batch

__all__ = [
    "STREAMS",
    "Batch",
    "Broken",
    "Chain",
    "ChainUpdate",
    "Client",
    "EventStream",
    "FollowedChain",
    "Heartbeat",
    "Loaded",
    "Patience",
    "RefreshState",
    "Reset",
    "SpotSeries",
    "Status",
    "StreamEvent",
    "SymbolStatus",
    "Tick",
    "Untyped",
]
