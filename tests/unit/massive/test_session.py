"""The life of the connection, without a socket."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.massive.actions import (
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
from marketswarm.massive.session import TRANSITIONS, Session, SessionRules, State
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.massive.wire import StatusEvent
from marketswarm.ports import FeedState

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


def ticked(made: Session, now_s: float) -> list:
    """What a tick asks for on a connection whose pings are answered."""
    made.on_heard(now_s)
    return made.on_tick(now_s)


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


def test_states_are_the_words_of_the_port():
    """The states are exactly the words that the port knows, and each has its row of transitions."""
    assert {state.value for state in State} == set(FeedState.__args__)
    assert set(TRANSITIONS) == set(State)


def lost(made):
    """The connection ends."""
    return made.on_lost(1006, "gone", 1.0)


def says(status, message=""):
    """The server says something."""
    return lambda made: made.on_statuses([StatusEvent(status, message)], 1.0)


@pytest.mark.parametrize(
    ("start", "happens", "end"),
    [
        (S.IDLE, lambda s: s.start(1.0), S.CONNECTING),
        (S.IDLE, lambda s: s.on_open(1.0), S.IDLE),
        (S.IDLE, lambda s: s.on_tick(1.0), S.IDLE),
        (S.IDLE, lost, S.IDLE),
        (S.IDLE, lambda s: s.close(1.0), S.CLOSED),
        (S.CONNECTING, lambda s: s.start(1.0), S.CONNECTING),
        (S.CONNECTING, lambda s: s.on_open(1.0), S.AUTHENTICATING),
        (S.CONNECTING, says("auth_success"), S.CONNECTING),
        (S.CONNECTING, lost, S.WAITING),
        (S.CONNECTING, lambda s: s.on_tick(14.9), S.CONNECTING),
        (S.CONNECTING, lambda s: s.on_tick(15.0), S.WAITING),
        (S.CONNECTING, lambda s: s.close(1.0), S.CLOSED),
        (S.AUTHENTICATING, says("connected"), S.AUTHENTICATING),
        (S.AUTHENTICATING, says("success", "authenticated"), S.AUTHENTICATING),
        (S.AUTHENTICATING, says("auth_success"), S.SUBSCRIBING),
        (S.AUTHENTICATING, says("auth_failed"), S.REFUSED),
        (S.AUTHENTICATING, says("auth_timeout"), S.WAITING),
        (S.AUTHENTICATING, says("max_connections"), S.WAITING),
        (S.AUTHENTICATING, lost, S.WAITING),
        (S.AUTHENTICATING, lambda s: s.on_tick(9.9), S.AUTHENTICATING),
        (S.AUTHENTICATING, lambda s: s.on_tick(10.0), S.WAITING),
        (S.AUTHENTICATING, lambda s: s.close(1.0), S.CLOSED),
        (S.SUBSCRIBING, says("success", "subscribed to: Q.A"), S.STREAMING),
        (S.SUBSCRIBING, says("success", "subscribed to: Q.X"), S.SUBSCRIBING),
        (S.SUBSCRIBING, says("error", "not authorized"), S.SUBSCRIBING),
        (S.SUBSCRIBING, says("auth_success"), S.SUBSCRIBING),
        (S.SUBSCRIBING, says("auth_required"), S.WAITING),
        (S.SUBSCRIBING, says("auth_failed"), S.REFUSED),
        (S.SUBSCRIBING, says("max_connections"), S.WAITING),
        (S.SUBSCRIBING, lost, S.WAITING),
        (S.SUBSCRIBING, lambda s: s.close(1.0), S.CLOSED),
        (S.STREAMING, lambda s: s.want("AB", 1.0), S.SUBSCRIBING),
        (S.STREAMING, lambda s: s.want("A", 1.0), S.STREAMING),
        (S.STREAMING, lambda s: s.want("", 1.0), S.IDLE),
        (S.CONNECTING, lambda s: s.want("", 1.0), S.IDLE),
        (S.AUTHENTICATING, lambda s: s.want("", 1.0), S.IDLE),
        (S.SUBSCRIBING, lambda s: s.want("", 1.0), S.IDLE),
        (S.WAITING, lambda s: s.want("", 1.0), S.IDLE),
        (S.REFUSED, lambda s: s.want("", 1.0), S.REFUSED),
        (S.STREAMING, says("max_connections"), S.WAITING),
        (S.STREAMING, says("slow_consumer"), S.WAITING),
        (S.STREAMING, says("force_disconnect"), S.WAITING),
        (S.STREAMING, says("auth_failed"), S.REFUSED),
        (S.STREAMING, says("something_new"), S.STREAMING),
        (S.STREAMING, lost, S.WAITING),
        (S.STREAMING, lambda s: s.on_open(1.0), S.STREAMING),
        (S.STREAMING, lambda s: s.close(1.0), S.CLOSED),
        (S.WAITING, lambda s: s.on_tick(0.4), S.WAITING),
        (S.WAITING, lambda s: s.on_tick(0.5), S.CONNECTING),
        (S.WAITING, lost, S.WAITING),
        (S.WAITING, lambda s: s.on_open(1.0), S.WAITING),
        (S.WAITING, says("auth_success"), S.WAITING),
        (S.WAITING, lambda s: s.want("AB", 1.0), S.WAITING),
        (S.WAITING, lambda s: s.close(1.0), S.CLOSED),
        (S.REFUSED, lambda s: s.on_tick(1e6), S.REFUSED),
        (S.REFUSED, lost, S.REFUSED),
        (S.REFUSED, lambda s: s.start(1.0), S.REFUSED),
        (S.REFUSED, lambda s: s.want("AB", 1.0), S.REFUSED),
        (S.REFUSED, lambda s: s.close(1.0), S.CLOSED),
        (S.CLOSED, lambda s: s.start(1.0), S.CLOSED),
        (S.CLOSED, lambda s: s.on_open(1.0), S.CLOSED),
        (S.CLOSED, lambda s: s.on_tick(1e6), S.CLOSED),
        (S.CLOSED, lost, S.CLOSED),
        (S.CLOSED, lambda s: s.close(1.0), S.CLOSED),
    ],
)
def test_transitions(start, happens, end):
    """What happens in a state leads to exactly one state."""
    made = at(start)

    happens(made)

    assert made.state is end


def test_the_whole_way_up():
    """Connect, send the key on opening, subscribe when it is accepted, stream when all is acknowledged."""
    made = session("A", "B")

    assert made.start(0.0) == [Connect()]
    assert made.on_open(0.1) == [Authenticate()]
    assert made.on_statuses([CONNECTED], 0.2) == []
    assert made.on_statuses([AUTH_SUCCESS], 0.3) == [Up(), subscribe("A", "B")]
    assert made.on_statuses(acks("A"), 0.4) == []
    assert made.on_statuses(acks("B"), 0.5) == [Confirmed()]
    assert made.state is S.STREAMING


def test_acknowledgements_may_come_with_the_greeting():
    """All answers may ride in one frame."""
    made = at(S.AUTHENTICATING, "A")

    assert made.on_statuses([CONNECTED, AUTH_SUCCESS, *acks("A")], 0.0) == [Up(), subscribe("A")]
    assert made.on_statuses(acks("A"), 0.0) == [Confirmed()]


def test_nothing_desired():
    """Without contracts there is no connection, which would only take the place of another process's."""
    made = session()

    assert made.start(0.0) == []
    assert made.want("A", 0.0) == []
    assert made.start(0.1) == [Connect()]


