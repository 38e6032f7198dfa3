"""What a WebSocket connection says in answer to its client: a state machine without a socket.

It is silent where the vendor is silent: on topics it does not know, on what is held already, on what was never held. A
ticker that does not exist is confirmed and stays quiet for ever.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

CLUSTERS = ("options", "indices", "stocks")
# Topics of each cluster; those of the second group exist, but not on an individual plan.
_TOPICS = {
    "options": ("Q", "T", "A", "AM"),
    "indices": ("V", "A", "AM"),
    "stocks": ("Q", "T", "A", "AM", "LULD", "NOI"),
}
_OTHER_PLANS = frozenset({"FMV", "LV"})

Status = dict[str, str]


class State(enum.Enum):
    """How far a connection has come."""

    CONNECTED = "connected"
    AUTHENTICATED = "authenticated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send, and whether the account was admitted or refused by this message."""

    statuses: tuple[Status, ...] = ()
    admitted: bool = False
    refused: bool = False


def status(word: str, message: str) -> Status:
    """One status event."""
    return {"ev": "status", "status": word, "message": message}


CONNECTED = status("connected", "Connected Successfully")
MAX_CONNECTIONS = status(
    "max_connections",
    "Maximum number of websocket connections exceeded. You have reached the connection limit for your account. "
    "Please contact support at https://polygon.io/contact to increase your limit.",
)
SLOW_CONSUMER = status("slow_consumer", "Data was not read fast enough, the connection will be closed")
AUTH_TIMEOUT = status("auth_timeout", "authentication timed out")


class Conversation:
    """One connection's side of the talk.

    Args:
        account_of: key → account, or None for a key that is not accepted.
        quote_contracts: most contracts that may be held on the `Q` channel.

    Attributes:
        held: channels such as `Q.O:SPY261123C00680000`, in the order they came.
        version: grows when `held` changes.
    """

    def __init__(self, cluster: str, account_of: Callable[[str], str | None], quote_contracts: int) -> None:
        self.cluster = cluster
        self.state = State.CONNECTED
        self.account = ""
        self.held: dict[str, None] = {}
        self.version = 0
        self._account_of = account_of
        self._quote_contracts = quote_contracts
        self._quotes = 0

    def hear(self, text: str | bytes) -> Reply:
        """Take one message of the client."""
        try:
            message = msgspec.json.decode(text)
        except msgspec.DecodeError:
            message = None
        action = message.get("action") if isinstance(message, dict) else None
        parameters = message.get("params") if isinstance(message, dict) else None
        if action not in ("auth", "subscribe", "unsubscribe") or not isinstance(parameters, str):
            return Reply((status("error", "invalid message"),))
        return self._act(action, parameters)

    def _act(self, action: str, parameters: str) -> Reply:
        if action == "auth":
            return self._authenticate(parameters.strip())
        if self.state is not State.AUTHENTICATED:
            return Reply((status("auth_required", "authentication required"),))
        channels = [channel.strip() for channel in parameters.split(",")]
        return self._subscribe(channels) if action == "subscribe" else self._unsubscribe(channels)

    def _authenticate(self, key: str) -> Reply:
        if self.state is State.AUTHENTICATED:
            return Reply((status("auth_success", "authenticated"),))
        account = self._account_of(key)
        if account is None:
            self.state = State.REFUSED
            return Reply((status("auth_failed", "authentication failed"),), refused=True)
        self.state, self.account = State.AUTHENTICATED, account
        return Reply((status("auth_success", "authenticated"),), admitted=True)

    def _subscribe(self, channels: Iterable[str]) -> Reply:
        confirmed, excess, foreign = list[Status](), 0, False
        for channel in channels:
            topic, _, ticker = channel.partition(".")
            foreign = foreign or topic in _OTHER_PLANS
            if topic not in _TOPICS[self.cluster] or not ticker or channel in self.held:
                continue
            if not self._has_room(topic):
                excess += 1
                continue
            self._hold(channel)
            confirmed.append(status("success", f"subscribed to: {channel}"))
        return Reply((*self._refusals(excess, foreign=foreign), *confirmed))

    def _unsubscribe(self, channels: Iterable[str]) -> Reply:
        released = [channel for channel in dict.fromkeys(channels) if channel in self.held]
        for channel in released:
            del self.held[channel]
            self._quotes -= self._counts(channel)
        self.version += bool(released)
        return Reply(tuple(status("success", f"unsubscribed to: {channel}") for channel in released))

    def _hold(self, channel: str) -> None:
        self.held[channel] = None
        self._quotes += self._counts(channel)
        self.version += 1

    def _has_room(self, topic: str) -> bool:
        return self.cluster != "options" or topic != "Q" or self._quotes < self._quote_contracts

    def _counts(self, channel: str) -> bool:
        return self.cluster == "options" and channel.startswith("Q.")

    def _refusals(self, excess: int, *, foreign: bool) -> list[Status]:
        refusals = [status("error", "not authorized")] if foreign else []
        if excess:
            limit = f"a connection may hold {self._quote_contracts} contracts on Q"
            refusals.append(status("error", f"{limit}; {excess} not subscribed"))
        return refusals


def as_frame(statuses: Iterable[Any]) -> str:
    """Statuses as one frame."""
    return msgspec.json.encode(list(statuses)).decode()
