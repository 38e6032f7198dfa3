"""One sentence about several symbols."""

import pytest

from marketswarm.vexy import together_words as words_of
from marketswarm.vexy.aggregate import kind_of
from marketswarm.vexy.narrate import narrate_together
from marketswarm.vexy.wordbook import terms
from tools.message_examples import EVENTS, TOGETHER, context


def pair(template):
    """The same event of SPX and of NDX."""
    first = EVENTS[template]
    return [first, first.model_copy(update={"symbol": "NDX", "id": "ndx"})]


@pytest.mark.parametrize("template", EVENTS)
def test_everything_can_be_told_together(template):
    """Each kind has a verb that fits one symbol and several, and its amounts."""
    assert kind_of(EVENTS[template]) in words_of._DID
    told = words_of.together_words(pair(template), context())
    assert told["did"] != "did the same"
    draft = narrate_together(pair(template), context())
    assert draft.symbols == ("SPX", "NDX")
    assert "SPX and NDX" in draft.title or draft.title == "Several symbols at once"
    assert not draft.texts["initiated"].count("{")


def test_far_calls_are_not_explained_as_far_puts():
    """The term is that of their side."""
    meanings = [
        words_of.together_words(pair(f"jump_risk.{one}"), context())["meaning"]
        for one in ("enter", "right_enter")
    ]
    assert meanings == ["tail", "right_tail"]
    assert set(meanings) <= set(terms())


def test_every_explanation_is_there():
    """Each term that is named has words."""
    assert set(words_of._TERMS.values()) <= set(terms())


def test_amounts_are_told_of_each_and_kept_apart():
    """The facts carry the symbol in their names."""
    told = words_of.together_words(TOGETHER["together.same"], context())
    assert told["each"].text == "SPX by 7.6 points and NDX by 31.2 points"
    assert [one.name for one in told["each"].facts] == ["SPX.change", "NDX.change"]
    assert told["span"].text == "10 seconds"


def test_two_directions_are_a_contrast():
    """Each side with what it did."""
    events = TOGETHER["together.opposed"]
    assert words_of.are_opposed(events)
    told = words_of.together_words(events, context())
    assert told["one"] == {"names": "SPX", "did": "crossed below the gamma flip"}
    assert told["other"] == {"names": "NDX", "did": "crossed above the gamma flip"}


def test_three_and_more():
    """They are `all three`."""
    first = EVENTS["spot_jump.enter"]
    events = [first.model_copy(update={"symbol": one, "id": one}) for one in ("SPX", "NDX", "SPY")]
    told = words_of.together_words(events, context())
    assert (told["names"], told["both"]) == ("SPX, NDX and SPY", "all three")


def test_a_direction_that_is_not_known_is_not_made_up():
    """Then they only did the same."""
    first = EVENTS["flip_cross.enter"].model_copy(update={"direction": ""})
    told = words_of.together_words([first, first.model_copy(update={"symbol": "NDX"})], context())
    assert told["did"] == "did the same"