def test_nothing_desired_any_more():
    """The last contract gone: the connection is left, and a new wish opens another one."""
    made = at(S.STREAMING, "A")

    assert made.want("", 1.0) == [Close()]
    assert made.start(2.0) == []
    made.want("B", 3.0)
    assert made.start(3.0) == [Connect()]


def test_wishes_before_the_connection_are_kept():
    """What is wanted before the connection is up is subscribed once it is."""
    made = at(S.CONNECTING, "A")
    assert made.want(["B"], 0.0) == []
    made.on_open(0.0)

    assert made.on_statuses([AUTH_SUCCESS], 0.0) == [Up(), subscribe("B")]


def test_a_changed_wish_is_confirmed_anew():
    """Each change of the desired contracts ends in a confirmation of its own, old ones dropped last."""
    made = at(S.STREAMING, "A")

    assert made.want(["A", "B"], 1.0) == [subscribe("B")]
    assert made.on_statuses(acks("B"), 1.0) == [Confirmed()]
    assert made.want(["B", "C"], 2.0) == [subscribe("C")]
    assert made.on_statuses(acks("C"), 2.0) == [unsubscribe("A"), Confirmed()]
    assert made.want(["C"], 3.0) == [unsubscribe("B"), Confirmed()]
    assert made.want(["C"], 4.0) == []


