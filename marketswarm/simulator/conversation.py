"""What a WebSocket connection says in answer to its client: a state machine without a socket.

It is silent where the vendor is silent: on topics it does not know, on what is held already, on what was never held. A
ticker that does not exist is confirmed and stays quiet for ever. A key whose data is delayed is authenticated on the
real-time base as well, and hears nothing there.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from marketswarm.simulator.plans import ASSET_CLASSES, AssetClass
from marketswarm.simulator.switches import Switches
from marketswarm.simulator.terms import Terms

CLUSTERS = ASSET_CLASSES
# What each cluster knows; a topic that a plan lacks is refused, any other is not answered.
_TOPICS: dict[AssetClass, tuple[str, ...]] = {
    "options": ("Q", "T", "A", "AM", "FMV", "LV"),
    "indices": ("V", "A", "AM"),
    "stocks": ("Q", "T", "A", "AM", "LULD", "NOI", "FMV", "LV"),
}

Base = Literal["", "delayed", "business"]
Status = dict[str, str]


class State(enum.Enum):
    """How far a connection has come."""

    CONNECTED = "connected"
    AUTHENTICATED = "authenticated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send, whether the account was admitted or refused by this message, and a code to close with."""

    statuses: tuple[Status, ...] = ()
    admitted: bool = False
    refused: bool = False
    close: int | None = None


def status(word: str, message: str) -> Status:
    """One status event."""
    return {"ev": "status", "status": word, "message": message}


CONNECTED = status("connected", "Connected Successfully")
MAX_CONNECTIONS = status(
    "max_connections",
    "Maximum number of websocket connections exceeded. You have reached the connection limit for your account. "
    "Please contact support at https://polygon.io/contact to increase your limit.",
)
_NO_ACCESS = "Your plan doesn't include websocket access. Visit https://massive.com/pricing to upgrade."
_CUT_OFF = 1008


def slow_consumer(switches: Switches) -> Status:
    """The last word to a reader that is too slow."""
    return status("slow_consumer", switches.slow_consumer_text)


def auth_timeout(switches: Switches) -> Status:
    """The last word to a client that does not authenticate."""
    return status("auth_timeout", switches.auth_timeout_text)


class Conversation:
    """One connection's side of the talk.

    Args:
        account_of: key → account, or None for a key that is not accepted.
        quote_contracts: most contracts that may be held on the `Q` channel.
        terms: the account's plans, and the switches.
        base: which of the vendor's hosts the client came to: real time, delayed, or business.

    Attributes:
        held: channels such as `Q.O:SPY261123C00680000`, in the order they came.
        version: grows when `held` changes.
    """

    def __init__(
        self,
        cluster: AssetClass,
        account_of: Callable[[str], str | None],
        quote_contracts: int,
        terms: Terms | None = None,
        base: Base = "",
    ) -> None:
        self.cluster = cluster
        self.terms = terms or Terms()
        self._plan, self._switches = self.terms.plans.of(cluster), self.terms.switches
        self._base = base
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
            told = self._switches.bad_message == "error"
            return Reply((status("error", "invalid message"),) if told else ())
        return self._act(action, parameters)

    def _act(self, action: str, parameters: str) -> Reply:
        if action == "auth":
            return self._authenticate(parameters.strip())
        if self.state is not State.AUTHENTICATED:
            return Reply((status("auth_required", self._switches.auth_required_text),))
        if self._is_silent:
            return Reply()
        channels = [channel.strip() for channel in parameters.split(",")]
        return self._subscribe(channels) if action == "subscribe" else self._unsubscribe(channels)

    def _authenticate(self, key: str) -> Reply:
        if self.state is State.AUTHENTICATED:
            return Reply((status("auth_success", "authenticated"),))
        account = self._account_of(key)
        if account is None:
            return self._refuse("authentication failed")
        if not self._has_access:
            return self._refuse(_NO_ACCESS)
        self.state, self.account = State.AUTHENTICATED, account
        return Reply((status("auth_success", "authenticated"),), admitted=True)

    @property
    def _has_access(self) -> bool:
        """Whether the plan has WebSocket access on this base: real-time data is not served below `/delayed`."""
        if self._base == "delayed":
            return self._plan.is_delayed
        if self._base == "business":
            return self._plan.name == "business"
        return bool(self._plan.topics)

    @property
    def _is_silent(self) -> bool:
        return self._base == "" and self._plan.is_delayed

    def _refuse(self, why: str) -> Reply:
        self.state = State.REFUSED
        return Reply((status("auth_failed", why),), refused=True)

    def _subscribe(self, channels: Iterable[str]) -> Reply:
        confirmed, excess, foreign = list[Status](), 0, False
        for channel in channels:
            topic, _, ticker = channel.partition(".")
            if topic not in _TOPICS[self.cluster] or not ticker or channel in self.held:
                continue
            if not self._may_hold(topic, ticker):
                foreign = True
            elif not self._has_room(topic):
                excess += 1
            else:
                self._hold(channel)
                confirmed.append(status("success", f"subscribed to: {channel}"))
        statuses = (*self._refusals(excess, foreign=foreign), *confirmed)
        is_cut_off = excess > 0 and self._switches.quote_excess == "close"
        return Reply(statuses, close=_CUT_OFF if is_cut_off else None)

    def _may_hold(self, topic: str, ticker: str) -> bool:
        if self.cluster == "options" and topic == "Q":
            if ticker == "*" and self._switches.quote_wildcard == "refused":
                return False
            if self._plan.is_delayed and self._switches.delayed_quotes == "given":
                return True
        return topic in self._plan.topics

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
        if excess and self._switches.quote_excess != "silent":
            limit = f"a connection may hold {self._quote_contracts} contracts on Q"
            refusals.append(status("error", f"{limit}; {excess} not subscribed"))
        return refusals


def as_frame(statuses: Iterable[Any]) -> str:
    """Statuses as one frame."""
    return msgspec.json.encode(list(statuses)).decode()
