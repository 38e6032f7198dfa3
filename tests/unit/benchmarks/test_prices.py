"""The prices of the quotes that the benchmarks' feed sends."""

import random
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.children.prices import PricedQuotes, black_price
from marketswarm.chain.valuation import VALUED, outlook_of, quotes_of, shape_of, value_chain

STRIKES = range(6550, 7051, 5)
NOW_MS = 1_795_467_600_000
TICKERS = [f"O:SPXW261123{kind}{strike * 1000:08d}" for kind in "CP" for strike in STRIKES]


def made_quotes(rounds=5):
    """Every contract's quotes, round after round."""
    priced = PricedQuotes(TICKERS, random.Random(3))
    return [{ticker: priced.quote(ticker, at) for ticker in TICKERS} for at in range(rounds)]


def test_every_quote_has_a_bid_below_its_ask():
    """Nothing is worth nothing, and nothing is crossed."""
    assert all(0 < quote.bid < quote.ask for round_ in made_quotes() for quote in round_.values())


def test_every_quote_has_another_price_than_the_one_before():
    """A quote that only changes a size could be written later."""
    rounds = made_quotes()
    for before, after in pairwise(rounds):
        assert all(before[name][1:3] != after[name][1:3] for name in TICKERS)


def test_few_quotes_have_the_price_of_one_of_the_eight_before():
    """What is flushed lies some quotes back, and is seldom of the same price."""
    rounds = made_quotes(30)
    again = sum(
        after[name][1:3] == before[name][1:3]
        for at, after in enumerate(rounds)
        for before in rounds[max(0, at - 8) : at]
        for name in TICKERS
    )
    assert again < 0.02 * len(rounds) * 8 * len(TICKERS)


def test_calls_and_puts_agree_on_the_forward():
    """Strike plus call minus put is the middle strike, within the spreads and the forward's own small way."""
    quotes = made_quotes(1)[0]
    for strike in STRIKES:
        call, put = (quotes[f"O:SPXW261123{kind}{strike * 1000:08d}"] for kind in "CP")
        assert strike + (call.bid + call.ask - put.bid - put.ask) / 2 == pytest.approx(6800, abs=0.5)


@pytest.mark.parametrize("hours", [1, 33, 80])
def test_greeks_can_be_had_of_every_contract(hours):
    """Whenever the benchmarks run: volatility and greeks of all, and no reason in their place."""
    quotes = made_quotes(1)[0]
    shape = shape_of(
        [(float(name[-8:]) / 1000, name[-9] == "C", "SPXW") for name in TICKERS], lambda _: NOW_MS
    )
    stated = quotes_of([(*quotes[name][1:3], NOW_MS - hours * 3_600_000) for name in TICKERS])
    outlook = outlook_of(shape, stated, spot=6800.0, carry=np.array([1.0]), now_ms=NOW_MS - hours * 3_600_000)
    assert (value_chain(shape, stated, outlook, np.array([6800.0])).absent == VALUED).all()


def test_prices_fall_with_the_strike_of_a_call():
    """Strikes far apart are not in each other's spread."""
    quotes = made_quotes(1)[0]
    bids = [quotes[f"O:SPXW261123C{strike * 1000:08d}"].bid for strike in STRIKES[::5]]
    assert bids == sorted(bids, reverse=True)


def test_each_root_has_a_forward_of_its_own():
    """Another underlying's strikes do not move the first one's prices."""
    other = [f"O:SPY261123C{strike * 1000:08d}" for strike in range(630, 731)]
    priced = PricedQuotes(TICKERS + other, random.Random(3))
    assert priced.quote("O:SPXW261123C06550000", 0).bid == pytest.approx(250, abs=10)
    assert priced.quote("O:SPY261123C00630000", 0).bid == pytest.approx(50, abs=3)


def test_an_option_at_the_forward_is_worth_what_black_says():
    """About 0.4 deviations of the forward; call and put alike, and apart by the distance from the strike elsewhere."""
    call, put = (black_price(100.0, 100.0, 0.1, is_call=is_call) for is_call in (True, False))
    assert call == pytest.approx(3.98776, abs=1e-5)
    assert call == pytest.approx(put)
    call, put = (black_price(100.0, 90.0, 0.1, is_call=is_call) for is_call in (True, False))
    assert call - put == pytest.approx(10.0)
