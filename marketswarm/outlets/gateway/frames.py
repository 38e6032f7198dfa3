"""From an entry of a stream to what goes over the wire: once for all readers, and JSON that is stored is cut in, not parsed."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

import msgspec

from marketswarm import keys

Fields = Mapping[bytes, bytes]
Kind = Literal["number", "text", "object", "array"]


class Member(NamedTuple):
    """A field of an entry that becomes a member of the event's JSON."""

    name: str
    kind: Kind
    needed: bool = True


MEMBERS: Final[Mapping[str, tuple[Member, ...]]] = {
    keys.TIMESERIES: (
        Member("ts", "number"),
        Member("symbol", "text"),
        Member("spot", "number"),
        Member("as_of", "number", needed=False),
        Member("source", "text", needed=False),
        Member("seq", "number"),
        Member("delayed", "number", needed=False),
    ),
    keys.CHAIN_FEED: (
        Member("symbol", "text"),
        Member("expiration", "text"),
        Member("epoch", "number"),
        Member("seq", "number"),
        Member("prev_seq", "number"),
        Member("ts", "number"),
        Member("updates", "object"),
        Member("removed", "array", needed=False),
    ),
    keys.CHAIN_FULL: (
        Member("symbol", "text"),
        Member("expiration", "text"),
        Member("epoch", "number"),
        Member("seq", "number"),
        Member("ts", "number"),
        Member("key", "text"),
        Member("contracts", "number"),
        Member("reason", "text"),
    ),
}
DOCUMENTS: Final[Mapping[str, bytes]] = {keys.VIGIL_EVENTS: b"event", keys.VEXY_MESSAGES: b"message"}
"""Stream → the field that holds the whole JSON object of an entry."""

_NUMBER = re.compile(rb"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_OPENING: Final = {"object": b"{", "array": b"["}
_RAW = msgspec.json.Decoder(msgspec.Raw)


class _Subject(msgspec.Struct):
    """Of whom a document speaks: all that is read of it. The rest is looked through for its syntax."""

    symbol: str = ""
    symbols: tuple[str, ...] = ()


_SUBJECT = msgspec.json.Decoder(_Subject)


class Told(NamedTuple):
    """An entry, ready to be told.

    Attributes:
        symbols: of whom it speaks; empty: of no one alone.
        data: one JSON object on one line.
    """

    stream: str
    entry_id: bytes
    symbols: frozenset[str]
    data: bytes


def told(stream: str, entry_id: bytes, fields: Fields) -> Told | None:
    """What an entry says, or None when it is not in the shape that its stream has."""
    try:
        if stream in DOCUMENTS:
            return _told_document(stream, entry_id, fields[DOCUMENTS[stream]])
        members = [
            _member(one, fields) for one in MEMBERS[stream] if one.needed or one.name.encode() in fields
        ]
        symbols = frozenset({fields[b"symbol"].decode()})
    except (KeyError, ValueError, msgspec.MsgspecError):
        return None
    data = b'{"id":"%b",%b}' % (entry_id, b",".join(members))
    return Told(stream, entry_id, symbols, data)


def told_with_chain(entry_id: bytes, fields: Fields, contracts: Mapping[bytes, bytes]) -> Told | None:
    """An entry of `sse:chain-full` with the chain that it speaks of.

    `epoch` and `seq` in the fields must be those that were read in one step with the contracts (ticker → JSON, as stored).
    None when entry or chain are not what they should be.
    """
    full = told(keys.CHAIN_FULL, entry_id, fields)
    try:
        members = b",".join(b"%b:%b" % (_json(ticker, "text"), text) for ticker, text in contracts.items())
        chain = _json(b"{%b}" % members, "object")
    except (ValueError, msgspec.MsgspecError):
        return None
    return full and full._replace(data=b'%b,"chain":%b}' % (full.data[:-1], chain))


def frame_text(told: Told, cursor: str) -> bytes:
    """An event as it goes over the wire; `cursor` is the place behind it."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (cursor.encode(), told.stream.encode(), told.data)


def control_text(event: str, **data: Any) -> bytes:
    """An event about the stream itself. It has no id: a reader stays at the place where it is."""
    return b"event: %b\ndata: %b\n\n" % (event.encode(), json.dumps(data, separators=(",", ":")).encode())


def reset_text(reason: str, streams: Iterable[str]) -> bytes:
    """Something is lost: what a reader holds of these streams must be fetched again."""
    return control_text("reset", reason=reason, streams=list(streams))


def place_text(cursor: str) -> bytes:
    """Moves a reader's place and is no event: without data nothing is dispatched."""
    return b"id: %b\n\n" % cursor.encode()


def retry_text(wait_ms: int) -> bytes:
    """How long a reader is to wait before it connects again."""
    return b"retry: %d\n\n" % wait_ms


def _told_document(stream: str, entry_id: bytes, text: bytes) -> Told:
    subject = _SUBJECT.decode(text)
    named = frozenset(subject.symbols) | ({subject.symbol} if subject.symbol else frozenset())
    return Told(stream, entry_id, named, _one_line(text))


def _member(member: Member, fields: Fields) -> bytes:
    return b'"%b":%b' % (member.name.encode(), _json(fields[member.name.encode()], member.kind))


def _json(value: bytes, kind: Kind) -> bytes:
    if kind == "text":
        return msgspec.json.encode(value.decode())
    if kind == "number":
        if not _NUMBER.fullmatch(value):
            raise ValueError(value)
        return value
    text = bytes(_RAW.decode(value))
    if not text.startswith(_OPENING[kind]):
        raise ValueError(kind)
    return _one_line(text)


def _one_line(text: bytes) -> bytes:
    """Line ends of JSON can only stand between its tokens, where a space says the same; on the wire they end a field."""
    if b"\n" in text or b"\r" in text:
        return text.replace(b"\r", b" ").replace(b"\n", b" ")
    return text
