"""The live feed: joins socket, session and decoder behind `ports.MarketFeed`."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from marketswarm.clock import Clock
from marketswarm.massive import actions
from marketswarm.massive.actions import Action, Notice
from marketswarm.massive.decode import decode_frame
from marketswarm.massive.inbox import Arrival, Ended, Frame, Inbox, InboxSize, Opened
from marketswarm.massive.secret import hide
from marketswarm.massive.session import Session, SessionRules, State
from marketswarm.massive.socket import FeedSocket
from marketswarm.model.contract import Section
from marketswarm.ports import BadFrames, FeedFrame, FeedNotice, FeedStatus, FeedTap

_CLUSTER = "/options"
_SECTIONS: dict[str, Section] = {"Q": "quote", "T": "trade", "A": "day"}
_SLICE_S = 0.05  # the session's waits, and a stop, are noticed this late at most
_SAMPLES_A_REASON = 5
_SAMPLE_LENGTH = 500


class UpstreamSocket(Protocol):
    """What a feed asks of its socket; what arrives on it is in the inbox, under the number of its connection."""

    @property
    def current(self) -> int | None:
        """The number of the connection that counts; None when there is none."""
        ...

    def open(self) -> None:
        """Begin a new connection; the one before is given up."""
        ...

    def send(self, text: str) -> None:
        """Send a text frame."""
        ...

    def ping(self) -> None:
        """Send a ping."""
        ...

    def close(self) -> None:
        """Leave the connection, open or not."""
        ...

    def shut(self) -> None:
        """Leave the connection for good."""
        ...


Dial = Callable[[str, Inbox, Clock], UpstreamSocket]
"""Makes the socket of an address, which puts what arrives into the inbox."""


class MassiveFeed:
    """One WebSocket to the vendor's options cluster: all of `MarketFeed` but leave for more connections (`sharded.py`).

    Connecting begins with the first `poll` after something is wanted, and ends when nothing is. The connection is opened and read in a thread of its own; only a send may
    block, for as long as `waits.io_s`, when the server no longer reads. Neither a notice, a status nor a sample holds the key.

    Args:
        ws_base: where the WebSocket is; the cluster is appended.
        api_key: the vendor's key.
        clock: measures.
        random: gives numbers in [0, 1), for the waits between connections.
        rules: kinds of channel, budget and waits.
        inbox: what waits between reader and `poll`.
        dial: makes the socket.
        tap: told of what arrives.
    """

    def __init__(
        self,
        ws_base: str,
        api_key: str,
        *,
        clock: Clock,
        random: Callable[[], float],
        rules: SessionRules | None = None,
        inbox: Inbox | None = None,
        dial: Dial = FeedSocket,
        tap: FeedTap | None = None,
    ) -> None:
        self._key = api_key
        self._tap = tap
        self._clock = clock
        self._inbox = Inbox(InboxSize()) if inbox is None else inbox  # an empty one is false
        self._socket = dial(ws_base.rstrip("/") + _CLUSTER, self._inbox, clock)
        self._session = Session(rules or SessionRules(), random)
        self._stopping = threading.Event()
        self._out: list[FeedFrame | FeedNotice] = []
        self._bad_counts: Counter[str] = Counter()
        self._bad_samples: list[tuple[str, str]] = []
        self._frames = 0
        self._updates = 0
        self._last_frame_s: float | None = None

    def want(self, tickers: Collection[str]) -> None:
        """Replace the set of contracts to stream. New ones are subscribed before others are dropped.

        When there are more than the budget allows, the earlier ones in the collection's order are served.
        """
        self._perform(self._session.want(tickers, self._clock.monotonic_s()))

    def expect_data(self, expected: bool) -> None:
        """Whether the market is open: then a connection that brings nothing for longer than its pace explains is replaced."""
        self._session.expect_data(expected, self._clock.monotonic_s())

    def poll(self, timeout_s: float) -> list[FeedFrame | FeedNotice]:
        """Wait for at most that long for something, then return all there is, in order."""
        deadline_s = self._clock.monotonic_s() + timeout_s
        wait_s = 0.0
        while True:
            self._advance(wait_s)
            left_s = deadline_s - self._clock.monotonic_s()
            if self._out or left_s <= 0 or self._stopping.is_set():
                out, self._out = self._out, []
                return out
            wait_s = min(_SLICE_S, left_s)

    def confirmed(self) -> AbstractSet[str]:
        """The wanted contracts that are acknowledged on every channel which the plan does not refuse."""
        return self._session.subscriptions.confirmed_tickers()

    def status(self) -> FeedStatus:
        """What the feed says of itself now."""
        account = self._session.subscriptions
        state = State.CLOSED if self._stopping.is_set() else self._session.state
        return FeedStatus(
            state=state.value,
            desired=account.desired,
            confirmed=account.confirmed,
            over_budget=account.over_budget,
            frames=self._frames,
            updates=self._updates,
            reconnects=max(0, self._session.connections - 1),
            queued_frames=len(self._inbox),
            last_frame_s=self._last_frame_s,
            detail=hide(self._session.detail, self._key),
            not_streamed=tuple(name for kind, name in _SECTIONS.items() if not account.streams(kind)),
        )

    @property
    def missing_kinds(self) -> tuple[str, ...]:
        """Kinds of channel that are not asked for, or that the plan refused on this connection."""
        return tuple(kind for kind in _SECTIONS if not self._session.subscriptions.streams(kind))

    @property
    def is_mute(self) -> bool:
        """Whether the server took the key, and then answered nothing at all that it was asked."""
        return self._session.subscriptions.is_mute

    def queued_frames(self) -> int:
        """How many frames wait between reader and `poll`."""
        return len(self._inbox)

    def take_bad_frames(self) -> BadFrames:
        """What could not be used since the last call, with at most five samples of each reason."""
        bad = BadFrames(dict(self._bad_counts), self._bad_samples)
        self._bad_counts, self._bad_samples = Counter(), []
        return bad

    def stop(self) -> None:
        """Close the connection and end the reader thread. May be called from any thread, and twice."""
        self._stopping.set()
        self._socket.shut()

    def _advance(self, wait_s: float) -> None:
        if self._stopping.is_set():
            self._perform(self._session.close(self._clock.monotonic_s()))
            return
        self._perform(self._session.start(self._clock.monotonic_s()))
        arrivals = self._inbox.take(wait_s)
        now_s, updates = self._clock.monotonic_s(), self._updates
        if arrivals and self._tap is not None and self._tap.is_on:
            current = self._socket.current
            self._tap.arrived([arrival for arrival in arrivals if arrival.link == current])
        for arrival in arrivals:
            if arrival.link == self._socket.current:
                self._session.on_heard(now_s)
                self._on_arrival(arrival, now_s)
        if self._updates != updates:
            self._session.on_data(now_s)
        self._perform(self._session.on_tick(now_s))

    def _on_arrival(self, arrival: Arrival, now_s: float) -> None:
        if isinstance(arrival, Frame):
            self._on_frame(arrival, now_s)
        elif isinstance(arrival, Opened):
            self._perform(self._session.on_open(now_s))
        elif isinstance(arrival, Ended):
            self._perform(self._session.on_lost(arrival.code, arrival.reason, now_s))

    def _on_frame(self, frame: Frame, now_s: float) -> None:
        decoded = decode_frame(frame.raw)
        self._frames += 1
        self._last_frame_s = frame.arrived_s
        if decoded.updates:
            self._updates += len(decoded.updates)
            self._out.append(FeedFrame(frame.arrived_s, decoded.updates))
        if decoded.bad is not None:
            self._keep_bad(decoded.bad)
        if decoded.statuses:
            self._perform(self._session.on_statuses(decoded.statuses, now_s))

    def _perform(self, asked: Sequence[Action]) -> None:
        for action in asked:
            match action:
                case actions.Connect():
                    self._socket.open()
                case actions.Authenticate():
                    self._socket.send(json.dumps({"action": "auth", "params": self._key}))
                case actions.Send(text):
                    self._socket.send(text)
                case actions.Ping():
                    self._socket.ping()
                case actions.Close():
                    self._socket.close()
                case actions.Up() | actions.Confirmed() | actions.Lost() | actions.Refused():
                    self._out.append(self._notice(action))

    def _notice(self, said: Notice) -> FeedNotice:
        match said:
            case actions.Up():
                return FeedNotice("up")
            case actions.Confirmed(reason):
                return FeedNotice("confirmed", hide(reason, self._key))
            case actions.Lost(reason):
                return FeedNotice("lost", hide(reason, self._key))
            case actions.Refused(reason):
                return FeedNotice("refused", hide(reason, self._key))

    def _keep_bad(self, bad: BadFrames) -> None:
        self._bad_counts.update(bad.counts)
        for reason, sample in bad.samples:
            if sum(kept == reason for kept, _ in self._bad_samples) < _SAMPLES_A_REASON:
                self._bad_samples.append((reason, hide(sample, self._key)[:_SAMPLE_LENGTH]))
