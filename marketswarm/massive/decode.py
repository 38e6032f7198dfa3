"""WebSocket frames into updates. Pure, and the hottest code of the stage.

The fast path is one typed decode of the whole frame. A frame that does not pass it may hold statuses, which are rare. Only a
frame that passes neither is taken apart, element by element, so that one bad event never costs its neighbours.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from marketswarm.massive.wire import EVENT_KINDS, DataEvent, StatusEvent
from marketswarm.model.update import Update
from marketswarm.ports import BadFrames

SAMPLE_LENGTH = 1000  # bytes; whoever shows a sample hides the key in it first and cuts it then
_SAMPLES_A_REASON = 3

_DATA = msgspec.json.Decoder(list[DataEvent])
_MIXED = msgspec.json.Decoder(list[DataEvent | StatusEvent])
_ONE: msgspec.json.Decoder[DataEvent | StatusEvent] = msgspec.json.Decoder(DataEvent | StatusEvent)
_PARTS = msgspec.json.Decoder(list[msgspec.Raw])

# All that a decoder can raise: text that is no UTF-8 and nesting without end have errors of their own.
UNUSABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)


class DecodedFrame(msgspec.Struct, frozen=True):
    """One frame: its updates in order, its statuses in order, and what could not be used (None: nothing)."""

    updates: Sequence[Update]
    statuses: Sequence[StatusEvent] = ()
    bad: BadFrames | None = None


def decode_frame(raw: bytes | str) -> DecodedFrame:
    """Decode one frame. Never raises; what cannot be used is counted by reason.

    Reasons: `not-json`, `not-array`, `not-object`, `unknown-kind`, `malformed`.
    """
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    try:
        return DecodedFrame(_DATA.decode(data))
    except UNUSABLE:
        return _decode_mixed(data)


def _decode_mixed(data: bytes) -> DecodedFrame:
    try:
        return _split(_MIXED.decode(data))
    except UNUSABLE:
        return _decode_in_parts(data)


def _split(events: Sequence[DataEvent | StatusEvent]) -> DecodedFrame:
    updates = [event for event in events if not isinstance(event, StatusEvent)]
    statuses = [event for event in events if isinstance(event, StatusEvent)]
    return DecodedFrame(updates, statuses)


def _decode_in_parts(data: bytes) -> DecodedFrame:
    events: list[DataEvent | StatusEvent] = []
    bad = _Bad()
    for part in _parts(data, bad):
        event = _decode_one(bytes(part))
        if isinstance(event, str):
            bad.add(event, bytes(part))
        else:
            events.append(event)
    whole = _split(events)
    return DecodedFrame(whole.updates, whole.statuses, bad.report())


def _parts(data: bytes, bad: "_Bad") -> Sequence[msgspec.Raw]:
    try:
        return _PARTS.decode(data)
    except msgspec.ValidationError:
        bad.add("not-array", data)
    except UNUSABLE:
        bad.add("not-json", data)
    return ()


def _decode_one(part: bytes) -> DataEvent | StatusEvent | str:
    try:
        return _ONE.decode(part)
    except UNUSABLE:
        return _second_look(part)


def _second_look(part: bytes) -> DataEvent | StatusEvent | str:
    """The event behind harmless deviations (nulls, sizes written as 17.0), or the reason why there is none."""
    try:
        members = msgspec.json.decode(part)
    except UNUSABLE:
        return "malformed"
    if not isinstance(members, dict):
        return "not-object"
    kind = members.get("ev")
    if not isinstance(kind, str) or kind not in EVENT_KINDS:
        return "unknown-kind"
    present = {name: _whole(value) for name, value in members.items() if value is not None}
    try:
        event: DataEvent | StatusEvent = msgspec.convert(present, DataEvent | StatusEvent)
    except UNUSABLE:
        return "malformed"
    return event


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Bad:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._samples: list[tuple[str, str]] = []

    def add(self, reason: str, raw: bytes) -> None:
        self._counts[reason] += 1
        if self._counts[reason] <= _SAMPLES_A_REASON:
            self._samples.append((reason, raw[:SAMPLE_LENGTH].decode("utf-8", "replace")))

    def report(self) -> BadFrames | None:
        return BadFrames(dict(self._counts), self._samples) if self._counts else None
