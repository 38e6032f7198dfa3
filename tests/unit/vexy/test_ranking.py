"""How much something is worth being told now."""

from marketswarm.vexy.context import Wording
from marketswarm.vexy.narrate import narrate_event
from marketswarm.vexy.ranking import novelty_of, ranked, relevance_of, score_of
from tools.message_examples import EVENTS, context

DRIFTS = (Wording("drift.enter", 1), Wording("drift.enter", 2))


def test_what_was_spoken_of_is_less_new():
    """The more often, the less; only the last ten messages count."""
    assert novelty_of("drift", ()) == 1.0
    assert novelty_of("drift", DRIFTS) < novelty_of("drift", DRIFTS[:1]) < 1
    assert novelty_of("drift", DRIFTS + (Wording("regime.exit", 1),) * 10) == 1.0
    assert novelty_of("regime", DRIFTS) == 1.0


def test_phases_have_their_matters():
    """A pin counts more in the last hour; a fast market counts less at the open."""
    assert relevance_of("pin_risk", "power_hour") > 1 > relevance_of("volatility_burst", "open")
    assert relevance_of("drift", "closed") == 1.0


def test_a_score_is_bounded():
    """0 to 100."""
    assert score_of(90, "pin_risk", "power_hour", ()) == 100.0
    assert score_of(50, "drift", "morning", ()) == 50.0
    assert score_of(0, "drift", "morning", ()) == 0.0


def test_the_most_telling_comes_first():
    """Of equals the earlier."""
    low = narrate_event(EVENTS["drift.enter"], context())
    high = narrate_event(EVENTS["spot_jump.enter"], context())
    same = narrate_event(EVENTS["regime.negative"], context())
    assert [one.topic for one in ranked([low, high, same])] == ["spot_jump", "drift", "regime"]
