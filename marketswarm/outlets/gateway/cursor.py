"""A place in all streams at once: what a reader has seen, as compact text that it gives back to go on from there.

One stream's id is not enough: entries of several streams reach a reader in an order that no single id tells.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple
from zlib import crc32

from marketswarm import keys
from marketswarm.errors import BadArgument

STREAMS: Final = (
    keys.TIMESERIES,
    keys.CHAIN_FEED,
    keys.CHAIN_FULL,
    keys.VIGIL_EVENTS,
    keys.VEXY_MESSAGES,
)
"""Every stream that is told; a cursor holds its places in this order."""

_VERSION: Final = "1"
_PLACE = r"(?:[0-9a-f]{1,16}(?:-[0-9a-f]{1,16})?)?"
_TEXT = re.compile(rf"{_VERSION}\.([0-9a-z]{{1,16}})((?:\.{_PLACE}){{{len(STREAMS)}}})", re.ASCII)
_RUN = re.compile(rb"[0-9a-z]{1,16}")
_SHOWN: Final = 80  # characters of a bad cursor that an error repeats


class Place(NamedTuple):
    """An entry of one stream: what it and all before it say is known. `BEGINNING` is before the first."""

    ms: int
    number: int

    def __str__(self) -> str:
        return f"{self.ms}-{self.number}"


BEGINNING: Final = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Cursor:
    """One place in each of `STREAMS`.

    Attributes:
        run: of the store. A store that was begun anew has another one: nothing in it goes on from here.
    """

    run: str
    places: tuple[Place, ...] = (BEGINNING,) * len(STREAMS)

    @property
    def text(self) -> str:
        """How it goes over the wire: safe in a header and in a query as it is."""
        return f"{_VERSION}.{self.run}." + ".".join(map(_place_text, self.places))

    def of(self, stream: str) -> Place:
        """The place in one stream."""
        return self.places[STREAMS.index(stream)]

    def at(self, stream: str, place: Place) -> "Cursor":
        """The same, with another place in one stream."""
        index = STREAMS.index(stream)
        return Cursor(self.run, (*self.places[:index], place, *self.places[index + 1 :]))

    def is_ahead_of(self, other: "Cursor") -> bool:
        """Whether something is known here that is not known there."""
        return any(mine > theirs for mine, theirs in zip(self.places, other.places, strict=True))


def parse_cursor(text: str, name: str) -> Cursor:
    """A cursor from its text; `name` says where it was given, such as `Last-Event-ID`.

    Raises:
        BadArgument: it is none.
    """
    found = _TEXT.fullmatch(text)
    if not found:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        raise BadArgument(name, shown, "a cursor as the `id:` of an event or an answer's `cursor` gave it")
    return Cursor(found[1], tuple(_place_of(part) for part in found[2][1:].split(".")))


def parse_place(entry_id: bytes | str) -> Place:
    """The place that an entry's id names."""
    ms, _, number = (entry_id.decode() if isinstance(entry_id, bytes) else entry_id).partition("-")
    return Place(int(ms), int(number or 0))


def run_named(value: bytes) -> str:
    """The run that the store names; whatever else somebody has put there is told apart by its checksum."""
    return value.decode() if _RUN.fullmatch(value) else f"x{crc32(value):08x}"


def _place_text(place: Place) -> str:
    if place == BEGINNING:
        return ""
    return f"{place.ms:x}-{place.number:x}" if place.number else f"{place.ms:x}"


def _place_of(text: str) -> Place:
    ms, _, number = text.partition("-")
    return Place(int(ms or "0", 16), int(number or "0", 16))
