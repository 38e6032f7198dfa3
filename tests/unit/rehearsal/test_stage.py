"""The staged market: the columns that a stored chain would give, a window around spot, one course a seed."""

from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from marketswarm.chain.valued_rows import with_local_greeks
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.maths.settlement import settlement_ms
from marketswarm.model.contract import Contract, Day, Quote, mid_price
from marketswarm.rehearsal.cases import cases_named
from marketswarm.rehearsal.stage import PERIOD_MS, StagedMarket
from marketswarm.vigil.columns import columns_of


def staged(name="jump after the open", seed=1, **more):
    """The market of a case."""
    (case,) = cases_named([name])
    return StagedMarket(replace(case.stage(seed), **more))


def stored(market, columns):
    """The contracts of a scene as a load would store them, from the market's book."""
    book, calendar = market._market.book, us_options_calendar()
    contracts = []
    for row in market._rows:
        held, series = book.contracts[row], book.series_of(int(row))
        bid, ask = float(held["bid"]), float(held["ask"])
        quote = Quote(bid=bid, ask=ask, mid=mid_price(bid, ask), ts=int(held["quote_ms"]))
        contracts.append(
            Contract(
                ticker=book.tickers[row],
                symbol=columns.chain.symbol,
                root=series.root,
                expiration=series.expiration,
                strike=float(held["strike"]),
                type="call" if held["call"] else "put",
                style="european",
                multiplier=100,
                open_interest=int(held["open_interest"]),
                ts=int(held["quote_ms"]),
                quote=quote,
                day=Day(volume=int(held["volume"])),
            )
        )

    def settles_ms(root):
        return settlement_ms(calendar, root, columns.chain.expiration)

    valued = with_local_greeks(contracts, spot=columns.spot, now_ms=columns.now_ms, settles_ms=settles_ms)
    texts = {one.ticker: one.canonical_json().encode() for one in reversed(valued)}
    return columns_of(columns.chain, texts, spot=columns.spot, now_ms=columns.now_ms, settles_ms=settles_ms)


@pytest.mark.parametrize("name", ["crash after the open", "pin", "roll", "half day"])
def test_columns_are_those_of_the_stored_chain(name):
    """The same contracts as JSON give the same columns, but for the digits that a stored figure has."""
    market = staged(name)
    for number, scene in enumerate(market.scenes()):
        if number % 30:
            continue
        made, read = scene.columns, stored(market, scene.columns)
        assert made.size == 202
        for field in fields(made):
            ours, theirs = getattr(made, field.name), getattr(read, field.name)
            if isinstance(ours, np.ndarray) and ours.dtype.kind == "f":
                assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9, err_msg=field.name)
            else:
                assert_array_equal(ours, theirs, err_msg=field.name)


def test_a_tick_comes_every_ten_seconds():
    """From the beginning on, as many as were asked for, each with the chain at its spot and moment."""
    market = staged(ticks=5)
    scenes = list(market.scenes())
    begin_ms = scenes[0].ts
    assert [scene.ts for scene in scenes] == [begin_ms + n * PERIOD_MS for n in range(5)]
    assert all((one.columns.now_ms, one.columns.spot) == (one.ts, one.spot) for one in scenes)


def test_a_seed_is_one_course():
    """Played again it is the same to the last digit; another seed is another course."""
    first, again, other = (
        [(scene.spot, scene.columns.bid.tobytes()) for scene in staged(seed=seed, ticks=20).scenes()]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_the_window_moves_with_spot():
    """It holds the strikes nearest to spot, as many on each side, through a jump."""
    nearest = set()
    for scene in staged(each_side=3).scenes():
        strikes = np.unique(scene.columns.strike)
        assert strikes.size == 7
        assert abs(strikes[3] - scene.spot) <= np.diff(strikes).max() / 2
        nearest.add(strikes[3])
    assert max(nearest) - min(nearest) > 6 * np.diff(strikes).max()


@pytest.mark.parametrize(("name", "day", "next_day"), [("roll", 23, 24), ("half day", 27, 30)])
def test_the_roll_changes_the_chain(name, day, next_day):
    """At the close the next expiration is in force, with contracts and time of its own."""
    market = staged(name, each_side=5)
    (at_s,) = (label.at_s for label in market.labels if label.kind == "settlement")
    scenes = list(market.scenes())
    for scene in scenes:
        is_after = scene.ts - scenes[0].ts >= at_s * 1000
        assert scene.columns.chain.expiration.day == (next_day if is_after else day)
        assert scene.columns.size == 22
        assert np.isfinite(scene.columns.years).all()
