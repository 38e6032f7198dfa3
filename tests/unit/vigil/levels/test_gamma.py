"""Gamma levels: a chain worked out by hand, identities on a simulated one, why there are none, and columns of all kinds."""

from dataclasses import asdict, replace
from math import fsum, inf, isfinite
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.maths.settlement import GREEKS_YEARS
from marketswarm.vigil.levels.gamma import GAMMA_ABSENCES, gamma_levels
from marketswarm.vigil.picture import Cluster, Crossing, GammaLevels, Wall, Weighing
from tests.support.held_chain import NAN, held_columns, simulated_columns

CALLS, PUTS = (10, 20, 100, 200, 120), (100, 150, 80, 30, 10)
STRIKES = (90, 95, 100, 105, 110)
FIVE = [
    (float(strike), side, float(held))
    for strike, calls, puts in zip(STRIKES, CALLS, PUTS, strict=True)
    for side, held in (("call", calls), ("put", puts))
]
# One contract at each strike, by tables of the normal density: v √T = 0.1, d1 = 10 ln(100 / K) + 0.05, D = exp(-0.04 / 4) = 0.990050,
# gamma = D n(d1) / 10, and USD per 1 % = gamma × 100 × 100² × 0.01 = 990.050 n(d1).
ONE = 990.050 * np.array([0.216989, 0.340485, 0.398444, 0.362469, 0.265342])


def levels_of(columns, *, usable=None, forward_ratio=1.0, sigma=10.0, weighing="open-interest"):
    """Levels with every row usable and the forward at spot, unless it is said otherwise."""
    (levels,) = gamma_levels(
        columns,
        np.ones(columns.size, dtype=bool) if usable is None else usable,
        forward_ratio=np.broadcast_to(np.array(forward_ratio, dtype=float), len(columns.roots)),
        sigma=sigma,
        weighings=(weighing,),
    )
    return levels


def simulated(**more):
    """Levels of a simulated front chain of 202 contracts."""
    return levels_of(simulated_columns(), sigma=40.0, **more)


def bytes_of(levels):
    """Everything that levels hold, to the last bit."""
    return {
        name: part.tobytes() if isinstance(part, np.ndarray) else repr(part)
        for name, part in ((name, getattr(levels, name)) for name in levels.__slots__)
    }


# -- by hand -----------------------------------------------------------------------


def test_five_strikes_by_hand():
    """Exposure by strike, and its sums, in USD per move of 1 %."""
    levels = levels_of(held_columns(FIVE, spot=100.0))
    assert levels.strikes.tolist() == list(STRIKES)
    np.testing.assert_allclose(levels.call, ONE * CALLS, rtol=1e-5)
    np.testing.assert_allclose(levels.put, -ONE * PUTS, rtol=1e-5)
    np.testing.assert_allclose(levels.net, ONE * (-90, -130, 20, 170, 110), rtol=1e-5)
    np.testing.assert_allclose(levels.gross, ONE * (110, 170, 180, 230, 130), rtol=1e-5)
    assert levels.total == pytest.approx(34_636, abs=1)
    assert levels.gross_total == pytest.approx(268_634, abs=1)
    assert levels.ratio == pytest.approx(0.1289, abs=1e-4)


def test_the_levels_of_five_strikes():
    """Walls, peaks and the least running sum of the same chain."""
    levels = levels_of(held_columns(FIVE, spot=100.0))
    call, put = levels.call_wall, levels.put_wall
    assert (call.strike, put.strike) == (105, 95)
    assert call.exposure == pytest.approx(61_007, abs=1)
    assert (call.dominance, call.share) == (pytest.approx(0.6238, abs=1e-4), pytest.approx(0.2271, abs=1e-4))
    assert put.exposure == pytest.approx(-43_823, abs=1)
    assert (put.dominance, put.share) == (pytest.approx(0.6939, abs=1e-4), pytest.approx(0.1631, abs=1e-4))
    assert (levels.call_peak, levels.put_peak, levels.heaviest, levels.lowest) == (105, 95, 105, 95)


