"""What is kept between two times."""

import pytest

from marketswarm.vexy.budget import Budget, kept_back, spent
from marketswarm.vexy.context import Wording
from marketswarm.vexy.quality import Silence
from marketswarm.vexy.session_so_far import SessionSoFar
from marketswarm.vexy.state import (
    MOST_EPISODES,
    Counts,
    VexyState,
    carried_marks,
    decode,
    encode,
    plain,
    with_episode,
    with_phase,
    with_recent,
)

FULL = VexyState(
    heard="5-1",
    ticked="6-0",
    sessions={"SPX": SessionSoFar(day="2026-11-23", spot=6800.25)},
    budgets={"SPX": kept_back(spent(Budget(), "key", "notice", 5), "drift", 50, "id", 6)},
    episodes={"a": "b"},
    silences={"SPY": Silence(5, "low-coverage", "m", good_since=9)},
    phases={"SPX": ("2026-11-23/open",)},
    carried={"SPX": {"id": "{}"}},
    recent=(Wording("drift.macro", 2),),
    counts=Counts(heard=3, told=1),
    begun_anew="why",
)


@pytest.mark.parametrize("state", [VexyState(), FULL])
def test_a_state_comes_back_as_it_was(state):
    """As JSON."""
    assert decode(encode(state)) == (state, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[]", "cannot be read"),
        (b"{}", "cannot be read"),
        (b'{"version": 2}', "of version 2, not 1"),
        (b'{"version": 1, "heard": 5}', "cannot be read"),
        (b'{"version": 1, "counts": {"heard": "many"}}', "cannot be read"),
    ],
)
def test_a_state_that_cannot_be_used_says_why(text, why):
    """Damaged, foreign, or of another version."""
    state, said = decode(text)
    assert state is None
    assert why in said


def test_what_is_kept_has_a_bound():
    """Words, phases and episodes: the newest."""
    recent, phases, episodes = (), (), {}
    for number in range(1_000):
        recent = with_recent(recent, Wording("t", number))
        phases = with_phase(phases, f"{number}")
        episodes = with_episode(episodes, f"{number}", "message")

    assert [one.variant for one in recent] == list(range(990, 1_000))
    assert phases[-1] == "999"
    assert len(phases) == 40
    assert len(episodes) == MOST_EPISODES
    assert "999" in episodes
    assert "0" not in episodes


def test_an_episode_that_is_told_again_is_the_newest():
    """So that it is not forgotten while it lasts."""
    assert list(with_episode({"a": "1", "b": "2"}, "a", "3").items()) == [("b", "2"), ("a", "3")]


def test_a_carried_mark_that_cannot_be_read_is_left_out():
    """It is no loss: the hash has what stands."""
    assert carried_marks({"a": "no mark", "b": "{}"}) == {}


def test_counts_are_plain():
    """For a report."""
    assert plain(FULL) == {"heard": 3, "told": 1, "kept_back": 0, "unusable": 0, "passed_over": 0, "lost": 0}
