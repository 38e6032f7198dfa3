"""Which template tells an event, and what stands in it."""

from dataclasses import replace

import pytest

from marketswarm.vexy.event_words import event_levels, event_words, strike_name, template_of
from marketswarm.vexy.realise import said
from marketswarm.vexy.wordbook import wordbook
from tools.message_examples import EVENTS, SPX, context, event, levels


@pytest.mark.parametrize("template", EVENTS)
def test_an_event_has_its_template(template):
    """By type, state and key."""
    assert template_of(EVENTS[template]) == template


@pytest.mark.parametrize(
    "silent",
    [
        event("drift", {}, state="exit"),
        event("spot_jump", {}, state="update"),
        event("regime", {}, key="negative", state="exit", title="The session is over"),
        event("expected_move", {}, key="range", state="exit"),
        event("key_strike", {}, key="call_wall:6850:odd"),
        event("key_strike", {}, key="call_wall:6850:held", state="exit"),
        event("smile_break", {}, key="odd"),
        event("jump_risk", {}, key="odd"),
        event("regime", {}, key="odd"),
        event("data_quality", {}, key="lag", state="exit"),
        event("data_quality", {}, key="gamma"),
        event("data_quality", {}, key="contracts", state="exit"),
    ],
    ids=lambda one: f"{one.type}-{one.state}-{one.key}",
)
def test_what_is_not_told_has_none(silent):
    """Ends of what has no end, ends that the session brought, and keys that nobody knows."""
    assert template_of(silent) is None


def test_a_strike_is_found_in_the_key_where_evidence_lacks_it():
    """An end that nobody sighted carries none."""
    words = event_words(event("key_strike", {}, key="put_wall:6750.5", state="exit"), context())
    assert words["it"].full.text == "the 6,750.5 put wall"
    assert words["it"].full.facts[0].source.endswith("/key")


def test_an_end_that_nobody_sighted_is_measured_from_spot():
    """From the latest, with its source; with no spot there is no distance."""
    left = event("key_strike", {"lasted": 60.0}, key="call_wall:6850", state="exit")
    words = event_words(left, context())
    assert (words["distance"].text, words["side"], words["em"].text) == ("12.4 points", "below", "0.19 EM")
    assert words["distance"].source.endswith("less spot")
    assert {"distance", "side"} & set(event_words(left, context(symbols={}))) == set()


def test_the_pace_of_a_burst_is_the_one_that_its_multiple_is_of():
    """Of five minutes, or of the longer ones beside them."""
    paces = {"pace": 1.92, "long_pace": 1.58, "expected_pace": 0.79}
    assert (
        event_words(event("volatility_burst", {**paces, "times": 2.43}), context())["pace"].text == "1.9 bp"
    )
    assert event_words(event("volatility_burst", {**paces, "times": 2.0}), context())["pace"].text == "1.6 bp"


def test_sides_of_spot():
    """A strike above spot has spot below it; spot above the flip is above."""
    assert event_words(EVENTS["key_strike.approached"], context())["side"] == "below"
    assert event_words(EVENTS["regime.negative"], context())["side"] == "below"
    assert event_words(EVENTS["regime.positive"], context())["side"] == "above"


def test_a_distance_of_nothing_is_not_told():
    """It has no side."""
    words = event_words(
        event("key_strike", {"strike": 6850.0, "distance": 0.0, "moves": 0.0}, key="heaviest:6850"), context()
    )
    assert {"side", "distance", "moves", "em"} & set(words) == set()


def test_the_next_level_lies_beyond_the_one_that_broke():
    """In the direction of the break; none where nothing lies there."""
    broken = EVENTS["key_strike.broken"]
    assert "next" not in event_words(broken, context())
    down = event("key_strike", {"strike": 6850.0}, key="call_wall:6850:broken", direction="down")
    assert event_words(down, context())["next"].full.text == "the gamma flip at 6,845.4"


