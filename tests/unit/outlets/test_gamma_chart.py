"""The bars of a chart of gamma by strike."""

from marketswarm.outlets.gamma_chart import gamma_chart
from marketswarm.outlets.levels import Levels
from tests.support.vigil_documents import absent, all_levels, beside, field


def chart_of(each_side: int = 20, **more):
    """A chart of all levels, some of them others."""
    return gamma_chart(Levels("SPX", all_levels(**more)), each_side)


def test_a_bar_a_strike():
    """Ascending, with both sides and their sum; the scale is that of the longest side."""
    chart = chart_of()
    assert [bar.strike for bar in chart.bars] == [6780 + 5 * at for at in range(9)]
    assert (chart.bars[0].call, chart.bars[0].put, chart.bars[0].net) == (1e6, -81e6, -80e6)
    assert (chart.most, chart.hidden) == (81e6, 0)


def test_strikes_around_spot():
    """At most N on each side of it; the scale is theirs."""
    chart = chart_of(2)
    assert [bar.strike for bar in chart.bars] == [6795, 6800, 6805, 6810]
    assert (chart.most, chart.hidden) == (49e6, 5)
    assert [bar.strike for bar in chart_of(1, spot=beside(1.0)).bars] == [6780]
    assert [bar.strike for bar in chart_of(1, spot=beside(9000.0)).bars] == [6820]


def test_strikes_are_marked():
    """Walls, the heaviest strike and max pain; several at one strike."""
    marks = {bar.strike: bar.marks for bar in chart_of(max_pain=field(6800.0)).bars if bar.marks}
    assert marks == {6820: ("call wall",), 6780: ("put wall",), 6800: ("heaviest", "max pain")}


def test_spot_and_flip_stand_between_strikes():
    """Each before the first bar above it; both at one level are one line."""
    assert chart_of().lines == {5: {6801.5: "spot", 6803.25: "flip"}}
    assert chart_of(flip=field(6790.0)).lines == {3: {6790.0: "flip"}, 5: {6801.5: "spot"}}
    assert chart_of(flip=field(6801.5)).lines == {5: {6801.5: "spot, flip"}}


def test_a_flip_out_of_sight_is_not_drawn():
    """And neither is one that is absent."""
    assert chart_of(flip=field(7000.0)).lines == {5: {6801.5: "spot"}}
    assert chart_of(flip=absent("no-crossing")).lines == {5: {6801.5: "spot"}}


def test_without_gamma_there_is_no_chart():
    """Nor without spot."""
    assert chart_of(gamma_by_strike=absent("no-open-interest")) is None
    assert chart_of(spot=absent("no-tick")) is None
