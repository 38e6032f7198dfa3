"""The small words."""

import pytest

from marketswarm.model.message import EPOCHS
from marketswarm.vexy import phrases
from marketswarm.vigil.detectors.regime import Thresholds
from marketswarm.vigil.levels.quality import DEGRADATIONS


def test_a_verb_has_the_size_of_its_move():
    """By severity, or by the name of a drift."""
    assert [phrases.verb("down", phrases.size_of(one)) for one in (10, 50, 70, 90)] == [
        "slipped",
        "fell",
        "dropped",
        "slid",
    ]
    assert phrases.verb("up", phrases.size_of_drift("extreme", 10)) == "rallied"
    assert phrases.verb("up", phrases.size_of_drift("", 50)) == "rose"
    assert phrases.verb("", 2) == "moved"
    assert [phrases.jump_verb(one) for one in ("up", "down", "")] == ["jumped", "dropped", "moved"]


def test_tones_follow_severity_and_ends_are_calm():
    """Bounds are those of importance."""
    assert [phrases.tone_of(one) for one in (0, 59, 60, 79, 80, 100)] == [
        "calm",
        "calm",
        "alert",
        "alert",
        "urgent",
        "urgent",
    ]
    assert phrases.tone_of(95, "exit") == "calm"


@pytest.mark.parametrize("epoch", EPOCHS)
def test_an_opening_can_stand_before_any_sentence(epoch):
    """It is empty, or ends with a comma and a space."""
    said = phrases.opening(epoch)
    assert not said or said.endswith(", ")


def test_roles_and_regimes_hold_vigils_bounds():
    """A cluster from 0.3 on, a regime from where Vigil tells one."""
    assert phrases.role_of(0.3) == "tends to hold the price"
    assert phrases.role_of(0.29) == "pulls both ways"
    assert phrases.role_of(-0.3) == "tends to let moves run"
    clear = Thresholds().clear
    assert [phrases.regime_of(one) for one in (clear, clear - 0.01, -clear)] == [
        "positive",
        "neutral",
        "negative",
    ]
    assert all(
        "suggests" in phrases.regime_means(one) or "pulls" in phrases.regime_means(one)
        for one in ("positive", "negative", "neutral")
    )


@pytest.mark.parametrize(
    "reason", [*DEGRADATIONS, "chain is stale", "chain is gap", "chain is loading", "chain is closed"]
)
def test_every_reason_for_bad_data_has_words(reason):
    """Those of levels and those of the chain's state."""
    assert phrases.because(reason)
    assert phrases.because(reason.replace("-", " ")) == phrases.because(reason)


def test_an_unknown_reason_has_none():
    """Nothing is put into words that is not known."""
    assert phrases.because("<script>") is None


def test_agreement():
    """One is, several are."""
    assert [
        phrases.are(one) for one in ("1 hour", "less than 1 second", "1 hour 5 minutes", "38 minutes")
    ] == [
        "is",
        "is",
        "are",
        "are",
    ]
    assert [phrases.both(one) for one in (2, 3, 9)] == ["both", "all three", "all"]


def test_sentences_begin_with_capitals():
    """Also after a full stop, and a decimal point is none."""
    assert phrases.capitalised("the  wall at 0.5 points.  it holds.") == "The wall at 0.5 points. It holds."


def test_direction_words():
    """They agree with the direction; without one there are none."""
    assert phrases.direction_words("down")["above"] == "below"
    assert phrases.direction_words("up")["rise"] == "rise"
    assert phrases.direction_words("") == {}
