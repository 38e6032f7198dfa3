"""Which strikes a whole load brings."""

import pytest

from marketswarm.chain.budget import Shares
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.target import TargetChooser, contracts_a_strike
from marketswarm.model.chain import ChainMeta, ChainRows, Listing
from tests.support.builders import SPX, contract, ladder, ticker

STRIKES = tuple(float(strike) for strike in range(6500, 7101, 5))
LISTING = Listing(SPX, STRIKES, 2 * len(STRIKES))


class Room:
    """A budget for so many contracts of one chain."""

    def __init__(self, contracts: int) -> None:
        self.contracts = contracts

    def shares(self, _chain=None, claim=None, /, *, alike=False):
        """The widest window that fits."""
        return Shares(max(n for n in range(101) if claim.contracts(n) <= self.contracts), 0)

    def room(self):
        """Nobody asks."""
        return 0


def stored(**more):
    """A chain that holds ±8 strikes around 6800."""
    fields = {"spot": 6800, "centre": 6800, "low": 6760, "high": 6840, "strikes_each_side": 8} | more
    return ChainMeta(SPX, 1, 1, "live", contracts=34, loaded_ms=0, applied_ms=0, source="sim", **fields)


def choose(reason="manual", n=None, *, spot=6801.5, meta=None, bounded=True, room=202):
    """The target of a request."""
    chooser = TargetChooser(Room(room), each_side=50)
    return chooser.choose(LoadRequest("SPX", reason, n), LISTING, spot, meta, is_bounded=bounded)


@pytest.mark.parametrize(
    ("reason", "n", "asked"),
    [
        ("manual", None, 50),
        ("manual", 70, 70),
        ("startup", None, 50),
        ("roll", None, 50),
        ("drift", None, 80),
        ("gap", None, 80),
        ("audit", None, 80),
        ("audit", 70, 70),
    ],
)
def test_who_follows_a_chain_asks_for_what_it_was_asked_for(reason, n, asked):
    """A new beginning goes back to the settings; a drift or a repair keeps what somebody wished for."""
    chooser = TargetChooser(Room(202), each_side=50)
    request = LoadRequest("SPX", reason, n)

    assert chooser.asked(request, stored(strikes_asked=80)) == asked
    assert chooser.asked(request, stored()) == (n or 50)


def test_a_load_gets_what_there_is_room_for():
    """Fifty strikes each side are 202 contracts; with room for 130 it gets ±32, and the window says both numbers."""
    assert choose().each_side == 50
    target = choose(room=130)

    assert (target.asked, target.each_side, len(target.strikes.strikes)) == (50, 32, 65)
    window = target.window(77)
    assert (window.asked, window.each_side, window.moved_ms, window.centre) == (50, 32, 77, 6800)


def test_a_chain_that_is_not_streamed_takes_no_room():
    """Somebody who looks at next month's chain gets all strikes."""
    assert choose(room=10, bounded=False).each_side == 50


@pytest.mark.parametrize("reason", ["gap", "audit"])
def test_a_repair_leaves_the_window_where_it_is(reason):
    """The same strikes as before come again, wherever spot has gone within them; N and the time of the move stay."""
    target = choose(reason, meta=stored(), spot=6816)

    assert (target.strikes.low, target.strikes.high, target.strikes.centre) == (6760, 6840, 6800)
    assert len(target.strikes.strikes) == 17
    window = target.window(77)
    assert (window.each_side, window.asked, window.moved_ms, window.spot) == (None, None, None, 6816)


@pytest.mark.parametrize(
    ("reason", "n", "spot", "meta"),
    [
        ("gap", None, 6821, stored(strikes_asked=9)),
        ("gap", None, 6801, None),
        ("gap", 9, 6801, stored()),
        ("manual", 9, 6801, stored()),
        ("gap", None, 6801, stored(strikes_asked=9, low=1, high=2)),
        ("gap", None, 6801, stored(strikes_asked=9, strikes_each_side=0)),
    ],
)
def test_a_window_that_is_no_good_is_chosen_anew(reason, n, spot, meta):
    """Spot far from its middle, no chain, another wish, nothing listed in it, or nothing known of it."""
    target = choose(reason, n, spot=spot, meta=meta)

    assert target.strikes.centre == round(spot / 5) * 5
    assert target.asked is not None


def test_the_true_number_of_contracts_decides():
    """A listing that promised two a strike and brings four is trimmed to what fits, from the outside."""
    target = choose(n=8, room=34)
    rows = [*ladder(6760, 6840)]
    rows += [contract(row.strike, row.type, ticker=ticker(row.strike, row.type, "SPX")) for row in rows]
    chooser = TargetChooser(Room(34), each_side=50)

    trimmed, kept = chooser.trimmed(target, ChainRows(SPX, {row.ticker: row for row in rows}))

    assert (trimmed.each_side, trimmed.strikes.low, trimmed.strikes.high) == (3, 6785, 6815)
    assert len(kept.contracts) == 28
    assert {row.strike for row in kept.contracts.values()} == set(trimmed.strikes.strikes)


def test_what_fits_is_not_trimmed():
    """Neither a load as expected nor a repair nor a chain that is not streamed."""
    rows = ChainRows(SPX, {row.ticker: row for row in ladder(6760, 6840)})
    for target in (choose(n=8), choose("gap", meta=stored()), choose(n=8, bounded=False)):
        assert TargetChooser(Room(34), each_side=50).trimmed(target, rows) == (target, rows)


@pytest.mark.parametrize(("contracts", "each"), [(0, 2), (242, 2), (243, 3), (484, 4)])
def test_contracts_a_strike_are_rounded_up(contracts, each):
    """Two rights at least; a second root counts where it is listed."""
    assert contracts_a_strike(Listing(SPX, STRIKES, contracts)) == each
