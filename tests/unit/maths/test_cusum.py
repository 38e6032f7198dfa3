"""Where a series breaks, and how often one is said to that does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.maths.cusum import Cusum, CusumRule, deviation_of, follow

RULE = CusumRule(floor=1e-9)
UNCLIPPED = 1e9
SESSION = 390


def breaks(values, rule=RULE, cusum=None):
    """Places and breaks of a series."""
    cusum, found = cusum or Cusum(), []
    for place, value in enumerate(values):
        cusum, broke = follow(cusum, float(value), rule)
        found += [(place, broke)] if broke is not None else []
    return found


def alarms_a_session(draw, rule, sessions):
    """Mean false alarms of a session of one value a minute."""
    return sum(len(breaks(draw(SESSION), rule)) for _ in range(sessions)) / sessions


def gaussian(seed):
    """Normal noise."""
    return np.random.default_rng(seed).standard_normal


def fat(seed):
    """Student noise of four degrees of freedom, over 1.098: its robust deviation is 1."""
    chance = np.random.default_rng(seed)
    return lambda count: chance.standard_t(4, count) / 1.098


def test_gaussian_noise_reaches_five_once_in_a_session_and_ten_hardly_ever():
    """A limit of 5 alarms about once in 469 values, as Siegmund has it; one of 10 not in 30 sessions."""
    assert 0.5 < alarms_a_session(gaussian(1), RULE._replace(limit=5), 60) < 1.6
    assert alarms_a_session(gaussian(2), RULE, 30) <= 0.1


def test_fat_noise_alarms_once_in_many_sessions():
    """With clipped Student noise of four degrees a limit of 10 alarms at most once in four sessions, one of 5 some times in each."""
    assert alarms_a_session(fat(3), RULE, 60) <= 0.25
    assert 2.4 < alarms_a_session(fat(4), RULE._replace(limit=5), 30) < 5.5


def test_the_clip_matters():
    """Without the clip the same fat noise alarms at least three times as often."""
    clipped = alarms_a_session(fat(5), RULE, 60)
    unclipped = alarms_a_session(fat(5), RULE._replace(clip=UNCLIPPED), 60)
    assert unclipped >= 0.3
    assert unclipped >= 3 * clipped


def test_a_shift_of_two_deviations_is_found_within_a_quarter_of_an_hour():
    """After 100 calm values a shift by two is found in nine of ten series, ten values later in the middle, and in its direction."""
    delays = []
    for seed in range(100):
        noise = gaussian(seed)(140)
        noise[100:] += 2
        found = [(place - 99, broke) for place, broke in breaks(noise) if place >= 100]
        delays += [delay for delay, broke in found[:1] if broke.direction == "up"]
    assert len(delays) >= 90
    assert 6 <= np.median(delays) <= 13


def test_one_wild_value_is_no_break():
    """A single value a thousand deviations off counts as three and a half."""
    calm = list(gaussian(7)(60))
    assert not breaks([*calm, 1000.0, *gaussian(8)(20)])
    assert breaks([*calm, 1000.0], RULE._replace(clip=UNCLIPPED))


def test_a_break_says_from_where_to_where():
    """Before is the mean at which the series stood, after the value that gave the alarm, down as well as up."""
    for sign in (1, -1):
        values = np.concatenate([gaussian(9)(80) * 0.1, sign * np.full(20, 3.0) + gaussian(10)(20) * 0.1])
        _, broke = breaks(values)[0]
        assert broke.direction == ("up" if sign > 0 else "down")
        assert abs(broke.before) < 0.2
        assert abs(broke.after - sign * 3) < 0.5
        assert broke.score > RULE.limit


def test_after_a_break_the_new_place_is_the_usual_one():
    """A step is one break, however long the series stays where it went."""
    values = np.concatenate([gaussian(11)(80), 20 + gaussian(12)(200)])
    assert len(breaks(values)) == 1


def test_a_series_that_wanders_does_not_break_all_the_time():
    """A random walk of a session breaks about once, where it would ten times if it were taken for noise; a sharp move breaks it."""
    walks = [np.cumsum(gaussian(seed)(SESSION)) for seed in range(40)]
    blind = RULE._replace(wander=1e9)
    assert sum(len(breaks(walk)) for walk in walks) <= 1.6 * len(walks)
    assert sum(len(breaks(walk, blind)) for walk in walks) >= 6 * len(walks)
    for seed in range(40):
        steps = gaussian(seed)(100) * 0.3
        steps[90:] += 2
        assert any(place >= 90 and broke.direction == "up" for place, broke in breaks(np.cumsum(steps)))


def test_a_change_below_the_least_is_no_break():
    """However clear against the noise, what is smaller is none; as soon as it is not, it is."""
    values = np.concatenate(
        [gaussian(14)(80) * 0.01, 0.3 + gaussian(15)(10) * 0.01, 0.6 + gaussian(16)(5) * 0.01]
    )
    place, broke = breaks(values, CusumRule(floor=0.01, least=0.5))[0]
    assert place >= 90
    assert abs(broke.after - broke.before) >= 0.5


def test_a_slow_trend_is_no_break():
    """A change that takes an hour and a half is none, however far it goes past the least; the same within a quarter of an hour is one."""
    for minutes, is_one in ((90, False), (15, True)):
        way = np.interp(np.arange(200), [100, 100 + minutes], [0.0, 1.0])
        found = [
            breaks(way + gaussian(seed)(200) * 0.05, CusumRule(floor=0.01, least=0.5)) for seed in range(20)
        ]
        assert all(found) if is_one else not any(found)


def test_what_has_just_broken_may_turn_back():
    """A series that goes up and soon down again breaks twice, although it then stands where it stood twenty values ago."""
    for seed in range(20):
        values = np.concatenate([np.zeros(80), np.full(12, 1.0), np.zeros(20)])
        found = breaks(values + gaussian(seed)(112) * 0.05, CusumRule(floor=0.01, least=0.5))
        assert [broke.direction for _, broke in found] == ["up", "down"]


def test_nothing_is_judged_before_it_is_warm():
    """In the first thirty distances no step is a break."""
    assert not breaks([0.0] * 15 + [5.0] * 15)
    assert breaks([0.0, 0.01] * 20 + [5.0] * 6)


def test_a_still_series_is_measured_by_the_floor():
    """Steps smaller than the floor allows are no break where nothing has moved yet, larger ones are."""
    still = [1.0] * 50
    assert not breaks([*still, *[1.0004] * 50], CusumRule(floor=0.001))
    assert breaks([*still, *[1.01] * 50], CusumRule(floor=0.001))


def test_the_deviation_is_robust():
    """The robust deviation of normal noise is its standard deviation, and a tenth of wild values hardly moves it."""
    sizes = np.abs(gaussian(13)(2001))
    assert deviation_of(tuple(sizes), 0.0) == pytest.approx(1, rel=0.05)
    assert deviation_of((*sizes, *[1e6] * 200), 0.0) == pytest.approx(1, rel=0.2)
    assert deviation_of((), 0.5) == deviation_of((0.1,), 0.5) == 0.5


@given(st.lists(st.floats(-1e6, 1e6), max_size=120))
def test_its_memory_stays_small_and_finite(values):
    """Whatever is taken in, sums stay between zero and a clip beyond the limit, and no more than the window is kept."""
    cusum = Cusum()
    for value in values:
        cusum, _ = follow(cusum, value, RULE)
        assert 0 <= cusum.up <= RULE.limit + RULE.clip
        assert 0 <= cusum.down <= RULE.limit + RULE.clip
        assert len(cusum.sizes) <= len(cusum.values) <= RULE.window
        assert cusum.mean is not None
        assert abs(cusum.mean) <= 1e6