def test_weighing():
    """By open interest, by volume, and with half of the volume added; a row that did not trade has no volume to add."""
    volume = [NAN if side == "call" else 40.0 for _, side, _ in FIVE]
    columns = held_columns(FIVE, spot=100.0, volume=volume)
    assert levels_of(columns).put[0] == pytest.approx(-100 * ONE[0], rel=1e-5)
    live = levels_of(columns, weighing="open-interest+volume/2")
    assert live.put[0] == pytest.approx(-120 * ONE[0], rel=1e-5)
    assert live.call.tolist() == levels_of(columns).call.tolist()
    traded = levels_of(columns, weighing="volume")
    assert traded.put[0] == pytest.approx(-40 * ONE[0], rel=1e-5)
    assert traded.call_wall is None
    assert {levels.weighing for levels in (live, traded)} == {"volume", "open-interest+volume/2"}


@pytest.mark.parametrize("without", ["nothing", "open interest at some strikes"])
def test_weighings_told_together_are_those_told_alone(without):
    """To the last bit, also where other contracts count in one of them than in the other."""
    columns = simulated_columns()
    if without != "nothing":
        interest, volume = columns.open_interest.copy(), columns.volume.copy()
        interest[:8], interest[90:94], volume[:8], volume[90:94], volume[150:] = 0.0, 0.0, 20.0, 20.0, NAN
        columns = replace(columns, open_interest=interest, volume=volume)
    weighings = get_args(Weighing)
    together = gamma_levels(
        columns,
        np.ones(columns.size, dtype=bool),
        forward_ratio=np.ones(1),
        sigma=40.0,
        weighings=weighings,
    )
    for weighing, levels in zip(weighings, together, strict=True):
        assert bytes_of(levels) == bytes_of(levels_of(columns, sigma=40.0, weighing=weighing))


def test_exposure_grows_with_the_multiplier():
    """A contract on ten units weighs a tenth of one on a hundred."""
    small = levels_of(held_columns(FIVE, spot=100.0, multiplier=10.0))
    assert small.total == pytest.approx(levels_of(held_columns(FIVE, spot=100.0)).total / 10, rel=1e-12)


# -- identities ----------------------------------------------------------------------


@pytest.mark.parametrize("weighing", get_args(Weighing))
def test_strikes_sum_to_the_total(weighing):
    """Net and gross by strike sum exactly to what is given as their totals, and net and gross are those of calls and puts."""
    levels = simulated(weighing=weighing)
    assert fsum(levels.net) == levels.total
    assert fsum(levels.gross) == levels.gross_total
    assert (levels.call + levels.put == levels.net).all()
    assert (levels.call - levels.put == levels.gross).all()


