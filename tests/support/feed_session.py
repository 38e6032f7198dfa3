"""A session of the live connection without a socket, brought to any state, and what is said on it."""

import itertools
import json

from marketswarm.massive.actions import Send
from marketswarm.massive.session import Session, SessionRules, State
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.massive.wire import StatusEvent

S = State
RULES = SessionRules(SubscriptionRules(kinds=("Q",), budget=3, ack_timeout_s=5.0))
CONNECTED = StatusEvent("connected", "Connected Successfully")
AUTH_SUCCESS = StatusEvent("auth_success", "authenticated")


def acks(*tickers: str) -> list[StatusEvent]:
    """Acknowledgements of the quotes of these contracts."""
    return [StatusEvent("success", f"subscribed to: Q.{ticker}") for ticker in tickers]


def subscribe(*tickers: str) -> Send:
    """The message that asks for the quotes of these contracts."""
    return Send(
        json.dumps(
            {"action": "subscribe", "params": ",".join(f"Q.{t}" for t in tickers)}, separators=(",", ":")
        )
    )


def unsubscribe(*tickers: str) -> Send:
    """The message that drops the quotes of these contracts."""
    return Send(subscribe(*tickers).text.replace("subscribe", "unsubscribe", 1))


def session(*tickers: str, random=lambda: 1.0) -> Session:
    """A session with the longest waits that desires these contracts."""
    made = Session(RULES, random)
    made.want(tickers, 0.0)
    return made


def at(state: State, *tickers: str) -> Session:
    """A session that has come to a state at time 0, in the usual way."""
    made = session(*(tickers or "A"))
    steps = {
        S.IDLE: [],
        S.CONNECTING: [lambda: made.start(0.0)],
        S.AUTHENTICATING: [lambda: made.on_open(0.0)],
        S.SUBSCRIBING: [lambda: made.on_statuses([CONNECTED, AUTH_SUCCESS], 0.0)],
        S.STREAMING: [lambda: made.on_statuses(acks(*(tickers or "A")), 0.0)],
    }
    ends = {
        S.WAITING: lambda: made.on_lost(None, "", 0.0),
        S.REFUSED: lambda: made.on_statuses([StatusEvent("auth_failed", "no")], 0.0),
        S.CLOSED: lambda: made.close(0.0),
    }
    path = list(itertools.chain.from_iterable(steps.values()))
    on_the_way = list(steps)
    count = on_the_way.index(state) if state in steps else 2 if state in (S.WAITING, S.REFUSED) else 0
    for step in path[:count]:
        step()
    if state in ends:
        ends[state]()
    assert made.state is state
    return made
