"""What Vexy says, end to end: the kinds of messages, and the fifteen examples in spirit."""

import re
from dataclasses import replace
from datetime import date

import pytest

from marketswarm.model.event import EVENT_TYPES
from marketswarm.model.message import EPOCHS, Message
from marketswarm.vexy.context import Wording
from marketswarm.vexy.draft import Suppressed
from marketswarm.vexy.narrate import (
    narrate_digest,
    narrate_epoch,
    narrate_event,
    narrate_guide,
    narrate_system,
    narrate_together,
)
from tools.message_examples import EVENTS, GUIDES, KEPT, SPX, TOGETHER, bare_events, context, event


def texts(draft):
    """All that is said."""
    return " | ".join([draft.title, *draft.texts.values()])


def said_of(template, epoch="morning"):
    """An event's words in all variants that a replay may take."""
    recent, found = [], []
    for _ in range(3):
        draft = narrate_event(EVENTS[template], context(epoch, recent=tuple(recent)))
        recent.append(draft.wording)
        found.append(texts(draft))
    return " || ".join(found)


@pytest.mark.parametrize("template", EVENTS)
def test_every_event_becomes_a_message(template):
    """With its words, severity and reference."""
    draft = narrate_event(EVENTS[template], context())
    assert draft.wording.template == template
    message = draft.message("m1")
    assert isinstance(message, Message)
    assert message.refs == (EVENTS[template].id,)
    assert message.severity == EVENTS[template].severity
    assert message.quality["coverage"] == 0.97


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_type_has_an_example(kind):
    """So that none is left without words."""
    assert any(one.type == kind for one in EVENTS.values())


@pytest.mark.parametrize("bare", list(bare_events()), ids=lambda one: f"{one.type}-{one.state}-{one.key}")
def test_without_evidence_there_are_words_still(bare):
    """Shorter ones, with no number but that of the key."""
    draft = narrate_event(bare, context(symbols={}))
    told = re.findall(r"\d[\d,.]*", texts(draft))
    assert {one.rstrip(".,") for one in told} <= {"6,850", "6,800", "6,825"}


def test_what_is_not_told():
    """An end that the session brought."""
    over = event("regime", {}, key="negative", state="exit", title="The session is over")
    assert narrate_event(over, context()) is None


def test_a_direction_that_is_missing_leaves_the_last_words():
    """That it is, and nothing of how."""
    draft = narrate_event(event("flip_cross", {}), context())
    assert draft.title == "SPX: a crossing of the flip"
    assert narrate_event(event("flip_cross", {}, state="exit"), context()).wording.template == "plain.over"


def test_an_end_has_a_key_of_its_own_and_is_calm():
    """So that it is said soon after its beginning."""
    begin = narrate_event(EVENTS["flip_cross.enter"], context())
    update = narrate_event(EVENTS["flip_cross.update"], context())
    end = narrate_event(EVENTS["flip_cross.exit"], context())
    assert begin.dedup_key == update.dedup_key != end.dedup_key
    assert (begin.tone, end.tone) == ("alert", "calm")
    assert narrate_event(EVENTS["spot_jump.enter"], context()).tone == "urgent"


def test_the_same_input_gives_the_same_words():
    """And the words of the last messages are avoided."""
    first = narrate_event(EVENTS["drift.enter"], context())
    assert narrate_event(EVENTS["drift.enter"], context()) == first
    again = narrate_event(EVENTS["drift.enter"], context(recent=(first.wording,)))
    assert again.wording != first.wording
    assert again.score < first.score


def test_kinds():
    """Bad data is a notice of the system, a digest a digest."""
    assert narrate_event(EVENTS["data_quality.enter"], context()).kind == "system"
    assert narrate_event(EVENTS["digest.enter"], context()).kind == "digest"
    assert narrate_event(EVENTS["drift.enter"], context()).kind == "event"