def test_wishes_that_follow_each_other_quickly():
    """A wish that changes while another is under way is confirmed once, for what is desired last."""
    made = at(S.SUBSCRIBING, "A")
    made.want(["B"], 0.0)

    assert made.on_statuses(acks("A"), 0.0) == []
    assert made.on_statuses(acks("B"), 0.0) == [unsubscribe("A"), Confirmed()]


def test_over_the_budget():
    """What the budget has no room for is not sent; the confirmation says how many are left out."""
    made = at(S.AUTHENTICATING, *"ABCDE")

    assert made.on_statuses([AUTH_SUCCESS], 0.0) == [Up(), subscribe(*"ABC")]
    assert made.on_statuses(acks(*"ABC"), 0.0) == [Confirmed("2 contracts over the budget")]
    assert made.detail == "2 contracts over the budget"


def test_a_silent_server_is_asked_again_and_reported():
    """A key without data on this host stays silent: asked once more, then reported, never confirmed, never a fault."""
    made = at(S.SUBSCRIBING, "A", "B")

    assert made.on_tick(5.0) == [unsubscribe("A", "B"), subscribe("A", "B")]
    assert made.on_tick(10.0) == []
    assert (made.state, made.detail) == (S.SUBSCRIBING, "2 channels unanswered")


def test_partial_silence_is_reported():
    """With some contracts acknowledged the session streams, and says what is missing."""
    made = at(S.SUBSCRIBING, "A", "B")
    made.on_statuses(acks("A"), 0.0)
    made.on_tick(5.0)
    made.on_tick(10.0)

    assert (made.state, made.detail) == (S.STREAMING, "1 channels unanswered")
    assert made.on_statuses(acks("B"), 11.0) == [Confirmed()]


def test_a_refusal_without_a_name():
    """`not authorized` names no channel: when its kind stays silent, that kind is left out of the confirmation."""
    made = Session(SessionRules(SubscriptionRules(kinds=("Q", "T"))), lambda: 1.0)
    made.want(["A"], 0.0)
    made.start(0.0)
    made.on_open(0.0)
    made.on_statuses([AUTH_SUCCESS], 0.0)
    refusal = StatusEvent("error", "not authorized")
    made.on_statuses([refusal, StatusEvent("success", "subscribed to: T.A")], 0.0)
    made.on_tick(5.0)

    assert made.on_tick(10.0) == [Confirmed("Q not in the plan")]
    assert made.subscriptions.refusals == 1


def test_everything_refused_says_so():
    """When all is refused, the detail says that the plan lacks it, and nothing is confirmed."""
    made = at(S.SUBSCRIBING, "A")
    made.on_statuses([StatusEvent("error", "not authorized")], 0.0)
    made.on_tick(5.0)

    assert made.on_tick(10.0) == []
    assert made.detail == "Q not in the plan"


