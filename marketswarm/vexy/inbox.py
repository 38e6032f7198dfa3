"""What is new for Vexy, as it is read from the store: entries that hold events, and those that hold none. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from msgspec import json
from pydantic import ValidationError

from marketswarm.model.event import Event
from marketswarm.model.message import Annotation
from marketswarm.vexy.context import Levels
from marketswarm.vexy.session_so_far import Tick

_FIELD: Final = b"event"
_TEXT_MOST: Final = 2_000
_LATEST_MS: Final = 4_102_444_800_000  # the year 2100: no event is of a later time

RawEntry = tuple[bytes, Mapping[bytes, bytes]]


class Unusable(NamedTuple):
    """An entry that holds no event: its id, why, and the beginning of what it holds."""

    id: str
    why: str
    text: str

    def as_json(self) -> bytes:
        """One JSON text."""
        return json.encode(self._asdict())


@dataclass(frozen=True, slots=True)
class Known:
    """What stands in the store of one symbol: its levels, its marks, and the expiration in force."""

    levels: Levels = field(default_factory=dict)
    marks: Mapping[str, Annotation] = field(default_factory=dict)
    expiration: date | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What came behind the places that were read before.

    Attributes:
        entries: how many of the stream of events, usable or not. `heard`: id of the last of them.
        events: in the order of the stream.
        is_more: whether there may be more.
        is_cut: whether entries may have been trimmed before they were read.
        ticks: symbol → its ticks. `ticked`: id of the last entry that was read.
    """

    entries: int
    heard: str
    events: tuple[Event, ...]
    unusable: tuple[Unusable, ...]
    is_more: bool
    is_cut: bool
    ticks: Mapping[str, Sequence[Tick]]
    ticked: str


def event_in(entry: RawEntry, symbols: frozenset[str]) -> Event | Unusable:
    """The event that an entry holds, or why it holds none."""
    entry_id, fields = entry
    name = entry_id.decode()
    if _FIELD not in fields:
        return Unusable(name, "no field `event`", _shown(b" ".join(b"%b=%b" % one for one in fields.items())))
    text = fields[_FIELD]
    try:
        event = Event.model_validate_json(text)
    except ValidationError as broken:
        first = broken.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Unusable(name, f"{where}: {first['msg']}" if where else first["msg"], _shown(text))
    if event.symbol not in symbols:
        return Unusable(name, f"symbol {event.symbol[:20]!r} is not known", _shown(text))
    if not 0 < event.ts < _LATEST_MS:
        return Unusable(name, f"ts {event.ts} is no moment", _shown(text))
    return event


def ticks_in(entries: Iterable[RawEntry], symbols: frozenset[str]) -> dict[str, list[Tick]]:
    """Symbol → its ticks, in the order of the stream; what is none is left out."""
    found: dict[str, list[Tick]] = {}
    for _, fields in entries:
        symbol = fields.get(b"symbol", b"").decode(errors="replace")
        tick = _tick(fields)
        if tick is not None and symbol in symbols:
            found.setdefault(symbol, []).append(tick)
    return found


def levels_in(fields: Mapping[bytes, bytes]) -> dict[str, Mapping[str, Any]]:
    """Level → its document; one that cannot be read is left out."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, text in fields.items():
        try:
            document = json.decode(text)
        except (ValueError, UnicodeDecodeError):
            continue
        if isinstance(document, dict):
            found[name.decode(errors="replace")] = document
    return found


def marks_in(fields: Mapping[bytes, bytes]) -> dict[str, Annotation]:
    """Id → the mark that stands; one that cannot be read is left out, and replaced when it is set again."""
    found: dict[str, Annotation] = {}
    for name, text in fields.items():
        try:
            found[name.decode(errors="replace")] = Annotation.model_validate_json(text)
        except ValidationError:
            continue
    return found


def order_of(entry_id: str) -> tuple[int, int]:
    """What ids of entries are ordered by."""
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)


def _tick(fields: Mapping[bytes, bytes]) -> Tick | None:
    try:
        tick = Tick(int(fields[b"ts"]), float(fields[b"spot"]))
    except (KeyError, ValueError):
        return None
    return tick if 0 < tick.ts < _LATEST_MS and math.isfinite(tick.spot) and tick.spot > 0 else None


def _shown(text: bytes) -> str:
    return text[:_TEXT_MOST].decode(errors="replace")