def test_the_profile_at_spot_is_the_total():
    """1e-9 relative, in the middle of the grid; the regime is that over gross."""
    levels = simulated()
    assert levels.grid[200] == simulated_columns().spot
    assert levels.at_spot == levels.profile[200] == pytest.approx(levels.total, rel=1e-9)
    assert levels.regime == pytest.approx(levels.ratio, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_a_flip_is_a_sign_change_of_the_profile(seed):
    """Around each crossing the profile has two signs, as many times as it changes them; the flip is that nearest to spot."""
    columns = simulated_columns(seed=seed)
    levels = levels_of(columns, sigma=40.0)
    signs = np.sign(levels.profile[levels.profile != 0])
    assert len(levels.crossings) == np.count_nonzero(np.diff(signs))
    for crossing in levels.crossings:
        above = int(np.searchsorted(levels.grid, crossing.level))
        assert levels.profile[above - 1] * levels.profile[above] < 0
        assert (crossing.slope > 0) == (levels.profile[above] > 0)
    nearest = min(
        (c.level for c in levels.crossings), key=lambda level: abs(level - columns.spot), default=None
    )
    assert levels.flip == nearest


def test_there_is_no_flip_where_the_profile_has_one_sign():
    """Calls alone are positive everywhere: no crossing, no flip, no confidence, and no put wall."""
    levels = levels_of(held_columns([row for row in FIVE if row[1] == "call"], spot=100.0))
    assert levels.crossings == ()
    assert (levels.flip, levels.flip_confidence, levels.put_wall, levels.put_peak) == (None, None, None, None)
    assert levels.regime == 1.0


def test_equal_calls_and_puts_are_nothing():
    """Net is 0 in all, exactly, while gross is not; there is nothing to flip, and no wall."""
    rows = [(float(strike), side, 77.0) for strike in STRIKES for side in ("call", "put")]
    levels = levels_of(held_columns(rows, spot=101.0))
    assert not levels.net.any()
    assert not levels.profile.any()
    assert (levels.total, levels.at_spot, levels.regime, levels.vanna) == (0, 0, 0, 0)
    assert levels.crossings == ()
    assert (levels.call_wall, levels.put_wall, levels.lowest) == (None, None, None)
    assert levels.gross_total > 0


def test_confidence_in_the_flip():
    """It is 0 to 1; less where one side is weak, and there is none without a sigma."""
    strong = [(97.0, "put", 100.0), (103.0, "call", 100.0)]
    weak = [(97.0, "put", 5.0), (103.0, "call", 100.0)]
    one, other = (
        levels_of(held_columns(rows, spot=100.0, years=0.005), sigma=1.5) for rows in (strong, weak)
    )
    assert 0 < other.flip_confidence < one.flip_confidence <= 1
    assert levels_of(held_columns(strong, spot=100.0, years=0.005), sigma=None).flip_confidence is None


def test_roots_have_their_own_time_and_forward():
    """A chain of two roots has the exposure of both by themselves, strike by strike."""
    rows = [*FIVE, *FIVE]
    root = [0] * len(FIVE) + [1] * len(FIVE)
    years = np.where(np.array(root) == 0, 0.25, 0.1)
    both = levels_of(
        held_columns(rows, spot=100.0, roots=("SPX", "SPXW"), root=root, years=years),
        forward_ratio=[1.01, 0.99],
    )
    first = levels_of(held_columns(FIVE, spot=100.0), forward_ratio=1.01)
    second = levels_of(held_columns(FIVE, spot=100.0, years=0.1), forward_ratio=0.99)
    assert both.strikes.tolist() == list(STRIKES)
    np.testing.assert_allclose(both.net, first.net + second.net, rtol=1e-12)
    np.testing.assert_allclose(
        both.profile, first.profile + second.profile, rtol=1e-9, atol=1e-9 * both.gross_total
    )
    assert both.charm == pytest.approx(first.charm + second.charm, rel=1e-12)


def test_one_root_without_a_forward_leaves_the_other():
    """Its rows do not count."""
    columns = held_columns([*FIVE, *FIVE], spot=100.0, roots=("SPX", "SPXW"), root=[0] * 10 + [1] * 10)
    assert (
        levels_of(columns, forward_ratio=[NAN, 1.0]).total == levels_of(held_columns(FIVE, spot=100.0)).total
    )


def test_rows_that_are_not_usable_do_not_count():
    """Nor do those without a volatility or open interest."""
    columns = held_columns(FIVE, spot=100.0)
    usable = columns.strike != 105
    assert levels_of(columns, usable=usable).strikes.tolist() == [90, 95, 100, 110]
    without = replace(columns, iv=np.where(usable, columns.iv, NAN))
    assert levels_of(without).strikes.tolist() == [90, 95, 100, 110]
    unknown = replace(columns, open_interest=np.where(usable, columns.open_interest, NAN))
    assert levels_of(unknown).strikes.tolist() == [90, 95, 100, 110]


def test_the_last_two_minutes():
    """Nearer to settlement than two minutes exposure is that of two minutes."""
    last, two = (
        levels_of(held_columns(FIVE, spot=100.0, years=years), sigma=0.1)
        for years in (GREEKS_YEARS / 2, GREEKS_YEARS)
    )
    assert last.total == two.total
    assert last.charm == two.charm


def test_clusters_of_a_simulated_chain():
    """Each holds its share of gross, its centre lies within it, they do not overlap, and together they hold most."""
    levels = simulated()
    assert levels.clusters
    for cluster in levels.clusters:
        inside = (levels.strikes >= cluster.low) & (levels.strikes < cluster.high)
        assert cluster.share == pytest.approx(levels.gross[inside].sum() / levels.gross_total)
        assert cluster.ratio == pytest.approx(levels.net[inside].sum() / levels.gross[inside].sum())
        assert cluster.low <= cluster.centre < cluster.high
    assert 0.3 < sum(cluster.share for cluster in levels.clusters) <= 1


def test_two_clusters_are_told_apart():
    """Puts around one strike and calls around another: an accelerator and a pin, with their centres."""
    heavy = {96.0: ("put", 500.0), 104.0: ("call", 500.0)}
    rows = [
        (strike, *heavy.get(strike, ("call" if strike > 100 else "put", 1.0)))
        for strike in np.arange(90.0, 110.5, 0.5).tolist()
    ]
    lower, upper = levels_of(held_columns(rows, spot=100.0), sigma=2.0).clusters
    assert (lower.centre, upper.centre) == (pytest.approx(96, abs=0.05), pytest.approx(104, abs=0.05))
    assert (lower.kind, upper.kind) == ("accelerator", "pin")
    assert (lower.ratio, upper.ratio) == (-1, 1)


@pytest.mark.parametrize(("apart", "count"), [(2, 1), (4, 2)])
def test_without_a_sigma_strike_steps_measure_clusters(apart, count):
    """Heavy strikes two steps apart are one cluster, four steps apart two: the bandwidth is one and a half steps."""
    rows = [(float(k), "call", 500.0 if k in {100, 100 + apart} else 1.0) for k in range(80, 121)]
    assert len(levels_of(held_columns(rows, spot=100.0), sigma=None).clusters) == count


def test_a_sigma_finer_than_the_grid():
    """The nearest points of the grid on both sides of the flip still tell its confidence."""
    rows = [(97.0, "put", 100.0), (103.0, "call", 100.0)]
    assert levels_of(held_columns(rows, spot=100.0, years=0.005), sigma=1e-6).flip_confidence > 0


# -- why there are none ----------------------------------------------------------------

WIDE = [
    (float(strike), side, 10.0) for strike in range(80, 121) for side in ("call", "put")
]  # 20 strikes on each side of spot at 100


def wide(held=lambda strike: 10.0, **columns):
    """A chain of 41 strikes, with open interest by strike."""
    rows = [(strike, side, held(strike)) for strike, side, _ in WIDE]
    return held_columns(rows, spot=columns.pop("spot", 100.0), **columns)


ABSENT = {
    "no-spot": lambda: levels_of(wide(spot=NAN)),
    "no-contracts": lambda: levels_of(held_columns([], spot=100.0)),
    "no-open-interest": lambda: levels_of(wide(lambda strike: NAN if strike < 100 else 0.0)),
    "no-volume": lambda: levels_of(wide(volume=0.0), weighing="volume"),
    "no-usable-quotes": lambda: levels_of(wide(), usable=np.zeros(82, dtype=bool)),
    "expired": lambda: levels_of(wide(years=NAN)),
    "no-forward": lambda: levels_of(wide(), forward_ratio=-1.0),
    "no-volatility": lambda: levels_of(wide(iv=NAN)),
    "too-few-strikes": lambda: levels_of(wide(lambda strike: 10.0 if strike > 91 else 0.0)),
    "no-gamma": lambda: levels_of(
        held_columns([(50.0, "put", 9.0), (150.0, "call", 9.0)], spot=100.0, years=1e-5)
    ),
    "not-finite": lambda: levels_of(wide(multiplier=1e305)),
}


@pytest.mark.parametrize("reason", GAMMA_ABSENCES)
def test_why_there_are_no_levels(reason):
    """Each reason, by a chain of which it is true."""
    assert ABSENT[reason]() == reason


@pytest.mark.parametrize(
    ("least", "most", "fits"),
    [(91, 109, True), (91, 110, True), (92, 110, False), (80, 109, True), (80, 108, False)],
)
def test_ten_strikes_on_each_side(least, most, fits):
    """Of a chain with twenty strikes on each side ten must hold something, a strike at spot counted on both."""
    levels = levels_of(wide(lambda strike: 10.0 if least <= strike <= most else 0.0))
    assert isinstance(levels, GammaLevels) == fits


@pytest.mark.parametrize(("each_side", "needed"), [(2, 1), (5, 2), (10, 5), (19, 9), (20, 10), (50, 10)])
def test_a_narrower_chain_needs_half_of_a_side(each_side, needed):
    """Ten at most, and one at least."""
    strikes = [1_000.0 + n for n in range(-each_side, each_side + 1)]

    def held_above(count):
        rows = [(k, "put" if k < 1_000 else "call", 5.0 if k < 1_000.5 + count else 0.0) for k in strikes]
        return levels_of(held_columns(rows, spot=1_000.5))

    assert isinstance(held_above(needed), GammaLevels)
    assert held_above(needed - 1) == "too-few-strikes"


# -- columns of all kinds ----------------------------------------------------------------

ODD = st.sampled_from([NAN, inf, -inf, 0.0, -1.0, 1e-310, 1e305, -1e305])
ROW = st.fixed_dictionaries(
    {
        "strike": st.one_of(st.integers(80, 120).map(float), ODD),
        "type": st.sampled_from(["call", "put"]),
        "interest": st.one_of(st.integers(0, 9_999).map(float), ODD),
        "root": st.integers(0, 1),
        "iv": st.one_of(st.floats(0.05, 2), st.floats(0.05, 2), ODD),
        "volume": st.one_of(st.integers(0, 9_999).map(float), ODD),
        "multiplier": st.one_of(st.just(100.0), st.just(100.0), ODD),
        "years": st.one_of(st.floats(1e-6, 1), st.floats(1e-6, 1), ODD),
        "usable": st.booleans(),
    }
)


def numbers_in(found):
    """Every number of a picture's part, as it would be published."""
    if isinstance(found, (GammaLevels, Wall, Cluster, Crossing)):
        found = asdict(found)
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, (list, tuple)):
        return [number for each in found for number in numbers_in(each)]
    if isinstance(found, np.ndarray):
        return found.tolist()
    return [] if found is None or isinstance(found, str) else [found]


