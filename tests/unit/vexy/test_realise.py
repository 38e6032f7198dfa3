"""Which variant is taken, and what it says."""

from marketswarm.vexy.context import Wording
from marketswarm.vexy.event_words import event_words
from marketswarm.vexy.realise import ordered, realise, said
from marketswarm.vexy.wordbook import wordbook
from tools.message_examples import EVENTS, context

TEMPLATE = "key_strike.approached"
FACTS = event_words(EVENTS[TEMPLATE], context())
SECTION = wordbook()[TEMPLATE]


def variant(seed="a", recent=()):
    """The number of the variant that is taken."""
    return realise(TEMPLATE, FACTS, seed=seed, recent=recent).wording.variant


def test_the_same_seed_gives_the_same_words():
    """And different seeds give different ones."""
    assert variant("a") == variant("a")
    assert {variant(str(one)) for one in range(40)} == {1, 2, 3}


def test_words_of_the_last_messages_are_avoided():
    """As long as there are others; then the oldest comes again."""
    first = variant()
    second = variant(recent=(Wording(TEMPLATE, first),))
    third = variant(recent=(Wording(TEMPLATE, first), Wording(TEMPLATE, second)))
    assert {first, second, third} == {1, 2, 3}
    all_said = tuple(Wording(TEMPLATE, one) for one in (second, first, third))
    assert variant(recent=all_said) == second


def test_only_the_last_ten_messages_count():
    """What was said before them may come again."""
    first = variant()
    filler = tuple(Wording("drift.enter", 1) for _ in range(10))
    assert variant(recent=(Wording(TEMPLATE, first), *filler)) == first


def test_shorter_words_come_after_fuller_ones():
    """Whatever the seed."""
    for seed in range(20):
        tiers = [one.tier for one in ordered(SECTION, TEMPLATE, seed=str(seed), recent=())]
        assert tiers == sorted(tiers)


def test_without_a_fact_a_shorter_variant_is_said():
    """Nothing is invented for what is missing."""
    known = {name: value for name, value in FACTS.items() if name not in {"distance", "em"}}
    words = realise(TEMPLATE, known, seed="a")
    assert (words.title, words.wording.variant) == ("SPX nears the 6,850 call wall", 4)
    assert realise(TEMPLATE, {}, seed="a") is None
    assert realise("no.such", FACTS, seed="a") is None


def test_a_thing_is_named_whole_first_and_short_then():
    """In each text anew."""
    words = said(TEMPLATE, SECTION[0], FACTS)
    assert "the 6,850 call wall, 0.19 of the expected move; the wall holds 13 %" in words.texts["initiated"]
    assert "the 6,850 call wall" in words.texts["professional"]


def test_the_facts_are_those_that_are_said():
    """No more, and each once."""
    words = said(TEMPLATE, SECTION[0], FACTS)
    assert [one.name for one in words.facts] == ["distance", "em", "held", "moves", "odds", "strike"]


def test_words_that_are_too_long_are_not_said():
    """A title of at most 60, a text of at most 240."""
    long = {**FACTS, "symbol": "S" * 50}
    assert said(TEMPLATE, SECTION[0], long) is None
