"""Walls move when another strike is clearly stronger."""

from datetime import date

import numpy as np
import pytest

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import walls
from marketswarm.vigil.sighting import Marks
from tests.support.vigil_pictures import picture, wall
from tests.support.watched import STRIKES, Watched, ladder

CALL = ("wall_moved", "enter", "call")


def net(**exposures):
    """Net exposure by strike, as `s6850=3e8`."""
    values = np.zeros_like(STRIKES)
    for name, exposure in exposures.items():
        values[float(name[1:]) == STRIKES] = exposure
    return values


def held(at=6850.0, exposure=1e8, **thresholds):
    """A detector that knows a call wall there."""
    watched = Watched(walls, warm_up=0, **thresholds)
    strong = {f"s{at:.0f}": exposure}
    assert not watched.see_gamma(call_wall=wall(at, exposure=exposure), net=net(**strong))
    return watched


def test_a_wall_moves_when_another_is_a_tenth_stronger_three_times_in_a_row():
    """110 against 100 for three evaluations moves it, once, up and with both strikes; 109 never does."""
    watched = held()
    weaker = {"call_wall": wall(6870.0, exposure=1.09e8), "net": net(s6850=1e8, s6870=1.09e8)}
    assert not any(watched.see_gamma(**weaker) for _ in range(10))
    stronger = {"call_wall": wall(6870.0, exposure=1.11e8), "net": net(s6850=1e8, s6870=1.11e8)}
    assert [watched.see_gamma(**stronger) for _ in range(5)] == [[], [], [CALL], [], []]
    event = watched.events[0]
    assert (event.direction, event.title) == ("up", "Call wall moved from 6,850 to 6,870")
    assert (event.evidence["from"].value, event.evidence["to"].value) == (6850.0, 6870.0)
    assert event.evidence["way"].value == pytest.approx(1 / 3)
    assert event.severity == 50


def test_a_break_in_the_row_or_another_challenger_counts_from_one():
    """Two evaluations for one strike and one for another move nothing; nor do two, one for the old wall, and two."""
    watched = held()
    strong = net(s6850=1e8, s6870=2e8, s6875=2e8)
    for strike in (6870.0, 6870.0, 6875.0, 6875.0, 6850.0, 6875.0, 6875.0):
        assert not watched.see_gamma(call_wall=wall(strike, exposure=2e8), net=strong)
    assert watched.see_gamma(call_wall=wall(6875.0, exposure=2e8), net=strong) == [CALL]


def test_a_wall_that_is_near_is_no_other():
    """One less than three tenths of the expected move away is not told, however strong; its way counts from the one told last."""
    watched = held()
    for strike in (6855.0, 6860.0, 6865.0):
        seen = {"call_wall": wall(strike, exposure=9e8), "net": net(s6850=1e8)}
        assert not any(watched.see_gamma(**seen) for _ in range(5))
    seen = {"call_wall": wall(6870.0, exposure=9e8), "net": net(s6850=1e8)}
    assert [watched.see_gamma(**seen) for _ in range(3)][-1] == [CALL]
    assert watched.events[0].evidence["from"].value == 6850.0


def test_what_does_not_stand_out_takes_nobodys_place():
    """Below a dominance of 0.15 a wall is none; the old one is remembered meanwhile."""
    watched = held()
    for _ in range(5):
        assert not watched.see_gamma(
            call_wall=wall(6865.0, exposure=9e8, dominance=0.149), net=net(s6850=1e8)
        )
        assert not watched.see_gamma(call_wall=None, net=net(s6850=1e8))
    assert watched.memory.call.strike == 6850.0


def test_a_wall_that_spot_has_passed_gives_way():
    """With spot a tenth of the expected move above the old call wall the next strike takes its place whatever its strength."""
    watched = held()
    past = {"call_wall": wall(6875.0, exposure=1e7), "net": net(s6850=1e8, s6875=1e7)}
    assert not any(watched.see_gamma(6856.0, **past) for _ in range(10))
    assert [watched.see_gamma(6856.1, **past) for _ in range(3)] == [[], [], [CALL]]


def test_the_put_wall_has_a_key_of_its_own():
    """A put wall, negative in its exposure, moves down by the same rule, and both may move at once."""
    watched = Watched(walls, warm_up=0)
    watched.see_gamma(put_wall=wall(6750.0, exposure=-1e8), net=net(s6750=-1e8))
    lower = {"put_wall": wall(6720.0, exposure=-1.2e8), "net": net(s6750=-1e8, s6720=-1.2e8)}
    assert [watched.see_gamma(**lower) for _ in range(3)][-1] == [("wall_moved", "enter", "put")]
    assert watched.events[0].direction == "down"
    assert watched.events[0].severity == 50


def stand(watched, at, evaluations, exposure=3e8):
    """So many evaluations in which the call wall stands there, far ahead of all others; what was told, in the words of its titles."""
    before = len(watched.events)
    for _ in range(evaluations):
        watched.see_gamma(call_wall=wall(at, exposure=exposure), net=net(**{f"s{at:.0f}": exposure}))
    return [event.title for event in watched.events[before:]]


