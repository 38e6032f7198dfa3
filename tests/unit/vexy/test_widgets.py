"""The life of a mark: put up, changed, taken away, and forgotten."""

import pytest

from marketswarm.model.message import Annotation
from marketswarm.vexy.context import SymbolFacts
from marketswarm.vexy.marks import stale_badges
from marketswarm.vexy.widgets import (
    QUALITY,
    Changes,
    changes_of,
    cleared,
    expired,
    mark_text,
    outdated,
    placed,
)
from tests.support.vexy_rig import example, fact

TS, CLOSES_MS = 1_795_460_410_000, 1_795_467_600_000


class Wall:
    """The widgets of one symbol."""

    def __init__(self):
        self.standing = {}

    def hears(self, type, **more) -> Changes:
        """An event; what it changes."""
        event = example(type, **({"ts": TS} | more))
        changes = changes_of(event, self.standing, closes_ms=CLOSES_MS, facts=SymbolFacts())
        self.standing = changes.onto(self.standing)
        return changes


@pytest.fixture
def wall():
    """Empty ones."""
    return Wall()


def test_a_mark_keeps_its_name_and_counts_on(wall):
    """The same wall at another strike is the next version of the same mark."""
    wall.hears("wall_moved")
    before = dict(wall.standing)
    wall.hears("wall_moved", evidence={"to": fact(6900.0)})

    assert before.keys() == wall.standing.keys()
    assert all(wall.standing[name].version == before[name].version + 1 for name in before)
    assert {one.target.strike for one in wall.standing.values()} == {6900.0}


def test_names_say_symbol_widget_and_what(wall):
    """So two symbols and two walls never meet."""
    wall.hears("wall_moved")
    wall.hears("wall_moved", key="put")
    wall.hears("wall_moved", symbol="SPY")

    assert len(wall.standing) == 9
    assert "SPY/gamma/wall/call" in wall.standing
    assert all(name == one.id for name, one in wall.standing.items())


def test_an_end_takes_its_marks_away(wall):
    """By its name alone: an end may know no numbers any more."""
    wall.hears("flip_cross")
    changes = wall.hears("flip_cross", state="exit", evidence={})

    assert wall.standing == {}
    assert {one.state for one in changes.all} == {"cleared"}
    assert len(changes.taken) == 3


def test_an_end_takes_no_other_away(wall):
    """The other regime, the other strike."""
    wall.hears("regime")
    wall.hears("regime", key="positive")
    wall.hears("regime", state="exit")

    assert list(wall.standing) == ["SPX/gamma/regime/positive"]


def test_an_end_without_a_beginning_changes_nothing(wall):
    """There is nothing to take away."""
    assert wall.hears("pin_risk", state="exit").all == ()


@pytest.mark.parametrize(
    ("strike", "judged_ms", "gone"),
    [(6825.0, TS + 1, True), (6900.0, TS + 1, False), (6825.0, TS, False), (None, TS + 1, False)],
)
def test_levels_that_are_younger_contradict_a_mark(wall, strike, judged_ms, gone):
    """A wall that stands elsewhere by now; one that nobody knows any more contradicts nothing."""
    wall.hears("wall_moved", evidence={"to": fact(6900.0)})
    wall.hears("regime")
    level = {"reason": "no-wall"} if strike is None else {"value": {"strike": strike, "dominance": 0.3}}

    names = outdated(wall.standing, {"call_wall": level}, judged_ms)

    assert names == (sorted(f"SPX/{one}/wall/call" for one in ("gamma", "ladder", "spot")) if gone else [])


def test_a_cluster_moves_and_fades(wall):
    """Formed, shifted and dissolved are one mark; a dissolved one is there for five minutes more."""
    wall.hears("cluster_formed")
    wall.hears("cluster_shifted")
    assert {one.target.low for one in wall.standing.values()} == {6828.1}
    wall.hears("cluster_dissolved")

    assert {(one.state, one.until_ts) for one in wall.standing.values()} == {("fading", TS + 300_000)}


def test_a_new_version_is_above_all_that_stood_before(wall):
    """A mark that was taken away and comes again later is newer than any state that a reader has seen of it."""
    wall.hears("pin_risk")
    gone = wall.hears("pin_risk", state="exit", ts=TS + 10_000)
    again = wall.hears("pin_risk", ts=TS + 20_000)

    assert min(one.version for one in again.all) > max(one.version for one in gone.all)


def test_a_roll_clears_all_but_what_is_said_of_the_data(wall):
    """Levels of the old chain are void; the feed is as good or bad as it was."""
    wall.hears("wall_moved")
    wall.hears("cluster_formed")
    wall.hears("data_quality")
    wall.hears("expiry_roll")

    assert sorted(wall.standing) == ["SPX/feed/quality", "SPX/gamma/quality", "SPX/ladder/quality"]


def test_what_is_over_by_its_time(wall):
    """At that moment, not before; what has no end stays."""
    wall.hears("key_strike")
    wall.hears("data_quality")

    assert expired(wall.standing, TS + 59_999) == []
    assert expired(wall.standing, TS + 60_000) == [
        "SPX/ladder/key_strike/call_wall:6850:broken",
        "SPX/spot/key_strike/call_wall:6850:broken",
    ]
    assert len(expired(wall.standing, 10**14)) == 2


def test_changes_add_up(wall):
    """Put and taken, taken and put: the last one counts."""
    put = placed(stale_badges(""), {}, symbol="SPX", what=QUALITY, ts=TS)
    taken = cleared(put.put, put.put)

    assert put.then(taken).put == {}
    assert taken.then(put).taken == {}
    assert put.then(taken).onto(put.put) == {}
    assert len(put.then(taken).all) == 3


def test_a_mark_is_stored_without_what_is_not_known(wall):
    """And comes back as it was."""
    for one in wall.hears("wall_moved").all:
        assert "null" not in mark_text(one)
        assert Annotation.model_validate_json(mark_text(one)) == one
