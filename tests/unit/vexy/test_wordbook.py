"""The words as they are shipped, and the form that a file of words has."""

import pytest

from marketswarm.model.event import EVENT_TYPES
from marketswarm.model.message import DETAILS
from marketswarm.vexy import wordbook as book
from marketswarm.vexy.wordbook import UnreadableWords, terms, wordbook
from tools import make_message_goldens

GOLDENS = make_message_goldens.goldens()


@pytest.mark.parametrize("template", sorted(wordbook()))
def test_a_template_has_some_wordings(template):
    """Three to six, each with a title and all levels of detail; the last words of all have one."""
    section = wordbook()[template]
    assert [one.number for one in section] == list(range(1, len(section) + 1))
    assert (1 if template.startswith("plain.") else 3) <= len(section) <= 6
    assert all(tuple(one.sources) == ("title", *DETAILS) for one in section)
    assert [one.tier for one in section] == sorted(one.tier for one in section)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_event_type_has_words(kind):
    """At least one template."""
    assert any(template.startswith(f"{kind}.") for template in wordbook())


@pytest.mark.parametrize("path", list(GOLDENS), ids=lambda path: path.stem)
def test_golden_texts(path):
    """Every variant says of its example what was read and kept; `python -m tools.make_message_goldens` writes it."""
    assert path.read_text(encoding="utf-8") == GOLDENS[path]


def test_no_golden_is_left_over():
    """Each file has its topic."""
    assert set(make_message_goldens.GOLDEN.glob("*")) == set(GOLDENS)


def test_wordings_of_a_term_take_turns():
    """The second is another one, and they begin again."""
    assert terms(0)["call_wall"] != terms(1)["call_wall"]
    assert terms(3)["call_wall"] == terms(0)["call_wall"]
    assert terms(1)["expiry"] == terms(0)["expiry"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[a]\n--\ntitle: x\nbeginner: y\n", "it is to have"),
        ("[a]\n--\njust words\n", "no name before"),
    ],
)
def test_a_file_that_breaks_its_form_is_refused(monkeypatch, text, why):
    """With file, section and variant."""
    monkeypatch.setattr(book, "_source", lambda file: text)
    with pytest.raises(UnreadableWords, match=why):
        book._sections("events/odd.j2")


def test_lines_go_on_and_tiers_are_counted(monkeypatch):
    """A line that begins with a space belongs to the one before; each new label is a further tier."""
    text = "[a]\n--\ntitle: x\nbeginner: one\n two\ninitiated: i\nprofessional: p\n-- short\ntitle: y\nbeginner: b\ninitiated: i\nprofessional: p\n"
    monkeypatch.setattr(book, "_source", lambda file: text)
    first, second = book._sections("events/odd.j2")["odd.a"]
    assert first.sources["beginner"] == "one two"
    assert (first.tier, second.tier, second.number) == (0, 1, 2)
