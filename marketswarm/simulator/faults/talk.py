"""Faults of the conversation: what is said of the key and of the subscriptions, or is not."""

import asyncio
import zlib
from collections.abc import Iterable
from typing import Any

import msgspec

from marketswarm.simulator.connection import Connection
from marketswarm.simulator.conversation import auth_timeout
from marketswarm.simulator.faults.effect import Effect, Site
from marketswarm.simulator.faults.events import is_talk
from marketswarm.simulator.faults.fault import Draw, Fault, Values, seconds, share, whole
from marketswarm.simulator.switches import Switches


class Talk(Effect):
    """A fault of conversations that are still to come: those that stand are hung up first, so that they come."""

    async def begin(self, site: Site) -> None:
        """Hang up what stands."""
        for connection in site.connections():
            connection.drop()


class AuthRefused(Talk):
    """Every key is unknown."""

    def __init__(self, _values: Values, _draw: Draw) -> None:
        super().__init__()

    def pass_message(self, connection: Connection, text: str | bytes) -> str | bytes | None:
        """A key that is none."""
        return _said("auth", "") if _action(text) == "auth" else text


class AuthTimeout(Talk):
    """The key is not answered, until the patience ends."""

    def __init__(self, values: Values, _draw: Draw) -> None:
        self._after_s = values["after"]

    def pass_message(self, connection: Connection, text: str | bytes) -> str | bytes | None:
        """The key is not heard; later the connection ends for want of one."""
        if _action(text) != "auth":
            return text
        asyncio.get_running_loop().call_later(self._after_s, connection.end, auth_timeout(Switches()))
        return None


class DelayedSilent(Talk):
    """As the real-time host does to a key of a delayed plan: the key is welcome, and then nothing."""

    def __init__(self, _values: Values, _draw: Draw) -> None:
        super().__init__()

    def pass_message(self, connection: Connection, text: str | bytes) -> str | bytes | None:
        """Subscriptions are not heard."""
        return text if _action(text) == "auth" else None


class MissingAcks(Talk):
    """Some channels are neither subscribed nor confirmed, however often they are asked for."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._salt = values["share"], repr(draw())

    def pass_message(self, connection: Connection, text: str | bytes) -> str | bytes | None:
        """The message without those channels."""
        if _action(text) != "subscribe":
            return text
        channels = str(msgspec.json.decode(text)["params"]).split(",")
        return _said("subscribe", ",".join(channel for channel in channels if not self._is_missing(channel)))

    def _is_missing(self, channel: str) -> bool:
        return bool(zlib.crc32(f"{self._salt}{channel.strip()}".encode()) < self._share * 2**32)


class LateAcks(Talk):
    """Confirmations come late, behind the first data of their channels."""

    def __init__(self, values: Values, _draw: Draw) -> None:
        self._delay_s = values["ms"] / 1000
        self._held: list[tuple[Connection, str]] = []

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """Nothing now of a confirmation."""
        if "subscribed to:" not in frame or not is_talk(frame):
            return (frame,)
        self._held.append((connection, frame))
        asyncio.get_running_loop().call_later(self._delay_s, self._release, connection, frame)
        return ()

    async def end(self, site: Site) -> None:
        """What is still held back goes out."""
        for connection, frame in list(self._held):
            self._release(connection, frame)

    def _release(self, connection: Connection, frame: str) -> None:
        if (connection, frame) in self._held:
            self._held.remove((connection, frame))
            connection.deliver((frame,))


class Mute(Effect):
    """Connected and confirmed, pings are answered, and no data come."""

    def __init__(self, _values: Values, _draw: Draw) -> None:
        super().__init__()

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """Talk only."""
        return (frame,) if is_talk(frame) else ()


def _action(text: str | bytes) -> Any:
    try:
        message = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return message.get("action") if isinstance(message, dict) else None


def _said(action: str, parameters: str) -> str:
    return msgspec.json.encode({"action": action, "params": parameters}).decode()


_KEY, _CHANNELS = frozenset({"key"}), frozenset({"channels"})
FAULTS = (
    Fault(
        "auth-refused",
        "conversation",
        "hangs up, then answers every key with auth_failed and drops the connection without a close frame",
        "no stream and no chain that is called live, until it is given another key; it asks no more with this one",
        AuthRefused,
        excludes=_KEY,
        is_drawn=False,
    ),
    Fault(
        "auth-timeout",
        "conversation",
        "hangs up, then leaves every key unanswered until it says auth_timeout and closes with 1008",
        "the truth, once a key is answered",
        AuthTimeout,
        (seconds("after", "30s", "how long the key waits"),),
        excludes=_KEY,
    ),
    Fault(
        "delayed-silent",
        "conversation",
        "hangs up, then welcomes the key and hears no subscription: no confirmation, no data",
        "no chain that is called live; the truth, once subscriptions are heard",
        DelayedSilent,
        excludes=_KEY | _CHANNELS,
    ),
    Fault(
        "missing-acks",
        "conversation",
        "hangs up, then neither serves nor confirms some channels, however often they are asked for",
        "the chain is not live while a channel is missing; the truth, once it is confirmed",
        MissingAcks,
        (share("0.3", "share of the channels"),),
        excludes=_CHANNELS,
    ),
    Fault(
        "late-acks",
        "conversation",
        "hangs up, then confirms subscriptions late, behind the first data of their channels",
        "the truth, once they are confirmed; early data are not lost",
        LateAcks,
        (whole("ms", "1500", (1, 60_000), "how late"),),
        excludes=_CHANNELS,
    ),
    Fault(
        "mute",
        "data",
        "sends no data: connected, confirmed, pings are answered",
        "the chain is stale within 5 s, and what changed meanwhile repaired before it is live again; "
        "what a shorter silence has swallowed, audits find",
        Mute,
    ),
)
