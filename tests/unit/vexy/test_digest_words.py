"""Events counted by their kind."""

import pytest

from marketswarm.model.event import EVENT_TYPES
from marketswarm.vexy.digest_words import NOUNS, a_noun, counted_kinds


def kinds(counts):
    """The phrase."""
    return counted_kinds(counts, source="kept:SPX", as_of=1)["kinds"].text


def test_one_and_several():
    """Nouns agree with their number, the most frequent first."""
    assert kinds({"drift": 1, "key_strike": 2}) == "2 events at key strikes and 1 drift"
    assert kinds({"drift": 1}) == "1 drift"


def test_few_kinds_are_named_and_the_rest_is_counted():
    """Four are all named; of more the first three."""
    counts = {"drift": 4, "key_strike": 3, "regime": 2, "flip_cross": 1}
    assert kinds(counts).endswith("2 changes of the gamma model and 1 crossing of the flip")
    assert kinds(counts | {"pin_risk": 1}).endswith("2 changes of the gamma model and 2 others")


def test_the_total_counts_all():
    """Also those that are not named."""
    told = counted_kinds({"drift": 4, "pin_risk": 1}, source="kept:SPX", as_of=1)
    assert (told["total"].text, told["things"]) == ("5", "events")
    assert counted_kinds({"drift": 1}, source="s", as_of=1)["things"] == "event"


@pytest.mark.parametrize(
    "counts", [{}, {"drift": 0}, {"drift": -1}, {"drift": "many"}, {"drift": float("nan")}]
)
def test_what_is_not_counted_is_not_told(counts):
    """Nothing of nothing."""
    assert counted_kinds(counts, source="s", as_of=1) == {}


def test_every_type_has_a_noun():
    """With its article."""
    assert set(NOUNS) == set(EVENT_TYPES)
    assert a_noun("key_strike") == "an event at a key strike"
    assert a_noun("drift") == "a drift"
