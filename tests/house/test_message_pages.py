"""The page of Vexy's words is what the templates say."""

import re

from marketswarm.model.event import EVENT_TYPES
from marketswarm.model.message import TEXT_MOST, TITLE_MOST
from marketswarm.vexy.aggregate import TOGETHER_MS
from marketswarm.vexy.context import RECENT_MOST
from tools import make_message_goldens

PAGE = make_message_goldens.PAGE.read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())


def test_the_tables_are_what_the_templates_say():
    """`python -m tools.make_message_goldens` writes them."""
    assert make_message_goldens.page() == PAGE


def test_every_event_type_stands_in_the_table():
    """In three levels of detail."""
    rows = re.findall(r"^\| `(\w+)\.\w+` \|(?:[^|]+\|){4}$", PAGE, re.MULTILINE)
    assert set(EVENT_TYPES) <= set(rows)


def test_the_figures_of_the_page():
    """Lengths, the time within which events are told together, and how many messages are remembered."""
    assert f"a title of up to {TITLE_MOST} characters and a text of up to {TEXT_MOST}" in WORDS
    assert f"within {TOGETHER_MS // 1000} seconds are one sentence" in WORDS
    assert RECENT_MOST == 10
    assert "the last ten messages" in WORDS
