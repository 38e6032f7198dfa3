"""What a connection says under each plan, on each base, and with each switch."""

import json

import pytest

from marketswarm.simulator.conversation import Conversation, State
from marketswarm.simulator.plans import Plan, Plans
from marketswarm.simulator.switches import read_switches
from marketswarm.simulator.terms import Terms

PLAN_WORDS = "Your plan doesn't include websocket access. Visit https://massive.com/pricing to upgrade."


def begun(
    plan: str, *settings: str, base: str = "", cluster: str = "options", quotes: int = 1000
) -> Conversation:
    """A conversation of an account with this plan for the cluster."""
    plans = Plans(**{cluster: Plan(cluster, plan)})
    terms = Terms(plans, read_switches(settings))
    return Conversation(cluster, {"good": "account"}.get, quotes, terms, base)


def said(conversation: Conversation, action: str, parameters: str) -> list[str]:
    """The answer to one action as `status: message`."""
    reply = conversation.hear(json.dumps({"action": action, "params": parameters}))
    return [f"{status['status']}: {status['message']}" for status in reply.statuses]


def authenticated(plan: str, *settings: str, **how) -> Conversation:
    """The same, let in."""
    conversation = begun(plan, *settings, **how)
    assert said(conversation, "auth", "good") == ["auth_success: authenticated"]
    return conversation


@pytest.mark.parametrize(
    ("cluster", "plan", "base"),
    [
        ("options", "basic", ""),
        ("options", "basic", "delayed"),
        ("stocks", "none", ""),
        ("indices", "none", ""),
        ("options", "advanced", "delayed"),
        ("options", "advanced", "business"),
        ("options", "developer", "business"),
        ("options", "business", "delayed"),
    ],
)
def test_no_access(cluster, plan, base):
    """A plan without WebSocket access on this base is refused in words of its own, and for good."""
    conversation = begun(plan, cluster=cluster, base=base)
    reply = conversation.hear('{"action":"auth","params":"good"}')
    assert [status["message"] for status in reply.statuses] == [PLAN_WORDS]
    assert reply.refused
    assert conversation.state is State.REFUSED


def test_a_wrong_key_goes_first():
    """A wrong key is told so, whatever the plan."""
    assert said(begun("basic"), "auth", "bad") == ["auth_failed: authentication failed"]


@pytest.mark.parametrize("plan", ["starter", "developer"])
def test_delayed_key_on_the_real_time_base(plan):
    """It authenticates, and then hears nothing: no confirmation and no refusal, and it holds nothing."""
    conversation = authenticated(plan)
    assert said(conversation, "subscribe", "A.O:A,Q.O:A") == said(conversation, "unsubscribe", "A.O:A") == []
    assert not conversation.held


@pytest.mark.parametrize(
    ("cluster", "plan", "base", "allowed", "refused"),
    [
        ("options", "starter", "delayed", "A AM", "T Q FMV LV"),
        ("options", "developer", "delayed", "T A AM", "Q FMV LV"),
        ("options", "advanced", "", "T Q A AM", "FMV LV"),
        ("options", "business", "", "T A AM FMV", "Q LV"),
        ("options", "business", "business", "T A AM FMV", "Q LV"),
        ("stocks", "starter", "delayed", "A AM", "T Q LULD NOI FMV LV"),
        ("stocks", "advanced", "", "T Q A AM LULD NOI", "FMV LV"),
        ("indices", "starter", "delayed", "AM", "V A"),
        ("indices", "advanced", "", "V A AM", ""),
    ],
)
def test_topics(cluster, plan, base, allowed, refused):
    """A plan's topics are confirmed, the others of the cluster refused: once, without a name, before all else."""
    channels = [f"{topic}.X" for topic in (*allowed.split(), *refused.split())]
    conversation = authenticated(plan, cluster=cluster, base=base)
    refusals = ["error: not authorized"] if refused else []
    assert said(conversation, "subscribe", ",".join(channels)) == [
        *refusals,
        *(f"success: subscribed to: {topic}.X" for topic in allowed.split()),
    ]
    assert list(conversation.held) == [f"{topic}.X" for topic in allowed.split()]


def test_quotes_for_a_delayed_plan():
    """The switch lets a delayed plan have quotes on its own base."""
    conversation = authenticated("starter", "delayed-quotes=given", base="delayed")
    assert said(conversation, "subscribe", "Q.O:A,T.O:A") == [
        "error: not authorized",
        "success: subscribed to: Q.O:A",
    ]


@pytest.mark.parametrize(
    ("answer", "said_first", "code"), [("error", True, None), ("silent", False, None), ("close", True, 1008)]
)
def test_contract_1001(answer, said_first, code):
    """Contracts beyond the cap are refused, passed over in silence, or cost the connection; the first stay held."""
    conversation = authenticated("advanced", f"quote-excess={answer}", quotes=1)
    reply = conversation.hear('{"action":"subscribe","params":"Q.O:A,Q.O:B"}')
    assert (reply.statuses[0]["status"] == "error") is said_first
    assert reply.statuses[-1]["message"] == "subscribed to: Q.O:A"
    assert reply.close == code
    assert list(conversation.held) == ["Q.O:A"]


def test_other_switches():
    """Wildcards on quotes, nonsense, and the words before auth follow their switches."""
    conversation = authenticated("advanced", "quote-wildcard=refused", "bad-message=silent")
    assert said(conversation, "subscribe", "Q.*,T.*") == [
        "error: not authorized",
        "success: subscribed to: T.*",
    ]
    assert conversation.hear("{").statuses == ()
    early = begun("advanced", "auth-required-text=who are you?")
    assert said(early, "subscribe", "Q.O:A") == ["auth_required: who are you?"]