def test_a_move_within_the_cooldown_is_told_when_it_is_over():
    """A second move that way within the hour waits; then the way from the strike that was told last is told at once, and once."""
    watched = held()
    assert stand(watched, 6875.0, 10) == ["Call wall moved from 6,850 to 6,875"]
    assert stand(watched, 6850.0, 10) == ["Call wall moved from 6,875 to 6,850"]
    assert stand(watched, 6875.0, 100) == []
    assert stand(watched, 6895.0, 242) == []  # an hour after the first one
    assert watched.events[0].ts + 3_600_000 == watched.ts
    assert stand(watched, 6895.0, 100) == ["Call wall moved from 6,850 to 6,895"]
    assert watched.events[-1].evidence["from"].value == 6850.0
    assert watched.events[-1].ts == watched.events[0].ts + 3_600_000


def test_a_wall_that_has_come_back_has_not_moved():
    """Away and back while it cools is nothing; nor is what leads by less than a tenth when the cooldown is over."""
    watched = held()
    for at in (6875.0, 6850.0):
        stand(watched, at, 10)
    assert stand(watched, 6875.0, 200) == []
    assert stand(watched, 6850.0, 400) == []
    watched = held(cooldown_s=600)
    for at in (6875.0, 6850.0, 6875.0):
        stand(watched, at, 10)
    even = {"call_wall": wall(6875.0, exposure=1.09e8), "net": net(s6850=1e8, s6875=1.09e8)}
    assert not any(watched.see_gamma(**even) for _ in range(200))
    assert watched.memory.call.strike == 6850.0


def test_the_other_way_and_the_other_side_do_not_wait():
    """The cooldown is one of a side and a direction."""
    watched = held()
    assert stand(watched, 6875.0, 3)
    assert stand(watched, 6850.0, 3) == ["Call wall moved from 6,875 to 6,850"]
    lower = {"put_wall": wall(6750.0, exposure=-1e8), "net": net(s6750=-1e8)}
    watched.see_gamma(**lower)
    higher = {"put_wall": wall(6780.0, exposure=-3e8), "net": net(s6780=-3e8)}
    assert [watched.see_gamma(**higher) for _ in range(3)][-1] == [("wall_moved", "enter", "put")]


def test_what_stands_in_the_first_minutes_is_no_news():
    """In the first thirty evaluations of a chain a wall is held without a word wherever it stands; from there it moves."""
    watched = Watched(walls)
    assert watched.thresholds.warm_up == 30
    assert stand(watched, 6850.0, 15) == []
    assert stand(watched, 6800.0, 15) == []
    assert watched.memory.call.strike == 6800.0
    assert stand(watched, 6850.0, 3) == ["Call wall moved from 6,800 to 6,850"]


def test_without_a_measure_nothing_has_moved():
    """While the expected move of the open is not known no way is far enough, however long it lasts."""
    watched = held()
    seen = picture(gamma=ladder(call_wall=wall(6880.0, exposure=9e8), net=net(s6880=9e8)))
    assert not any(watched.see(picture=seen, marks=Marks()) for _ in range(10))
    assert watched.memory.call.strike == 6850.0


@pytest.mark.parametrize("days", [0, 1])
def test_another_chain_or_day_is_begun_anew(days):
    """The first wall of another chain, or of another day, has not moved from anywhere."""
    watched = held()
    later = ChainId("SPX", date(2026, 11, 24))
    watched.ts += days * 86_400_000
    chain = later if days == 0 else ChainId("SPX", date(2026, 11, 23))
    seen = picture(chain=chain, gamma=ladder(call_wall=wall(6880.0), net=net(s6880=1e8)))
    assert not any(watched.see(chain=chain, picture=seen) for _ in range(5))
    assert watched.memory.call.strike == 6880.0


def test_a_roll_does_not_end_a_cooldown():
    """A wall of the next chain that moves within the hour waits, too, and is told from where that chain's wall stood first."""
    watched = held()
    stand(watched, 6875.0, 3)
    later = ChainId("SPX", date(2026, 11, 24))
    for at, evaluations in ((6820.0, 5), (6850.0, 370)):
        seen = picture(chain=later, gamma=ladder(call_wall=wall(at), net=net(**{f"s{at:.0f}": 1e8})))
        for _ in range(evaluations):
            watched.see(chain=later, picture=seen)
    assert [event.title for event in watched.events[1:]] == ["Call wall moved from 6,820 to 6,850"]
    assert watched.events[1].ts == watched.events[0].ts + 3_600_000


def test_without_gamma_it_is_not_judged():
    """Without levels the old wall is kept."""
    watched = held()
    assert watched.see(picture=picture(gamma=None)) == []
    assert watched.sightings is None
    assert watched.memory.call.strike == 6850.0