@pytest.mark.parametrize("message", ["authentication failed", "Your plan doesn't include websocket access."])
def test_a_refused_key_or_plan_is_final(message):
    """A refused key or plan ends the session at once, whatever the drop that follows looks like."""
    made = at(S.AUTHENTICATING)

    assert made.on_statuses([StatusEvent("auth_failed", message)], 0.0) == [Close(), Refused(message)]
    assert made.on_lost(None, "dropped", 0.1) == []
    assert made.on_tick(1e9) == []


def test_the_account_is_full():
    """After `max_connections` the next connection waits 60 s and more: at once it would evict, and be evicted, in turns."""
    made = at(S.STREAMING)

    assert made.on_statuses([StatusEvent("max_connections", "limit")], 1.0) == [
        Close(),
        Lost("max_connections: limit"),
    ]
    assert made.on_lost(1008, "", 1.1) == []
    assert made.on_tick(60.9) == []
    assert made.on_tick(61.5) == [Connect()]


def test_a_full_account_is_no_recovery():
    """A capped connection is accepted and then cut: its being up for a moment does not reset the waits."""
    made = at(S.STREAMING)
    waits, now = [], 0.0
    for _ in range(3):
        made.on_statuses([StatusEvent("max_connections")], now)
        waits.append(made._retry_at_s - now)
        now = made._retry_at_s
        made.on_tick(now)
        made.on_open(now)
        made.on_statuses([AUTH_SUCCESS], now)

    assert waits == [60.5, 61.0, 62.0]


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        (1000, "", "closed with 1000"),
        (1000, "bye", "closed with 1000: bye"),
        (1006, "", "closed with 1006"),
        (1008, "", "closed with 1008"),
        (1011, "", "closed with 1011"),
        (None, "", "dropped"),
        (None, "nothing read", "nothing read"),
    ],
)
def test_every_end_is_followed_by_a_new_connection(code, reason, words):
    """No close code is an end for us, 1000 neither: a new connection follows, and everything is subscribed again."""
    made = at(S.STREAMING, "A", "B")

    assert made.on_lost(code, reason, 1.0) == [Lost(words)]
    assert made.on_tick(1.5) == [Connect()]
    assert made.on_open(1.5) == [Authenticate()]
    assert made.on_statuses([AUTH_SUCCESS], 1.5) == [Up(), subscribe("A", "B")]
    assert made.connections == 2


def test_only_what_was_up_can_be_lost():
    """A connection that never came up is no loss: nothing was streaming."""
    made = at(S.CONNECTING)

    assert made.on_lost(None, "refused", 0.0) == []
    assert made.detail == "refused"


def test_waits_double_up_to_the_cap():
    """Failures in a row wait 0.5, 1, 2 … s, at most 30 s."""
    made = session("A")
    made.start(0.0)
    waits, now = [], 0.0
    for _ in range(8):
        made.on_lost(None, "", now)
        waits.append(made._retry_at_s - now)
        now = made._retry_at_s
        assert made.on_tick(now) == [Connect()]

    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize(("up_s", "wait_s"), [(59.9, 2.0), (60.0, 0.5)])
def test_only_health_resets_the_waits(up_s, wait_s):
    """Coming up is not recovery: only a connection that stayed up for 60 s makes the next wait a first one."""
    made = at(S.CONNECTING)
    made.on_lost(None, "", 0.0)
    made.on_tick(100.0)
    made.on_lost(None, "", 100.0)
    made.on_tick(200.0)
    made.on_open(200.0)
    made.on_statuses([AUTH_SUCCESS], 200.0)
    made.on_lost(None, "", 200.0 + up_s)

    assert made._retry_at_s - 200.0 - up_s == pytest.approx(wait_s)


