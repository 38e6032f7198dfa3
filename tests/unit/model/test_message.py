"""What a message is made of."""

import pytest
from pydantic import ValidationError

from marketswarm.model.message import DETAILS, TEXT_MOST, TITLE_MOST, Message

SAID = {
    "id": "m1",
    "ts": 1_795_446_000_000,
    "symbols": ("SPX",),
    "epoch": "morning",
    "kind": "event",
    "topic": "regime",
    "severity": 60,
    "importance": "warning",
    "tone": "alert",
    "title": "SPX below its gamma flip",
    "texts": dict.fromkeys(DETAILS, "SPX is below its gamma flip."),
    "template": "regime.enter",
    "variant": 0,
    "dedup_key": "regime:SPX",
    "ttl_s": 600,
    "version": 1,
}


def test_a_message_is_json_and_back():
    """What is stored is read as the same message."""
    message = Message(**SAID)
    assert Message.model_validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x" * (TITLE_MOST + 1)},
        {"texts": {"beginner": "x" * (TEXT_MOST + 1)}},
        {"texts": {"beginner": ""}},
        {"texts": {"expert": "SPX"}},
        {"epoch": "tea time"},
        {"severity": 101},
        {"more": 1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_no_message(wrong):
    """Too long, of no known level or epoch, or with a field of its own: refused."""
    with pytest.raises(ValidationError):
        Message(**SAID | wrong)
