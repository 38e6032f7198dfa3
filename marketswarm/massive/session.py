"""The life of the connection, without a socket: what happened goes in with its time, what to do comes out. Pure.

The key never passes through here: `Authenticate` says that it is to be sent, and whoever owns the socket sends it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum

from marketswarm.massive.actions import (
    Action,
    Authenticate,
    Close,
    Confirmed,
    Connect,
    Lost,
    Ping,
    Refused,
    Send,
    Up,
)
from marketswarm.massive.backoff import Backoff
from marketswarm.massive.subscriptions import SubscriptionRules, Subscriptions
from marketswarm.massive.wire import StatusEvent
from marketswarm.maths.pulse import Pulse


class State(Enum):
    """Where the connection stands. The values are the words of `ports.FeedState`."""

    IDLE = "idle"
    CONNECTING = "connecting"
    AUTHENTICATING = "authenticating"
    SUBSCRIBING = "subscribing"
    STREAMING = "streaming"
    WAITING = "waiting"
    REFUSED = "refused"
    CLOSED = "closed"


S = State
TRANSITIONS: dict[State, frozenset[State]] = {
    S.IDLE: frozenset({S.CONNECTING, S.CLOSED}),
    S.CONNECTING: frozenset({S.AUTHENTICATING, S.WAITING, S.IDLE, S.CLOSED}),
    S.AUTHENTICATING: frozenset({S.SUBSCRIBING, S.WAITING, S.REFUSED, S.IDLE, S.CLOSED}),
    S.SUBSCRIBING: frozenset({S.STREAMING, S.WAITING, S.REFUSED, S.IDLE, S.CLOSED}),
    S.STREAMING: frozenset({S.SUBSCRIBING, S.WAITING, S.REFUSED, S.IDLE, S.CLOSED}),
    S.WAITING: frozenset({S.CONNECTING, S.IDLE, S.CLOSED}),
    S.REFUSED: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
}
_UP = frozenset({S.SUBSCRIBING, S.STREAMING})
_OPEN = _UP | {S.AUTHENTICATING}
_LINKED = _OPEN | {S.CONNECTING}


@dataclass(frozen=True, slots=True)
class SessionRules:
    """All waits of a session, in seconds.

    Attributes:
        subscriptions: what a connection allows.
        connect_s: opening may take that long.
        auth_s: the answer to the key may take that long.
        ping_every_s: between two pings.
        pong_within_s: a ping that nothing answers for that long means a dead connection. Any frame is an answer: a
            quiet market is no fault.
        mute_s: a connection that lives and brings no data for that long, and for longer than its own pace explains, is
            replaced while data is expected.
        healthy_s: a connection that was up for that long makes the next wait a first one again.
        crowded_s: the least wait after the account's limit of connections was met: another client holds the place.
        backoff: waits between connections.
    """

    subscriptions: SubscriptionRules = field(default_factory=SubscriptionRules)
    connect_s: float = 15.0
    auth_s: float = 10.0
    ping_every_s: float = 20.0
    pong_within_s: float = 20.0
    mute_s: float = 6.0
    healthy_s: float = 60.0
    crowded_s: float = 60.0
    backoff: Backoff = field(default_factory=Backoff)


class Session:
    """One upstream connection and all its successors. Times are monotonic seconds and never go back.

    There is a connection only while contracts are desired: the account allows few, and one that streams nothing would take
    the place of another process's.

    Args:
        rules: the waits and limits.
        random: gives numbers in [0, 1), for the waits between connections.
    """

    def __init__(self, rules: SessionRules, random: Callable[[], float]) -> None:
        self._rules = rules
        self._random = random
        self.subscriptions = Subscriptions(rules.subscriptions)
        self.state = State.IDLE
        self.connections = 0
        self.detail = ""
        self._last_error = ""
        self._entered_s = 0.0
        self._retry_at_s = 0.0
        self._up_since_s: float | None = None
        self._failures = 0
        self._pinged_s = 0.0
        self._heard_s = 0.0
        self._announced = False
        self._expected_since_s: float | None = None
        self._pulse: Pulse | None = None

    def start(self, now_s: float) -> list[Action]:
        """Begin, if there is something to stream and nothing has begun yet."""
        return self._connect(now_s) if self.state is S.IDLE and self.subscriptions.desired else []

    def want(self, tickers: Collection[str], now_s: float) -> list[Action]:
        """Replace the contracts to stream."""
        if not self.subscriptions.want(tickers):
            return []
        self._announced = False
        if not self.subscriptions.desired:
            return self._rest(now_s)
        return self._reconcile(now_s) if self.state in _UP else []

    def on_open(self, now_s: float) -> list[Action]:
        """The connection is open: the key goes first, the server's greeting need not be awaited."""
        if self.state is not S.CONNECTING:
            return []
        self._enter(S.AUTHENTICATING, now_s)
        self._heard_s = self._pinged_s = now_s
        return [Authenticate()]

    def on_heard(self, now_s: float) -> None:
        """Something arrived, whatever it was."""
        self._heard_s = now_s

    def on_data(self, now_s: float) -> None:
        """Data arrived that could be read."""
        self._pulse = self._pulse or Pulse(now_s)
        self._pulse.hear(now_s)

    def expect_data(self, expected: bool, now_s: float) -> None:
        """Whether the market is open, so that silence says something."""
        if not expected:
            self._expected_since_s = None
        elif self._expected_since_s is None:
            self._expected_since_s = now_s

    def on_statuses(self, statuses: Sequence[StatusEvent], now_s: float) -> list[Action]:
        """Take what the server says of the connection and its channels, in order."""
        actions: list[Action] = []
        for status in statuses:
            if self.state in _OPEN:
                actions += self._on_status(status, now_s)
        if self.state in _UP and not self.subscriptions.is_waiting:
            actions += self._reconcile(now_s)
        return actions

    def on_lost(self, code: int | None, reason: str, now_s: float) -> list[Action]:
        """The connection ended, or could not be opened. No code is an end for good, 1000 least of all."""
        if self.state not in _LINKED:
            return []
        words = [f"closed with {code}"] if code is not None else []
        return self._retreat(": ".join([*words, reason]).removesuffix(": ") or "dropped", now_s)

    def on_tick(self, now_s: float) -> list[Action]:
        """Let time pass. To be called often enough for the shortest wait that matters."""
        if self.state is S.WAITING and now_s >= self._retry_at_s:
            return self._connect(now_s)
        if self.state is S.CONNECTING and now_s - self._entered_s >= self._rules.connect_s:
            return [Close(), *self._retreat("no connection in time", now_s)]
        if self.state is S.AUTHENTICATING and now_s - self._entered_s >= self._rules.auth_s:
            return [Close(), *self._retreat("no answer to the key in time", now_s)]
        return self._on_tick_up(now_s) if self.state in _UP else []

    def close(self, now_s: float) -> list[Action]:
        """End for good. Harmless when it was done before."""
        if self.state is S.CLOSED:
            return []
        was_linked = self.state in _LINKED
        self._enter(S.CLOSED, now_s)
        self.subscriptions.reset()
        return [Close()] if was_linked else []

    def _enter(self, state: State, now_s: float) -> None:
        assert state in TRANSITIONS[self.state], f"no way from {self.state.value} to {state.value}"
        self.state = state
        self._entered_s = now_s

    def _connect(self, now_s: float) -> list[Action]:
        self._enter(S.CONNECTING, now_s)
        self.connections += 1
        return [Connect()]

    def _on_status(self, status: StatusEvent, now_s: float) -> list[Action]:
        match status.status:
            case "auth_success" if self.state is S.AUTHENTICATING:
                return self._come_up(now_s)
            case "auth_failed":
                return self._refuse(status.message or "authentication failed", now_s)
            case "max_connections":
                return [
                    Close(),
                    *self._retreat(f"max_connections: {status.message}", now_s, self._rules.crowded_s),
                ]
            case "auth_timeout" | "auth_required" | "slow_consumer" | "force_disconnect" as fault:
                return [Close(), *self._retreat(f"{fault}: {status.message}", now_s)]
            case "success":
                self.subscriptions.on_success(status.message)
            case "error":
                self._last_error = status.message or "error"
                self.subscriptions.on_refusal()
        return []

    def _come_up(self, now_s: float) -> list[Action]:
        self._enter(S.SUBSCRIBING, now_s)
        self._up_since_s = now_s
        self._announced = False
        self.detail = self._last_error = ""
        self.subscriptions.reset()
        return [Up()]

    def _reconcile(self, now_s: float) -> list[Action]:
        """Ask for what is missing, drop what is not needed, and say so once nothing is awaited any more."""
        actions: list[Action] = [Send(text) for text in self.subscriptions.plan(now_s)]
        goal = S.STREAMING if self.subscriptions.is_served else S.SUBSCRIBING
        if self.state is not goal:
            self._enter(goal, now_s)
        if not self.subscriptions.is_waiting and not self._announced:
            actions += self._settle()
        return actions

    def _settle(self) -> list[Action]:
        account = self.subscriptions
        self._announced = account.is_complete
        left_out = [f"{kind} not in the plan" for kind in account.refused_kinds]
        if account.unanswered:
            said = f", the server said: {self._last_error}" if self._last_error else ""
            left_out.append(f"{account.unanswered} channels unanswered{said}")
        if account.over_budget:
            left_out.append(f"{account.over_budget} contracts over the budget")
        self.detail = "; ".join(left_out)
        return [Confirmed(self.detail)] if account.is_served and account.desired else []

    def _on_tick_up(self, now_s: float) -> list[Action]:
        waited_s = now_s - self._pinged_s
        is_unanswered = self._heard_s < self._pinged_s
        if is_unanswered and waited_s >= self._rules.pong_within_s:
            return [Close(), *self._retreat("nothing answered a ping", now_s)]
        if self._is_mute(now_s):
            return [Close(), *self._retreat("silent while the market is open", now_s)]
        actions: list[Action] = []
        if not is_unanswered and waited_s >= self._rules.ping_every_s:
            self._pinged_s = now_s
            actions.append(Ping())
        if self.subscriptions.is_waiting:
            actions += [Send(text) for text in self.subscriptions.on_time(now_s)]
            if not self.subscriptions.is_waiting:
                actions += self._reconcile(now_s)
        return actions + [Send(text) for text in self.subscriptions.on_silence(now_s)]

    def _is_mute(self, now_s: float) -> bool:
        """Whether it is subscribed and brings nothing. One that never brought anything has no pace: it is given two minutes."""
        if self.state is not S.STREAMING or self._expected_since_s is None:
            return False
        self._pulse = self._pulse or Pulse(now_s)
        since_s = max(self._entered_s, self._expected_since_s)
        silence_s = now_s - max(self._pulse.last_s, since_s)
        return silence_s >= self._rules.mute_s and self._pulse.is_silent(now_s, since_s)

    def _rest(self, now_s: float) -> list[Action]:
        """Nothing is desired any more: leave the connection to others."""
        if self.state not in _LINKED and self.state is not S.WAITING:
            return []
        was_linked = self.state in _LINKED
        self._enter(S.IDLE, now_s)
        self._up_since_s = None
        self.subscriptions.reset()
        return [Close()] if was_linked else []

    def _refuse(self, reason: str, now_s: float) -> list[Action]:
        """The server drops such a connection without a word; whatever the drop looks like, the answer stands."""
        self._enter(S.REFUSED, now_s)
        self.detail = reason
        return [Close(), Refused(reason)]

    def _retreat(self, reason: str, now_s: float, at_least_s: float = 0.0) -> list[Action]:
        was_up = self._up_since_s is not None
        if self._up_since_s is not None and now_s - self._up_since_s >= self._rules.healthy_s:
            self._failures = 0
        wait_s = at_least_s + self._rules.backoff.wait_s(self._failures, self._random)
        self._failures += 1
        self._up_since_s = None
        self._retry_at_s = now_s + wait_s
        self._enter(S.WAITING, now_s)
        self.subscriptions.reset()
        self.detail = reason
        return [Lost(reason)] if was_up else []
