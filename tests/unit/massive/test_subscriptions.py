"""What one connection is subscribed to."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.massive.subscriptions import SubscriptionRules, Subscriptions


def account(*tickers: str, kinds=("Q",), budget=1000, chunk=500) -> Subscriptions:
    """An account that desires these contracts."""
    made = Subscriptions(SubscriptionRules(kinds=kinds, budget=budget, chunk=chunk, ack_timeout_s=5.0))
    made.want(tickers)
    return made


def said(messages: list[str]) -> list[tuple[str, list[str]]]:
    """Messages as (action, channels)."""
    return [(m["action"], m["params"].split(",")) for m in map(json.loads, messages)]


def confirm(made: Subscriptions, *channels: str) -> None:
    """Acknowledge channels by name."""
    for channel in channels:
        made.on_success(f"subscribed to: {channel}")


def held(*tickers: str, **rules) -> Subscriptions:
    """An account on which these contracts are asked for and acknowledged."""
    made = account(*tickers, **rules)
    for _, channels in said(made.plan(0.0)):
        confirm(made, *channels)
    return made


def test_asks_for_all_channels_of_all_contracts():
    """Each contract is asked for on each kind of channel, the quotes of all first."""
    made = account("A", "B", kinds=("Q", "T"))

    assert said(made.plan(0.0)) == [("subscribe", ["Q.A", "Q.B", "T.A", "T.B"])]
    assert made.plan(0.0) == []


def test_messages_are_chunked():
    """No message names more channels than allowed."""
    made = account(*"ABCDE", chunk=2)

    assert [len(channels) for _, channels in said(made.plan(0.0))] == [2, 2, 1]


def test_a_contract_is_confirmed_by_all_its_channels():
    """A contract counts as confirmed when each of its channels is acknowledged by name."""
    made = account("A", "B", kinds=("Q", "T"))
    made.plan(0.0)

    confirm(made, "Q.A", "T.A", "Q.B")
    assert (made.confirmed, made.is_complete, made.is_waiting) == (1, False, True)
    confirm(made, "T.B")
    assert (made.confirmed, made.is_complete, made.is_waiting) == (2, True, False)


@pytest.mark.parametrize(
    "message", ["subscribed to: Q.X", "unsubscribed to: Q.A", "Q.A", "", "subscribed to:", "authenticated"]
)
def test_what_was_not_asked_for_is_not_confirmed(message):
    """Acknowledgements of other channels, and other sentences, confirm nothing."""
    made = account("A")
    made.plan(0.0)

    made.on_success(message)

    assert (made.confirmed, made.is_waiting) == (0, True)


def test_new_ones_before_old_ones():
    """New contracts are asked for at once; old ones leave when the new ones are acknowledged."""
    made = held("A", "B")
    made.want(["B", "C"])

    assert said(made.plan(1.0)) == [("subscribe", ["Q.C"])]
    assert made.plan(1.0) == []
    confirm(made, "Q.C")
    assert said(made.plan(2.0)) == [("unsubscribe", ["Q.A"])]
    assert made.confirmed == 2


def test_old_ones_leave_after_silence_too():
    """When a new contract stays without an answer for good, the old ones leave all the same."""
    made = held("A")
    made.want(["C"])
    made.plan(0.0)

    assert said(made.on_time(5.0)) == [("unsubscribe", ["Q.C"]), ("subscribe", ["Q.C"])]
    assert made.plan(5.0) == []
    assert made.on_time(10.0) == []
    assert said(made.plan(10.0)) == [("unsubscribe", ["Q.A"])]


def test_only_removals_go_at_once():
    """With nothing new to wait for, old ones leave at once."""
    made = held("A", "B")
    made.want(["A"])

    assert said(made.plan(1.0)) == [("unsubscribe", ["Q.B"])]


def test_an_old_one_that_is_wanted_again_stays():
    """A contract that comes back before it left is neither dropped nor asked for again: the server would be silent."""
    made = held("A")
    made.want(["B"])
    made.plan(1.0)
    made.want(["A", "B"])
    confirm(made, "Q.B")

    assert made.plan(2.0) == []
    assert made.confirmed == 2


def test_the_budget_is_kept():
    """What does not fit is not asked for, and counted; the earlier ones are served."""
    made = account(*"ABCDE", budget=3)

    assert said(made.plan(0.0)) == [("subscribe", ["Q.A", "Q.B", "Q.C"])]
    assert (made.desired, made.over_budget) == (5, 2)
    confirm(made, "Q.A", "Q.B", "Q.C")
    assert made.is_complete


def test_the_budget_forces_old_ones_out_first():
    """As many old ones as the budget needs leave before the new ones come, the rest after them."""
    made = held("A", "B", "C", budget=4)
    made.want(["D", "E"])

    assert said(made.plan(1.0)) == [("unsubscribe", ["Q.A"]), ("subscribe", ["Q.D", "Q.E"])]
    confirm(made, "Q.D", "Q.E")
    assert said(made.plan(2.0)) == [("unsubscribe", ["Q.B", "Q.C"])]


def test_room_that_comes_later_is_used():
    """A contract over the budget is asked for as soon as another one is no longer desired."""
    made = held("A", "B", "C", budget=2)
    made.want(["A", "C"])

    assert said(made.plan(1.0)) == [("unsubscribe", ["Q.B"]), ("subscribe", ["Q.C"])]
    assert made.over_budget == 0


def test_missing_answers_are_asked_for_once_more():
    """What stays without an answer is dropped and asked for once more, then counted as unanswered and not waited for."""
    made = account("A", "B")
    made.plan(0.0)
    confirm(made, "Q.A")

    assert made.on_time(4.9) == []
    assert said(made.on_time(5.0)) == [("unsubscribe", ["Q.B"]), ("subscribe", ["Q.B"])]
    assert made.on_time(9.9) == []
    assert (made.on_time(10.0), made.unanswered, made.is_waiting) == ([], 1, False)
    assert not made.is_complete
    assert made.on_time(99.0) == []


def test_a_late_answer_still_counts():
    """An acknowledgement that comes after all is taken."""
    made = account("A")
    made.plan(0.0)
    made.on_time(5.0)
    made.on_time(10.0)

    confirm(made, "Q.A")

    assert (made.unanswered, made.is_complete) == (0, True)


def test_each_channel_has_its_own_time():
    """Channels asked for later are given their full time."""
    made = account("A")
    made.plan(0.0)
    made.want(["A", "B"])
    made.plan(3.0)

    assert said(made.on_time(5.0)) == [("unsubscribe", ["Q.A"]), ("subscribe", ["Q.A"])]
    assert said(made.on_time(8.0)) == [("unsubscribe", ["Q.B"]), ("subscribe", ["Q.B"])]


def test_an_answer_to_something_already_dropped():
    """The acknowledgement of a contract that has left in the meantime confirms nothing."""
    made = account("A", budget=1)
    made.plan(0.0)
    made.want(["B"])
    assert said(made.plan(0.0)) == [("unsubscribe", ["Q.A"]), ("subscribe", ["Q.B"])]

    confirm(made, "Q.A")

    assert (made.confirmed, made.is_waiting) == (0, True)


def test_a_refused_kind_is_left_out():
    """After a refusal, a kind of which no channel is served is taken for refused: contracts count without it."""
    made = account("A", "B", kinds=("Q", "T"))
    made.plan(0.0)
    made.on_refusal()
    confirm(made, "T.A", "T.B")
    made.on_time(5.0)
    made.on_time(10.0)

    assert (made.refused_kinds, made.unanswered, made.is_complete, made.refusals) == (("Q",), 0, True, 1)
    made.want(["A", "B", "C"])
    assert said(made.plan(11.0)) == [("subscribe", ["T.C"])]


def test_a_refusal_does_not_excuse_a_served_kind():
    """A kind of which other channels are served is not refused: what is missing of it stays missing."""
    made = account("A", "B")
    made.plan(0.0)
    made.on_refusal()
    confirm(made, "Q.A")
    made.on_time(5.0)
    made.on_time(10.0)

    assert (made.refused_kinds, made.unanswered, made.is_complete) == ((), 1, False)


def test_everything_refused_is_not_complete():
    """When every kind is refused, nothing is acknowledged."""
    made = account("A")
    made.plan(0.0)
    made.on_refusal()
    made.on_time(5.0)
    made.on_time(10.0)

    assert (made.confirmed, made.is_complete, made.is_served) == (0, False, False)


def test_a_new_connection_holds_nothing():
    """After a reset everything desired is asked for again, and nothing counts as refused."""
    made = held("A", "B")
    made.on_refusal()
    made.reset()

    assert (made.confirmed, made.refusals) == (0, 0)
    assert said(made.plan(1.0)) == [("subscribe", ["Q.A", "Q.B"])]


@pytest.mark.parametrize(
    ("tickers", "changed"), [(["B", "A", "A"], False), (["A"], True), (["A", "B", "C"], True), ([], True)]
)
def test_whether_the_desire_changed(tickers, changed):
    """Order and repetition change nothing; what is in the set does."""
    assert account("A", "B").want(tickers) is changed


@given(
    st.lists(st.lists(st.sampled_from("ABCDEFGH"), unique=True), min_size=1, max_size=8),
    st.lists(st.booleans(), min_size=64, max_size=64),
)
def test_whatever_happens_the_server_is_led_to_the_desire(wishes, acknowledged):
    """Under any wishes and losses, the server never holds more than the budget, and ends with what is desired."""
    made = Subscriptions(SubscriptionRules(kinds=("Q",), budget=4, chunk=3))
    luck, server, now = iter(acknowledged), set(), 0.0

    def deliver(messages, *, always=False):
        for action, channels in said(messages):
            server.difference_update(channels)
            if action == "subscribe":
                server.update(channels)
                confirm(made, *(c for c in channels if always or next(luck, True)))
            assert len(server) <= 4

    for wish in wishes:
        made.want(wish)
        deliver(made.plan(now))
        now += 5.0
        deliver(made.on_time(now))
    while made.is_waiting:
        now += 5.0
        deliver(made.on_time(now), always=True)
    deliver(made.plan(now), always=True)
    deliver(made.plan(now), always=True)

    assert {channel[2:] for channel in server} <= set(wishes[-1])
    assert len(server) == min(4, len(wishes[-1]))


def test_a_server_that_answers_nothing_is_mute():
    """Once everything was asked for twice; one answer of any kind, and it is not."""
    made = account("A", "B", kinds=("Q", "T"))
    made.plan(0.0)
    made.on_time(5.0)
    assert not made.is_mute
    made.on_time(10.0)
    assert made.is_mute
    made.on_refusal()
    assert not made.is_mute


def test_what_is_streamed_is_asked_for_and_not_refused():
    """A kind that nobody asks for is not streamed either."""
    made = account("A", kinds=("Q", "T"))
    assert [made.streams(kind) for kind in "QTA"] == [True, True, False]