@settings(deadline=None, max_examples=300)
@given(
    rows=st.lists(ROW, max_size=40),
    spot=st.one_of(st.floats(85, 115), st.floats(85, 115), ODD),
    ratios=st.lists(st.one_of(st.floats(0.9, 1.1), ODD), min_size=2, max_size=2),
    sigma=st.one_of(st.none(), st.floats(1e-9, 50), ODD),
    weighing=st.sampled_from(get_args(Weighing)),
)
def test_no_column_breaks_it(rows, spot, ratios, sigma, weighing):
    """Whatever stands in the columns: a known reason, or levels of finite numbers only."""
    columns = held_columns(
        [(row["strike"], row["type"], row["interest"]) for row in rows],
        spot=spot,
        roots=("SPX", "SPXW"),
        **{name: [row[name] for row in rows] for name in ("root", "iv", "volume", "multiplier", "years")},
    )
    usable = np.array([row["usable"] for row in rows], dtype=bool)
    levels = levels_of(columns, usable=usable, forward_ratio=ratios, sigma=sigma, weighing=weighing)
    if isinstance(levels, str):
        assert levels in GAMMA_ABSENCES
    else:
        assert all(map(isfinite, numbers_in(levels)))
        assert -1 <= levels.ratio <= 1
        assert -1 <= levels.regime <= 1
        shares = [wall.share for wall in (levels.call_wall, levels.put_wall) if wall]
        assert all(0 <= share <= 1 for share in [*shares, *(cluster.share for cluster in levels.clusters)])
        assert sum(cluster.share for cluster in levels.clusters) <= 1 + 1e-9