def test_waits_are_jittered():
    """A wait is anything between nothing and its longest."""
    made = session("A", random=lambda: 0.0)
    made.start(0.0)
    made.on_lost(None, "", 0.0)

    assert made.on_tick(0.0) == [Connect()]


@pytest.mark.parametrize("state", [S.SUBSCRIBING, S.STREAMING])
def test_pings(state):
    """A ping goes out every 20 s; whatever arrives is an answer; a quiet market is no fault."""
    made = at(state)
    made.on_statuses(acks("A"), 0.0)

    for now in (20.0, 40.0, 60.0):
        assert made.on_tick(now - 0.1) == []
        assert made.on_tick(now) == [Ping()]
        made.on_heard(now + 1.0)


def test_a_ping_that_nothing_answers():
    """When nothing at all follows a ping for 20 s, the connection is dead, though nobody closed it."""
    made = at(S.STREAMING)
    made.on_tick(20.0)

    assert made.on_tick(39.9) == []
    assert made.on_tick(40.0) == [Close(), Lost("nothing answered a ping")]


def test_a_late_look_at_the_clock_is_no_dead_connection():
    """When the owner was away for long, the session asks first before it takes the connection for dead."""
    made = at(S.STREAMING)

    assert made.on_tick(500.0) == [Ping()]
    made.on_heard(500.1)
    assert made.on_tick(519.0) == []


def lively(made: Session, until_s: float, pause_s: float = 0.1) -> Session:
    """A streaming session that expects data, and has heard some every so often until then."""
    made.expect_data(True, 0.0)
    for n in range(round(until_s / pause_s) + 1):
        made.on_heard(n * pause_s)
        made.on_data(n * pause_s)
    return made


def test_a_connection_that_lives_and_brings_nothing_is_replaced():
    """Pings are answered, and nothing else comes for six seconds while the market is open: another connection is made."""
    made = lively(at(S.STREAMING), 18.0)

    for after_s in range(1, 6):
        made.on_heard(18.0 + after_s)
        assert Close() not in made.on_tick(18.0 + after_s)
    assert made.on_tick(24.0) == [Close(), Lost("silent while the market is open")]
    assert made.state is S.WAITING


def test_a_closed_market_is_no_mute_connection():
    """Over a weekend nothing comes, and nothing is replaced; the six seconds begin again when the market opens."""
    made = lively(at(S.STREAMING), 18.0)
    made.expect_data(False, 19.0)
    opens_s = 18.0 + 64 * 3600
    now_s = 19.0
    while now_s < opens_s:
        made.on_heard(now_s)
        assert Close() not in made.on_tick(now_s)
        now_s += 20.0

    made.expect_data(True, opens_s)
    made.on_heard(opens_s + 5.9)
    assert Close() not in made.on_tick(opens_s + 5.9)
    assert Close() in made.on_tick(opens_s + 6.0)


def test_a_quiet_market_is_no_mute_connection():
    """Where something comes every five seconds, a pause of a minute explains itself, and one of two minutes does not."""
    made = lively(at(S.STREAMING), 600.0, pause_s=5.0)

    made.on_heard(660.0)
    assert Close() not in made.on_tick(660.0)
    made.on_heard(720.0)
    assert Close() in made.on_tick(720.0)


def test_a_connection_that_stays_mute_is_not_replaced_in_a_hurry():
    """Each replacement waits longer, and is heard out for six seconds again."""
    made, now_s, began_s = lively(at(S.STREAMING), 18.0), 18.0, []
    while now_s < 200.0:
        now_s = round(now_s + 0.1, 1)
        made.on_heard(now_s)
        if Connect() in made.on_tick(now_s):
            began_s.append(now_s)
            made.on_open(now_s)
            made.on_statuses([CONNECTED, AUTH_SUCCESS], now_s)
            made.on_statuses(acks("A"), now_s)

    pauses = [after - before for before, after in itertools.pairwise(began_s)]
    assert pauses == sorted(pauses)
    assert 6.0 <= pauses[0] <= 8.0
    assert 35.0 <= pauses[-1] <= 37.0


