"""Breaks of the smile's level, skew and curvature."""

from datetime import date

import msgspec
import numpy as np

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import smile
from marketswarm.vigil.sighting import Marks, SessionTime, Tick
from tests.support import real_series
from tests.support.vigil_pictures import CHAIN, picture
from tests.support.vigil_pictures import smile as smile_of
from tests.support.watched import Watched, at, closed

LATER = ChainId("SPX", date(2026, 11, 24))
MINUTE_MS = 60_000
NOISE = 0.001  # a tenth of a volatility point, as the minutes of a day's chain have


def play(levels, start=at(9, 30), chain=CHAIN, watched=None, marks=None, **fit):
    """One minute after another of such levels; skew and curvature keep their share of it."""
    watched = watched or Watched(smile, start)
    for level in levels:
        shares = {"skew": -0.04 * level, "curvature": 0.02 * level, **fit}
        seen = picture(chain=chain, smile=smile_of(level=float(level), **shares))
        watched.see(chain=chain, picture=seen, every_ms=MINUTE_MS, marks=marks or Marks(move_open=60.0))
    return watched


def noisy(seed, count, middle=0.15):
    """Levels around a middle."""
    return middle + NOISE * np.random.default_rng(seed).standard_normal(count)


def times(watched):
    """Key, direction and minute of the day of all that was told."""
    return [(event.key, event.direction, (event.ts - at(0, 0)) // MINUTE_MS) for event in watched.events]


def test_a_level_that_jumps_by_a_volatility_point_breaks_within_minutes():
    """From 15 % to 16 % at 11:00: one break, up, of the level alone, with its numbers."""
    watched = play([*noisy(1, 90), *noisy(2, 60, 0.16)])
    (key, direction, minute), *others = times(watched)
    assert (key, direction, others) == ("level", "up", [])
    assert 663 <= minute <= 666
    evidence = watched.events[0].evidence
    assert abs(evidence["before"].value - 15) < 0.1
    assert abs(evidence["change"].value - 1) < 0.3
    assert evidence["change"].unit == "vol points"
    assert evidence["with_spot"].value == "no"
    assert watched.events[0].title == f"Smile level broke up by {evidence['change'].value:.2g} vol points"


def test_skew_and_curvature_break_by_their_share_of_the_level():
    """The same level with another skew, or another curvature, breaks that part alone, in its direction."""
    watched = play(noisy(3, 90))
    play([0.15] * 30, watched=watched, skew=-0.04 * 0.15 - 0.03 * 0.15)
    assert [(key, way) for key, way, _ in times(watched)] == [("skew", "down")]
    watched = play(noisy(4, 90))
    play([0.15] * 30, watched=watched, curvature=0.04 * 0.15)
    assert [(key, way) for key, way, _ in times(watched)] == [("curvature", "up")]
    assert len(watched.events[0].title) <= 60


def test_less_than_the_floor_is_no_break():
    """0.4 of a volatility point, 0.018 of skew and 0.009 of curvature are nothing, however clear against the noise."""
    calm = [0.15] * 60
    assert not play([*calm, *[0.154] * 60]).events
    assert not play(calm + [0.15] * 60, skew=-0.006).events
    watched = play(calm)
    play([0.15] * 60, watched=watched, skew=-0.04 * 0.15 - 0.018 * 0.15, curvature=0.029 * 0.15)
    assert not watched.events


def test_a_high_level_has_to_move_further():
    """At 30 % a volatility point is nothing, since six parts of a hundred are asked; two and a half of them are a break."""
    assert not play([*noisy(20, 90, 0.30), *noisy(21, 60, 0.31)]).events
    watched = play([*noisy(20, 90, 0.30), *noisy(21, 60, 0.325)])
    assert [(key, way) for key, way, _ in times(watched)] == [("level", "up")]


def test_what_takes_an_hour_is_no_break():
    """A curvature that falls by half within an hour, as that of a chain does that settles soon, is no break."""
    watched = play([0.15] * 90, curvature=0.06 * 0.15)
    for share in np.linspace(0.06, 0.03, 60):
        play([0.15], watched=watched, curvature=share * 0.15)
    assert not watched.events


def test_one_wild_minute_is_no_break():
    """A single fit ten volatility points off, and back, tells nothing."""
    assert not play([*noisy(5, 90), 0.25, *noisy(6, 60)]).events


def test_a_quiet_session_has_no_break():
    """In twenty sessions of noise nothing breaks."""
    assert not [event for seed in range(20) for event in play(noisy(100 + seed, 370)).events]


def test_one_fit_a_minute_counts():
    """Pictures come every ten seconds: the first of each minute is the sample."""
    watched = Watched(smile, at(10, 0))
    for n in range(60):
        watched.see(picture=picture(smile=smile_of(level=0.15 if n % 6 == 0 else 0.9)))
    assert len(watched.memory.level.sizes) <= 9
    assert watched.memory.level.mean == 0.15


def test_a_fit_counts_after_a_good_one_only():
    """Bad fits are not taken in, and neither is the first good one after them."""
    watched = play([0.15] * 10)
    play([0.9] * 5, watched=watched, is_good=False, error=0.08)
    assert watched.sightings is None
    play([0.9], watched=watched)
    assert watched.memory.level.mean == 0.15
    play([0.9], watched=watched)
    assert watched.memory.level.mean > 0.15


def test_spot_that_moved_in_the_same_minute_is_named():
    """A sixth of the expected move within the minute is said in the title and in evidence; a tenth is in evidence only."""
    for spot, joint in ((6790.0, True), (6794.0, False)):
        watched = play(noisy(7, 90))
        for _ in range(10):
            ticks = tuple(Tick(watched.ts - 60_000 + n * 10_000, 6800.0) for n in range(6))
            seen = picture(smile=smile_of(level=0.2, skew=-0.008, curvature=0.004))
            watched.see(spot, picture=seen, before=ticks, every_ms=MINUTE_MS)
        event = watched.events[0]
        assert event.title.endswith(", with spot") == joint
        assert len(event.title) <= 60
        assert event.evidence["with_spot"].value == ("yes" if joint else "no")
        assert abs(event.evidence["spot_moved"].value - (spot - 6800) / 60) < 1e-9


def test_where_the_move_is_not_known_nothing_is_said_of_spot():
    """Without a measure, or without a spot of a minute ago, a break is told and spot left out."""
    watched = play([*noisy(8, 90), *noisy(9, 10, 0.17)], marks=Marks())
    assert watched.events
    assert "spot_moved" not in watched.events[0].evidence


def test_nothing_is_told_in_the_first_minutes():
    """What breaks within ten minutes of the open, or as many as are set, is taken in and not told."""
    levels = [0.15] * 20 + [0.2] * 10
    assert smile.Thresholds().quiet_after_open_min == 10
    for quiet_min, count in ((10, 1), (23, 1), (24, 0)):
        watched = Watched(smile, at(9, 30), warm_up=10, quiet_after_open_min=quiet_min)
        assert len(play(levels, watched=watched).events) == count


def test_nothing_is_judged_in_the_last_twenty_minutes_of_an_expiration():
    """From 15:40 on the chain that settles today is not judged; that of tomorrow is."""
    levels = [*noisy(10, 70), *noisy(11, 20, 0.2)]
    assert not play(levels, start=at(14, 30)).events
    assert play(levels, start=at(14, 30), chain=LATER).events


def test_another_chain_or_day_is_begun_anew():
    """The next expiration has another level, and so has tomorrow: neither is a break."""
    watched = play([0.15] * 90)
    play([0.25] * 90, watched=watched, chain=LATER)
    assert not watched.events
    watched.ts = at(9, 30) + 24 * 3600_000
    play([0.35] * 90, watched=watched, chain=LATER)
    assert not watched.events


def test_its_memory_is_small():
    """A session's memory is less than five kilobytes of JSON."""
    watched = play(noisy(12, 370))
    assert len(msgspec.json.encode(watched.memory)) < 5_000


def test_without_a_smile_it_is_not_judged():
    """Without a fit nothing is invented; out of session nothing is watched."""
    watched = Watched(smile)
    for part in (None, smile_of(is_good=False, error=0.08), smile_of(level=0.0), smile_of(skew=float("nan"))):
        assert watched.see(picture=picture(smile=part)) == []
        assert watched.sightings is None
    assert watched.see(session=closed(watched.ts), picture=picture(smile=smile_of())) == []


def test_a_day_like_that_of_a_sudden_fall_breaks_when_it_comes():
    """A level of 31 % that rises by five points from 10:45 to 10:53 breaks in that time first, and upward."""
    rise = np.interp(np.arange(370), [75, 83], [0.0, 0.048])
    for seed in range(5):
        found = times(play(noisy(seed, 370, 0.31) + rise))
        assert found[0][:2] == ("level", "up")
        assert 645 <= found[0][2] <= 653


def test_a_day_like_that_of_two_shocks_breaks_at_both():
    """A level of 31 % that rises by a tenth from 14:46 on, and falls by as much from 15:12 on, breaks within ten minutes of each."""
    shocks = np.interp(np.arange(370), [316, 320, 342, 346], [0.0, 0.03, 0.03, 0.0])
    for seed in range(5):
        found = times(play(noisy(seed, 370, 0.31) + shocks, chain=LATER))
        assert next(way for _, way, minute in found if 886 <= minute <= 896) == "up"
        assert next(way for _, way, minute in found if 912 <= minute <= 922) == "down"


if real_series.FOLDER is not None:

    def real_breaks(day, expiration):
        """Minutes of the day, New York, at whose end the level of a real chain broke."""
        opened = real_series.new_york_ms(day, 9, 30)
        session = SessionTime(day.isoformat(), opened, opened + 390 * MINUTE_MS, is_open=True)
        watched, chain = Watched(smile), ChainId("SPX", expiration)
        for ts, level in real_series.spxw_volatility(day, expiration):
            watched.ts = ts
            seen = picture(chain=chain, smile=smile_of(level=level, skew=0.0, curvature=0.0))
            watched.see(chain=chain, session=session, picture=seen)
        return [570 + (event.ts - opened) // MINUTE_MS for event in watched.events]

    def test_the_fall_of_4_january_2021_is_the_first_break_of_the_day():
        """The first break lies between 10:45 and 10:53, in the chain that settled that day and in that of two days later."""
        for expiration in (4, 6):
            assert 645 <= real_breaks(date(2021, 1, 4), date(2021, 1, expiration))[0] <= 653

    def test_the_shock_of_6_january_2021_breaks_within_minutes():
        """A break within five minutes of 14:46, in every chain."""
        for expiration in (6, 8, 11, 13):
            found = real_breaks(date(2021, 1, 6), date(2021, 1, expiration))
            assert any(abs(minute - 886) <= 5 for minute in found)
