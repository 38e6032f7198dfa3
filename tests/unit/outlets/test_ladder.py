"""The ladder: one rung a strike and root, the strike nearest to spot marked, spot between its neighbours."""

import pytest

from marketswarm.outlets.ladder import COLUMNS, calls_side, columns_for, make_ladder, value_at
from tests.support.builders import contract, ladder


def rows(contracts=None) -> list[dict]:
    """Contracts as JSON values."""
    return [one.model_dump(mode="json", exclude_none=True) for one in contracts or ladder()]


def test_one_rung_a_strike() -> None:
    """Call and put of a strike share a rung; rungs ascend."""
    made = make_ladder(reversed(rows()), 6801.5)
    assert [rung.strike for rung in made.rungs] == list(range(6780, 6821, 5))
    assert all(rung.call["type"] == "call" and rung.put["type"] == "put" for rung in made.rungs)


def test_a_missing_side_is_missing() -> None:
    """A strike with a call only has no put."""
    made = make_ladder(rows([contract()]), 6801.5)
    assert made.rungs[0].put is None


@pytest.mark.parametrize(
    ("spot", "atm"), [(6801.5, 6800), (6802.5, 6800), (6803, 6805), (1, 6780), (9999, 6820)]
)
def test_the_nearest_strike_is_at_the_money(spot: float, atm: float) -> None:
    """Nearest to spot, the lower of two equally near; an end of the ladder when spot is outside."""
    made = make_ladder(rows(), spot)
    assert made.rungs[made.atm].strike == atm
    assert [rung.strike for rung in made.rungs if rung.is_atm] == [atm]


@pytest.mark.parametrize(("spot", "below"), [(6801.5, 6800), (6800, 6800), (9999, 6820)])
def test_spot_stands_above_the_strikes_below_it(spot: float, below: float) -> None:
    """The spot row goes behind the last strike that is not above spot."""
    made = make_ladder(rows(), spot)
    assert made.rungs[made.spot_at - 1].strike == below


def test_roots_of_one_strike_stay_apart() -> None:
    """Morning and afternoon settled contracts of one strike have rungs of their own."""
    morning = contract(ticker="O:SPX261123C06800000", root="SPX")
    made = make_ladder(rows([morning, contract(), contract(6805)]), 6801.5)
    assert [(rung.strike, rung.root) for rung in made.rungs] == [
        (6800, "SPX"),
        (6800, "SPXW"),
        (6805, "SPXW"),
    ]
    assert made.several_roots
    assert len(made.near_spot(0).rungs) == 2


def test_a_part_keeps_its_marks() -> None:
    """The strikes around spot, with spot and the nearest strike where they were."""
    part = make_ladder(rows(), 6801.5).near_spot(1)
    assert [rung.strike for rung in part.rungs] == [6795, 6800, 6805]
    assert (part.atm, part.spot_at) == (1, 2)


def test_an_empty_chain_is_an_empty_ladder() -> None:
    """No contracts, no rungs."""
    assert make_ladder([], 6801.5).near_spot(5).rungs == []


def test_narrow_windows_keep_the_wanted_columns() -> None:
    """All seven a side where they fit; bid and ask always; what goes first is open interest."""
    assert columns_for(200) == COLUMNS
    assert [column.title for column in columns_for(100)] == ["bid", "ask", "mid", "IV", "delta"]
    assert [column.title for column in columns_for(20)] == ["bid", "ask"]


def test_figures_in_their_shape() -> None:
    """Prices with cents, counts with separators, volatility in percent, nothing where nothing is known."""
    one = {"quote": {"bid": 1.6}, "open_interest": 4501, "greeks": {"iv": 0.1612, "delta": -0.17468}}
    texts = {column.title: column.text(one) for column in COLUMNS}
    assert texts == {
        "bid": "1.60",
        "ask": "",
        "mid": "",
        "volume": "",
        "OI": "4,501",
        "IV": "16.1%",
        "delta": "-0.175",
    }
    assert value_at(None, "quote.bid") is None


def test_quotes_stand_in_one_order_on_both_sides():
    """Bid, ask, mid, nearest to the strike; the other figures of the calls mirror those of the puts."""
    assert [column.title for column in calls_side(COLUMNS)] == [
        "delta",
        "IV",
        "OI",
        "volume",
        "bid",
        "ask",
        "mid",
    ]
    assert [column.title for column in calls_side(COLUMNS[:2])] == ["bid", "ask"]
