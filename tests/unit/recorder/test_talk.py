"""What a client of a replay is told."""

import json

import pytest

from marketswarm.recorder.talk import Talk
from tests.support.recordings import frame, quote


def said(talk: Talk, action: str, parameters: str) -> list[tuple[str, str]]:
    """The statuses of the answer."""
    answer = talk.hear(json.dumps({"action": action, "params": parameters}))
    return [(each["status"], each["message"]) for each in json.loads(answer or b"[]")]


@pytest.fixture
def talk() -> Talk:
    """One that was admitted."""
    made = Talk()
    assert said(made, "auth", "any key") == [("auth_success", "authenticated")]
    return made


def test_nothing_is_subscribed_before_the_key(talk):
    """Any key will do."""
    assert said(Talk(), "subscribe", "Q.A")[0][0] == "auth_required"
    assert said(talk, "subscribe", "Q.A") == [("success", "subscribed to: Q.A")]


def test_each_new_channel_is_acknowledged_and_known_ones_are_silence(talk):
    """As the vendor does; so are those that were never held."""
    assert said(talk, "subscribe", "Q.A, T.A,Q.A,Q.") == [
        ("success", "subscribed to: Q.A"),
        ("success", "subscribed to: T.A"),
    ]
    assert talk.hear(b'{"action":"subscribe","params":"Q.A"}') is None
    assert said(talk, "unsubscribe", "Q.A,Q.B") == [("success", "unsubscribed to: Q.A")]
    assert talk.listens


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"action":"dance","params":""}', b'{"action":"auth"}'])
def test_what_is_no_message_is_answered_with_an_error(talk, text):
    """And the connection goes on."""
    assert json.loads(talk.hear(text))[0]["status"] == "error"


def test_only_what_is_subscribed_is_heard(talk):
    """A frame of nothing else goes out as it was recorded; of a mixed one the wanted events do, byte for byte."""
    one, two = frame(quote(1.5, 1, "A")), frame(quote(2.5, 2, "B"))
    mixed = b"[" + one[1:-1] + b" , " + two[1:-1] + b"]"
    assert talk.heard(one) is None
    said(talk, "subscribe", "Q.A")
    assert talk.heard(one) == one
    assert talk.heard(two) is None
    assert talk.heard(mixed) == one
    said(talk, "subscribe", "Q.*")
    assert talk.heard(mixed) == mixed


@pytest.mark.parametrize("raw", [b"{", b"[]", b"[1]", b'[{"ev":"status","status":"connected"}]', b"\xff"])
def test_recorded_statuses_and_broken_frames_are_not_played(talk, raw):
    """They were for somebody else."""
    said(talk, "subscribe", "Q.A")
    assert talk.heard(raw) is None
