"""Walls move when another strike is clearly stronger."""

from datetime import date

import numpy as np
import pytest

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import walls
from tests.support.vigil_pictures import picture, wall
from tests.support.watched import STRIKES, Watched, ladder

CALL = ("wall_moved", "enter", "call")


def net(**exposures):
    """Net exposure by strike, as `s6850=3e8`."""
    values = np.zeros_like(STRIKES)
    for name, exposure in exposures.items():
        values[float(name[1:]) == STRIKES] = exposure
    return values


def held(at=6850.0, exposure=1e8):
    """A detector that knows a call wall there."""
    watched = Watched(walls)
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
    watched = Watched(walls)
    watched.see_gamma(put_wall=wall(6750.0, exposure=-1e8), net=net(s6750=-1e8))
    lower = {"put_wall": wall(6720.0, exposure=-1.2e8), "net": net(s6750=-1e8, s6720=-1.2e8)}
    assert [watched.see_gamma(**lower) for _ in range(3)][-1] == [("wall_moved", "enter", "put")]
    assert watched.events[0].direction == "down"
    assert watched.events[0].severity == 50


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


def test_without_gamma_it_is_not_judged():
    """Without levels the old wall is kept."""
    watched = held()
    assert watched.see(picture=picture(gamma=None)) == []
    assert watched.sightings is None
    assert watched.memory.call.strike == 6850.0