@pytest.mark.parametrize("epoch", EPOCHS)
def test_every_phase_that_speaks(epoch):
    """With all facts there are full words; of an unknown symbol only what the calendar says, or nothing."""
    draft = narrate_epoch(epoch, context(epoch), "SPX")
    if epoch == "overnight":
        assert draft is None
        return
    assert (draft.kind, draft.topic, draft.symbols) == ("epoch", epoch, ("SPX",))
    assert draft.wording.variant <= 3
    unknown = narrate_epoch(epoch, context(epoch, symbols={}), "SPX")
    assert (unknown is None) == (epoch not in {"premarket", "closing", "closed"})


@pytest.mark.parametrize("template", GUIDES)
def test_guidance(template):
    """What is worth watching, never what is to be done."""
    draft = narrate_guide(context(symbols={"SPX": GUIDES[template]}), "SPX")
    assert (draft.kind, draft.wording.template) == ("guide", template)
    assert narrate_guide(context(symbols={}), "SPX") is None


def test_digests():
    """What was kept back, in one sentence; nothing of nothing."""
    draft = narrate_digest(KEPT, context())
    assert "3 drifts and 1 event at a key strike" in texts(draft)
    assert (draft.severity, draft.kind) == (38, "digest")
    assert narrate_digest(Suppressed("SPX", {}, 0, 1), context()) is None


@pytest.mark.parametrize("notice", ["silent", "speaking", "late"])
@pytest.mark.parametrize("reason", ["low-coverage", "", "<unknown>"])
def test_notices(notice, reason):
    """With the reason where it is known."""
    draft = narrate_system(notice, context(), "SPX", reason=reason)
    assert (draft.kind, draft.topic) == ("system", notice)
    assert "<" not in texts(draft)


def test_together():
    """`both` for one way, a contrast for two; one event alone is told as itself."""
    same = narrate_together(TOGETHER["together.same"], context())
    assert same.symbols == ("SPX", "NDX")
    assert same.severity == 84
    assert same.refs == ("84ae2fd183c5105b52eb", "ndx")
    opposed = narrate_together(TOGETHER["together.opposed"], context())
    assert opposed.wording.template == "together.opposed"
    first, second = opposed.levels
    assert (first.symbol, first.name, first.price) == (
        "SPX",
        "flip",
        EVENTS["flip_cross.enter"].evidence["flip"].value,
    )
    assert (second.symbol, second.name, second.price) == ("NDX", "flip", 24_280.3)
    alone = EVENTS["drift.enter"]
    assert narrate_together([alone], context()) == narrate_event(alone, context())
    assert narrate_together([], context()) is None


def test_levels_of_a_degraded_chain_are_not_spoken_of():
    """The phase is told by what spots say alone."""
    bad = {name: document | {"degraded": "low-coverage"} for name, document in SPX.levels.items()}
    draft = narrate_epoch("morning", context(symbols={"SPX": replace(SPX, levels=bad)}), "SPX")
    assert draft.wording.variant == 5
    assert draft.levels == ()
    assert draft.quality["degraded"] == "low-coverage"


# The fifteen examples in spirit.


def test_1_premarket():
    """The priced move with its share of the price, and the model's levels."""
    assert "41.3 points (0.60 %)" in texts(
        narrate_epoch("premarket", context("premarket"), "SPX")
    ) or "0.60 %" in texts(narrate_epoch("premarket", context("premarket"), "SPX"))
    assert "call wall 6,850, put wall 6,750 and gamma flip 6,845.4" in texts(
        narrate_epoch("premarket", context("premarket"), "SPX")
    )


def test_2_open():
    """The print against the previous close, and the first regime."""
    said = texts(narrate_epoch("open", context("open"), "SPX"))
    assert "6,812.4" in said
    assert "22.2 points above" in said
    assert "negative" in said


def test_3_regime():
    """What the model says, as a model."""
    said = said_of("regime.negative")
    assert "−0.12" in said
    assert "model" in said
    assert "may run further" in said


def test_4_back_across_the_flip():
    """How long it was on the other side."""
    assert "back above the 6,795.4 flip after 14 minutes" in said_of("flip_cross.exit")


