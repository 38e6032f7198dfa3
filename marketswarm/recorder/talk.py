"""One client's side of a replayed WebSocket: what it is answered, and which recorded events it hears. Pure.

Acknowledgements are our own, in the vendor's words; the recorded ones went to somebody else.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

CLUSTERS: Final = ("options", "indices", "stocks")
CONNECTED: Final = b'[{"ev":"status","status":"connected","message":"Connected Successfully"}]'


class _Event(Struct):
    """As much of an event as says whose it is."""

    ev: str
    sym: str = ""


_EVENTS = msgspec.json.Decoder(list[_Event])
_RAWS = msgspec.json.Decoder(list[Raw])


class Talk:
    """Any key is accepted: what is played belongs to whoever recorded it."""

    def __init__(self) -> None:
        self.is_admitted = False
        self._held: set[str] = set()

    def hear(self, text: str | bytes) -> bytes | None:
        """The answer to a message of the client; None is silence, as for what is held already."""
        action, parameters = _message(text)
        if action == "auth":
            self.is_admitted = True
            return _frame([("auth_success", "authenticated")])
        if action not in ("subscribe", "unsubscribe"):
            return _frame([("error", "invalid message")])
        if not self.is_admitted:
            return _frame([("auth_required", "authentication required")])
        channels = dict.fromkeys(channel.strip() for channel in parameters.split(","))
        return self._subscribe(channels) if action == "subscribe" else self._unsubscribe(channels)

    @property
    def listens(self) -> bool:
        """Whether it holds a channel."""
        return bool(self._held)

    def heard(self, raw: bytes) -> bytes | None:
        """What this client hears of a recorded frame; None when nothing of it."""
        held = self._held
        if not held:
            return None
        try:
            events = _EVENTS.decode(raw)
            wanted = [f"{event.ev}.{event.sym}" in held or f"{event.ev}.*" in held for event in events]
            if all(wanted):
                return raw if wanted else None
            kept = [
                bytes(part) for part, is_wanted in zip(_RAWS.decode(raw), wanted, strict=True) if is_wanted
            ]
        except msgspec.MsgspecError:
            return None  # what our own side could not read either
        return b"[" + b",".join(kept) + b"]" if kept else None

    def _subscribe(self, channels: Iterable[str]) -> bytes | None:
        new = [name for name in channels if name not in self._held and all(name.partition(".")[::2])]
        self._held.update(new)
        return _frame([("success", f"subscribed to: {name}") for name in new])

    def _unsubscribe(self, channels: Iterable[str]) -> bytes | None:
        gone = [name for name in channels if name in self._held]
        self._held.difference_update(gone)
        return _frame([("success", f"unsubscribed to: {name}") for name in gone])


def _message(text: str | bytes) -> tuple[Any, str]:
    try:
        told = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return None, ""
    parameters = told.get("params") if isinstance(told, dict) else None
    return (told.get("action"), parameters) if isinstance(parameters, str) else (None, "")


def _frame(statuses: list[tuple[str, str]]) -> bytes | None:
    told = [{"ev": "status", "status": word, "message": message} for word, message in statuses]
    return msgspec.json.encode(told) if told else None
