"""What a connection says and where it is silent."""

import json

import pytest

from marketswarm.simulator.conversation import Conversation, State


def a_conversation(cluster: str = "options", *, quotes: int = 1000, admitted: bool = True) -> Conversation:
    """A conversation, authenticated unless told otherwise."""
    conversation = Conversation(cluster, {"good": "account"}.get, quotes)
    if admitted:
        conversation.hear('{"action":"auth","params":"good"}')
    return conversation


def said(conversation: Conversation, action: str, parameters: str) -> list[str]:
    """The answer to one action as `status: message`."""
    reply = conversation.hear(json.dumps({"action": action, "params": parameters}))
    assert all(status["ev"] == "status" for status in reply.statuses)
    return [f"{status['status']}: {status['message']}" for status in reply.statuses]


def test_good_key():
    """A known key is authenticated and its account admitted, once."""
    conversation = a_conversation(admitted=False)
    reply = conversation.hear('{"action":"auth","params":"good"}')
    assert reply.statuses == ({"ev": "status", "status": "auth_success", "message": "authenticated"},)
    assert reply.admitted
    assert not conversation.hear('{"action":"auth","params":"good"}').admitted


def test_bad_key():
    """An unknown key is refused for good."""
    conversation = a_conversation(admitted=False)
    reply = conversation.hear('{"action":"auth","params":"bad"}')
    assert reply.refused
    assert reply.statuses[0]["status"] == "auth_failed"
    assert reply.statuses[0]["message"] == "authentication failed"
    assert conversation.state is State.REFUSED


def test_subscribing_needs_auth():
    """Before auth, a subscribe is answered by `auth_required`, and holds nothing."""
    conversation = a_conversation(admitted=False)
    assert said(conversation, "subscribe", "Q.O:A") == ["auth_required: authentication required"]
    assert not conversation.held


def test_each_new_channel_is_confirmed_by_name():
    """Several channels in one message are confirmed one by one, in one answer."""
    assert said(a_conversation(), "subscribe", "Q.O:A, T.O:A,AM.*") == [
        "success: subscribed to: Q.O:A",
        "success: subscribed to: T.O:A",
        "success: subscribed to: AM.*",
    ]


def test_silence():
    """Held channels, unknown topics, and what was never held get no answer."""
    conversation = a_conversation()
    said(conversation, "subscribe", "Q.O:A")
    assert said(conversation, "subscribe", "Q.O:A") == []
    assert said(conversation, "subscribe", "ZZ.O:A,V.I:SPX,Q,Q.") == []
    assert said(conversation, "unsubscribe", "T.O:A") == []


def test_unknown_tickers_are_confirmed():
    """A ticker that does not exist looks exactly like a quiet one."""
    assert said(a_conversation("stocks"), "subscribe", "T.NOTATICKER") == [
        "success: subscribed to: T.NOTATICKER"
    ]


def test_unsubscribe():
    """What was held is released by name, and may be subscribed again."""
    conversation = a_conversation()
    said(conversation, "subscribe", "Q.O:A,Q.O:B")
    assert said(conversation, "unsubscribe", "Q.O:B,Q.O:B") == ["success: unsubscribed to: Q.O:B"]
    assert list(conversation.held) == ["Q.O:A"]
    assert said(conversation, "subscribe", "Q.O:B") == ["success: subscribed to: Q.O:B"]


def test_quote_cap():
    """Beyond the cap, quotes are refused first in the answer, the others stay, and room is given back."""
    conversation = a_conversation(quotes=2)
    assert said(conversation, "subscribe", "Q.O:A,Q.O:B,Q.O:C,Q.O:D,T.O:D") == [
        "error: a connection may hold 2 contracts on Q; 2 not subscribed",
        "success: subscribed to: Q.O:A",
        "success: subscribed to: Q.O:B",
        "success: subscribed to: T.O:D",
    ]
    said(conversation, "unsubscribe", "Q.O:A")
    assert said(conversation, "subscribe", "Q.O:C") == ["success: subscribed to: Q.O:C"]


def test_cap_is_for_options_only():
    """Stocks have no cap on quotes."""
    assert len(said(a_conversation("stocks", quotes=1), "subscribe", "Q.A,Q.B")) == 2


def test_topics_of_other_plans():
    """A topic of another plan is refused without a name, before the confirmations."""
    assert said(a_conversation(), "subscribe", "Q.O:A,FMV.O:A") == [
        "error: not authorized",
        "success: subscribed to: Q.O:A",
    ]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"action":"auth"}', '{"action":"dance","params":"x"}', '{"params":1}']
)
def test_nonsense_gets_an_error(text):
    """A message that is none gets an error status and changes nothing."""
    conversation = a_conversation()
    assert [status["status"] for status in conversation.hear(text).statuses] == ["error"]
    assert conversation.state is State.AUTHENTICATED