def test_5_jump():
    """Size, time, and pace."""
    assert (
        "SPX dropped 7.6 points (11.2 bp) in 10 seconds at 12:50:10 ET, 13 times its recent pace"
        in said_of("spot_jump.enter")
    )


def test_6_drift():
    """Points and the share of the expected move."""
    assert "SPX dropped 32.4 points from 6,818.2, 0.51 of the expected move" in said_of("drift.enter")


def test_7_approach():
    """Distance, expected moves, and what the strike holds."""
    said = said_of("key_strike.approached")
    assert (
        "12.4 points below the 6,850 call wall, 0.19 of the expected move; the wall holds 13 % of front gamma"
        in said
    )


def test_8_tests():
    """How often, in which time, without a break."""
    assert "SPX tested the 6,850 call wall twice in 20 minutes without breaking it" in said_of(
        "key_strike.touched_again"
    )


def test_9_break():
    """How far beyond, how long after, and the next level where there is one."""
    said = said_of("key_strike.broken")
    assert "8.3 points above it, 11 minutes after the first test" in said


def test_10_cluster():
    """From where to where, and how much."""
    assert "moved higher from 6,824.6 to 6,836.4; 22 % of it lies between 6,828.1 and 6,845.0" in said_of(
        "cluster_shifted.enter"
    )


def test_11_smile():
    """Which way the smile turned, and what spot did meanwhile."""
    assert (
        "front smile steepened: skew −0.081 to −0.112 of the level a sigma, while spot moved −0.21 EM"
        in said_of("smile_break.skew")
    )


def test_12_tail():
    """What far puts cost, and what was usual."""
    assert (
        "two-sigma puts cost 2.7 times the flat-volatility price, where 2.1 times was usual today"
        in said_of("jump_risk.enter")
    )


def test_12_right_tail():
    """Calls far above, and nothing of crashes, puts or insurance."""
    for state in ("enter", "update", "exit"):
        said = said_of(f"jump_risk.right_{state}").lower()
        assert "calls" in said or "right tail" in said
        assert not [word for word in ("crash", "put", "insurance", "fall", "left") if word in said]
    assert "0.9 times" in said_of("jump_risk.right_enter")


def test_the_tails_of_several_symbols_are_two_things_to_tell():
    """What is told of their far puts does not hold back what is told of their far calls."""
    drafts = [
        narrate_together([one, one.model_copy(update={"symbol": "NDX", "id": "ndx"})], context())
        for one in (EVENTS["jump_risk.enter"], EVENTS["jump_risk.right_enter"])
    ]
    assert len({one.dedup_key for one in drafts}) == 2


def test_13_midday():
    """Range used, realised against implied."""
    said = texts(narrate_epoch("lunch", context("lunch"), "SPX"))
    assert "0.85" in said
    assert "9.1 %" in said
    assert "13.0 %" in said


def test_14_last_hour():
    """The near level and the move that is left."""
    said = texts(narrate_epoch("power_hour", context("power_hour"), "SPX"))
    assert "the 6,850 call wall" in said
    assert "41.3 points" in said


def test_15_result_roll_and_silence():
    """Close, share of the move, the next expiration; and why there are no levels."""
    assert "+0.61 %" in texts(narrate_epoch("settlement", context("settlement"), "SPX"))
    assert "Tuesday 24 November" in said_of("expiry_roll.enter")
    assert "too few of its open positions have a fresh price" in said_of("data_quality.enter")


def test_yesterday_is_not_claimed_on_a_monday():
    """The session before is called that."""
    monday = replace(context("open").session, day=date(2026, 11, 23))
    assert "yesterday" not in texts(narrate_epoch("open", context("open", session=monday), "SPX"))


def test_recent_words_of_others_change_nothing():
    """Only the same template's count for its variant."""
    first = narrate_event(EVENTS["drift.enter"], context())
    other = narrate_event(EVENTS["drift.enter"], context(recent=(Wording("regime.exit", 1),)))
    assert other.wording == first.wording