def test_what_a_level_says_is_told_only_of_the_same_strike():
    """Share and odds of a touch."""
    assert event_words(EVENTS["key_strike.approached"], context())["held"].text == "13 %"
    assert event_words(EVENTS["key_strike.approached"], context())["odds"].text == "34 %"
    other = event("key_strike", {"strike": 6860.0, "distance": 20.0}, key="call_wall:6860")
    assert {"held", "odds"} & set(event_words(other, context())) == set()


@pytest.mark.parametrize(
    ("before", "after", "turned"),
    [(-0.08, -0.11, "steepened"), (-0.11, -0.08, "flattened"), (-0.08, -0.08, None), (0.02, 0.05, None)],
)
def test_skew_steepens_or_flattens_where_puts_are_dearer(before, after, turned):
    """Where calls are, neither is said."""
    words = event_words(
        event("smile_break", {"before": before, "after": after}, key="skew", direction="up"), context()
    )
    assert words.get("turned") == turned


def test_prices_of_a_message():
    """The strike by its name, with its distance."""
    level = event_levels(EVENTS["key_strike.approached"], SPX)[0]
    assert (level.name, level.price, level.distance_points) == ("call_wall", 6850.0, 12.4)
    assert [one.name for one in event_levels(EVENTS["wall_moved.enter"], SPX)] == ["call_wall"]
    assert [one.name for one in event_levels(EVENTS["flip_cross.enter"], replace(SPX, spot=None))] == ["flip"]
    assert strike_name(EVENTS["pin_risk.enter"]) == "strike"


@pytest.mark.parametrize("template", ["drift.enter", "expected_move.breach", "key_strike.approached"])
def test_after_a_late_start_nothing_is_told_of_the_open(template):
    """The measure is that of the moment at which it was fixed, and its time is a fact."""
    fixed = levels()["move_open"] | {"since_open": False}
    late = replace(SPX, levels={**levels(), "move_open": fixed})
    words = event_words(EVENTS[template], context(symbols={"SPX": late}))
    texts = [
        text for variant in wordbook()[template] for text in said(template, variant, words).texts.values()
    ]
    told = " ".join(texts)
    assert not [one for one in ("at the open", "of the open", "its open", "for the day.") if one in told]
    assert words["of_the_open"].facts[0].source == "levels:SPX/move_open.as_of"
    assert event_words(EVENTS[template], context())["of_the_open"] == "of the open"


@pytest.mark.parametrize("template", ["regime.positive", "flip_cross.enter"])
def test_a_flip_that_is_one_of_several_is_told_as_the_nearest(template):
    """Beside it stands how many there are; a single one has nothing beside it."""
    crossings = levels()["flip"] | {"value": [[6700.0, 1e6], [6845.4, -1e6], [6900.0, 1e6]]}
    several = replace(SPX, levels={**levels(), "crossings": crossings})
    words = event_words(EVENTS[template], context(symbols={"SPX": several}))
    told = " ".join(said(template, wordbook()[template][0], words).texts.values())
    assert "(nearest of 3 flips)" in told
    assert words["of_flips"].facts[0].source == "levels:SPX/crossings"
    assert event_words(EVENTS[template], context())["of_flips"] == ""


@pytest.mark.parametrize(
    ("spot", "is_told"), [(6823.97, False), (6840.0, True), (6859.8, True), (None, False)]
)
@pytest.mark.parametrize("template", ["cluster_formed.enter", "cluster_shifted.enter"])
def test_what_a_cluster_does_is_told_only_of_one_that_spot_is_in(template, spot, is_told):
    """To a price outside of it, or one that is not known, nothing is said of holding."""
    cluster = {"centre": 6847.0, "low": 6835.9, "high": 6859.8, "share": 0.3, "ratio": 0.5, "from": 6820.0}
    formed = event(template.partition(".")[0], cluster, key="6845", direction="up")
    words = event_words(formed, context(symbols={"SPX": replace(SPX, spot=spot)}))
    texts = [text for one in wordbook()[template][:3] for text in said(template, one, words).texts.values()]
    assert any("hold the price" in one for one in texts) == is_told
