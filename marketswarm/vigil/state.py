"""What Vigil knows of one symbol between two ticks, as JSON: any worker can take the next tick with it. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from msgspec import DecodeError, Raw, Struct, json
from msgspec.structs import replace

from marketswarm.model.chain import ChainId
from marketswarm.vigil.budget import Budget
from marketswarm.vigil.machine import Tracks
from marketswarm.vigil.sighting import Detector, Marks, Tick

STATE_VERSION = 1
MOST_TICKS = 360  # an hour of them


class KeptMemory(Struct, frozen=True):
    """A detector's memory in its own JSON, and the version of the detector that wrote it."""

    version: int
    content: Raw


class VigilState(Struct, frozen=True):
    """The engine's state of one symbol.

    Attributes:
        expiration: of the chain that the marks are of.
        day: of the session, YYYY-MM-DD; empty before the first tick. `opened_ms`: its first tick that was seen.
        slot: of the last tick that was judged, ms.
        epoch, seq: of the chain's feed, as far as it was judged last.
        late: how many ticks came at or before a slot that was judged. `failed`: detector → at how many ticks it failed.
        ticks: the last ones, oldest first, at most 360.
        carry: root of that chain → forward over spot when its quotes last stated it.
        memories: detector → what it remembers.
        tracks: by detector in the registry's order, then by key.
        begun_anew: why there was no usable state before this one; said once.
    """

    symbol: str
    version: int = STATE_VERSION
    expiration: date | None = None
    day: str = ""
    opened_ms: int = 0
    slot: int = 0
    epoch: int = 0
    seq: int = 0
    late: int = 0
    failed: dict[str, int] = {}
    ticks: tuple[Tick, ...] = ()
    marks: Marks = Marks()
    carry: dict[str, float] = {}
    memories: dict[str, KeptMemory] = {}
    tracks: Tracks = ()
    budget: Budget = Budget()
    begun_anew: str = ""


class _Head(Struct):
    version: int


def known_carry(state: VigilState | None, chain: ChainId) -> dict[str, float]:
    """What is known of that chain's carry: nothing where the state is of another one."""
    return state.carry if state is not None and state.expiration == chain.expiration else {}


def encode(state: VigilState) -> bytes:
    """The state as JSON."""
    return json.encode(state)


def decode(text: bytes, symbol: str) -> VigilState:
    """The stored state of a symbol; one that cannot be used is begun anew, and `begun_anew` says why."""
    try:
        head = json.decode(text, type=_Head)
        if head.version != STATE_VERSION:
            return _anew(symbol, f"state of version {head.version}, not {STATE_VERSION}")
        state = json.decode(text, type=VigilState)
    except (DecodeError, UnicodeDecodeError):
        return _anew(symbol, "state cannot be read")
    if state.symbol != symbol:
        return _anew(symbol, f"state of {state.symbol}, not {symbol}")
    return state


def set_back(state: VigilState, now_ms: int) -> VigilState:
    """The state after the clock was set back, when every tick would be late: begun anew, and what lasts has still to end."""
    lasting = tuple(
        replace(track, run=0, since=min(track.since, now_ms))
        for track in state.tracks
        if track.phase == "active"
    )
    return replace(_anew(state.symbol, f"state of {state.slot}, which is to come"), tracks=lasting)


def remember(detector: Detector, memory: Any) -> KeptMemory:
    """A detector's memory as it is kept."""
    return KeptMemory(detector.version, Raw(json.encode(memory, enc_hook=_plain)))


def recall(memories: Mapping[str, KeptMemory], detector: Detector) -> tuple[Any, str]:
    """A detector's memory, and why it is begun anew: empty when it is not, or when there was none yet."""
    kept = memories.get(detector.name)
    if kept is None:
        return detector.memory(), ""
    if kept.version != detector.version:
        return (
            detector.memory(),
            f"memory of {detector.name} is of version {kept.version}, not {detector.version}",
        )
    try:
        return json.decode(kept.content, type=detector.memory), ""
    except (DecodeError, UnicodeDecodeError):
        return detector.memory(), f"memory of {detector.name} cannot be read"


def _plain(value: Any) -> Any:
    """A number of numpy as JSON has it."""
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"a memory cannot hold {type(value).__name__}")


def _anew(symbol: str, why: str) -> VigilState:
    return replace(VigilState(symbol), begun_anew=f"{why}: begun anew")