@pytest.mark.parametrize(
    ("state", "after_s", "why"),
    [(S.CONNECTING, 15.0, "no connection in time"), (S.AUTHENTICATING, 10.0, "no answer to the key in time")],
)
def test_time_outs_on_the_way_up(state, after_s, why):
    """A connection that does not open, and a key without an answer, are given up."""
    made = at(state)

    assert made.on_tick(after_s) == [Close()]
    assert (made.state, made.detail) == (S.WAITING, why)


@pytest.mark.parametrize("state", [S.CONNECTING, S.AUTHENTICATING, S.SUBSCRIBING, S.STREAMING])
def test_closing_a_connection(state):
    """Closing ends a connection, open or opening, once."""
    made = at(state)

    assert made.close(1.0) == [Close()]
    assert made.close(2.0) == []
    assert made.subscriptions.confirmed == 0


@pytest.mark.parametrize("state", [S.IDLE, S.WAITING, S.REFUSED])
def test_closing_without_a_connection(state):
    """Without a connection there is nothing to close."""
    assert at(state).close(1.0) == []


EVENTS = st.one_of(
    st.tuples(st.just("start")),
    st.tuples(st.just("want"), st.sets(st.sampled_from("ABCDE")).map(sorted)),
    st.tuples(st.just("on_open")),
    st.tuples(st.just("on_lost"), st.sampled_from([None, 1000, 1008]), st.just("")),
    st.tuples(st.just("on_tick")),
    st.tuples(st.just("on_data")),
    st.tuples(st.just("expect_data"), st.booleans()),
    st.tuples(
        st.just("on_statuses"),
        st.lists(
            st.builds(
                StatusEvent,
                st.sampled_from(
                    [
                        "connected",
                        "auth_success",
                        "auth_failed",
                        "max_connections",
                        "success",
                        "error",
                        "slow_consumer",
                        "?",
                    ]
                ),
                st.sampled_from(["", "subscribed to: Q.A", "subscribed to: Q.B", "unsubscribed to: Q.A"]),
            ),
            max_size=4,
        ),
    ),
    st.tuples(st.just("close")),
)


@given(st.lists(st.tuples(EVENTS, st.floats(0, 70)), max_size=40))
def test_no_order_of_events_breaks_it(events):
    """Under any order of events every change of state is one of the table, and only an open connection is sent to."""
    made, now, is_linked = Session(RULES, lambda: 0.5), 0.0, False
    for (name, *arguments), passed in events:
        now += passed
        before = made.state
        for action in getattr(made, name)(*arguments, now) or []:
            if isinstance(action, Connect):
                assert not is_linked
                is_linked = True
            if isinstance(action, (Send, Ping, Authenticate)):
                assert is_linked
            if isinstance(action, (Close, Refused)):
                is_linked = False
        if name == "on_lost":
            is_linked = False
        if before in (S.REFUSED, S.CLOSED):
            assert made.state in (before, S.CLOSED)
        assert made.subscriptions.confirmed <= 3


def test_a_silent_contract_is_asked_for_again_and_holds_nobody_up():
    """What stayed silent twice is left out of the confirmation, asked for later each time, and confirmed when it answers."""
    made = at(S.SUBSCRIBING, "A", "B")
    made.on_statuses(acks("A"), 0.0)
    made.on_tick(5.0)

    assert made.on_tick(10.0) == [Confirmed("1 channels unanswered")]
    assert made.subscriptions.confirmed_tickers() == {"A"}
    again = [unsubscribe("B"), subscribe("B")]
    asked_s = [s for s in range(11, 200) for action in ticked(made, s) if action == again[1]]

    assert asked_s == [20, 40, 80, 140]
    assert made.on_statuses(acks("B"), 201.0) == [Confirmed()]
    assert made.subscriptions.confirmed_tickers() == {"A", "B"}
