"""What a session subscribes of what is wanted, and what it confirms or reports when answers are missing."""

from marketswarm.massive.actions import Close, Confirmed, Connect, Up
from marketswarm.massive.session import Session, SessionRules
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.massive.wire import StatusEvent
from tests.support.feed_session import AUTH_SUCCESS, CONNECTED, S, acks, at, session, subscribe, unsubscribe


def ticked(made: Session, now_s: float) -> list:
    """What a tick asks for on a connection whose pings are answered."""
    made.on_heard(now_s)
    return made.on_tick(now_s)


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
