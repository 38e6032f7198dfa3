"""Volatility and greeks of a chain from its quotes."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.chain.valuation import (
    CODES,
    VALUED,
    Quotes,
    gate,
    outlook_of,
    quotes_of,
    shape_of,
    value_chain,
)
from marketswarm.maths.black76 import RATE, Terms, sensitivities
from marketswarm.maths.settlement import GREEKS_YEARS
from marketswarm.model.contract import ABSENCES
from tests.support.oracle import exact_greeks, exact_value
from tests.support.priced_chain import CLOSE_MS, PricedChain

SPOT = 6_800.0
NAN = float("nan")


def valued(contracts, *, spot=SPOT, carry=NAN, now_ms=None, settles=CLOSE_MS):
    """Value contracts; the valuation and the outlook."""
    shape = shape_of(((c.strike, c.type == "call", c.root) for c in contracts), lambda root: settles)
    quotes = quotes_of(
        [(c.quote.bid, c.quote.ask, c.quote.ts) if c.quote else (None, None, 0) for c in contracts]
    )
    now_ms = PricedChain().now_ms if now_ms is None else now_ms
    outlook = outlook_of(shape, quotes, spot=spot, carry=np.full(len(shape.roots), carry), now_ms=now_ms)
    return value_chain(shape, quotes, outlook, np.full(len(shape.roots), spot)), outlook


def reasons(valuation):
    """The reasons in it, None where valued."""
    return [None if code == VALUED else ABSENCES[code - 1] for code in valuation.absent]


def changed(contracts, strike, type, **quote):
    """The contracts, with one quote changed; `quote=None` takes it away."""
    return [
        c.model_copy(update={"quote": c.quote.model_copy(update=quote) if quote else None})
        if (c.strike, c.type) == (strike, type)
        else c
        for c in contracts
    ]


def reason_of(contracts, strike, type, **more):
    """Why that contract is absent, None when it is valued."""
    (place,) = [n for n, c in enumerate(contracts) if (c.strike, c.type) == (strike, type)]
    return reasons(valued(contracts, **more)[0])[place]


def test_a_chain_gives_its_volatility_and_greeks_back():
    """From quotes alone come the forward, the volatility of every contract, and greeks to nine digits."""
    chain = PricedChain()
    contracts = chain.contracts()

    found, outlook = valued(contracts)

    assert reasons(found) == [None] * len(contracts)
    assert outlook.forward[0] == pytest.approx(chain.forward, rel=1e-12)
    assert outlook.is_parity.tolist() == [True]
    assert found.figures[0] == pytest.approx(chain.volatility, abs=1e-9)
    strike = np.array([c.strike for c in contracts])
    years = np.full(strike.shape, (CLOSE_MS - chain.now_ms) / 60_000 / 525_600)
    terms = Terms(
        np.full(strike.shape, chain.forward), strike, years, np.array([c.type == "call" for c in contracts])
    )
    exact = sensitivities(terms, np.full(strike.shape, chain.volatility), np.full(strike.shape, SPOT))
    for row, figures in zip(found.figures[1:], exact, strict=True):
        assert row == pytest.approx(figures, rel=1e-8)


def test_the_side_out_of_the_money_speaks_for_both():
    """A call deep in the money with a quote of nonsense has the volatility of its put."""
    contracts = changed(PricedChain().contracts(), 6_750, "call", bid=20.0, ask=21.0)
    found, _ = valued(contracts)
    assert found.figures[0] == pytest.approx(0.25, abs=1e-9)


def test_within_half_a_step_the_two_sides_are_averaged():
    """At the strike nearest to the forward, a dearer call moves both sides by half; its neighbours keep their own."""
    chain = PricedChain()
    dear = PricedChain(volatility=0.27)
    bid, ask = dear.quote(6_805, "call")
    contracts = changed(chain.contracts(), 6_805, "call", bid=bid, ask=ask)
    found, _ = valued(contracts)
    iv = {(c.strike, c.type): found.figures[0][n] for n, c in enumerate(contracts)}
    assert iv[6_805, "call"] == iv[6_805, "put"] == pytest.approx(0.26, abs=1e-4)
    assert iv[6_800, "put"] == pytest.approx(0.25, abs=1e-4)


def test_within_half_a_step_one_side_is_enough():
    """Where only one side of that strike is quoted, its volatility serves both."""
    contracts = changed(PricedChain().contracts(), 6_805, "call")
    found, _ = valued(contracts)
    assert reasons(found) == [None] * len(contracts)


@pytest.mark.parametrize(
    ("bid", "ask", "reason"),
    [
        (1.0, 1.2, None),
        (1.0, 1.0, None),
        (0.05, 0.15, None),
        (0.01, 0.12, "wide"),
        (1.0, 2.0, "wide"),
        (1.0, 1.8, None),
        (0.0, 0.05, "no-bid"),
        (0.0, 0.0, "no-quote"),
        (1.0, 0.0, "no-quote"),
        (1.2, 1.0, "crossed"),
        (None, 1.0, "no-quote"),
        (1.0, None, "no-quote"),
        (-1.0, 1.0, "no-quote"),
        (1.0, float("inf"), "no-quote"),
    ],
)
def test_the_gate(bid, ask, reason):
    """A quote carries a volatility when both sides are there, not crossed, and not wider than 0.10 or 60 % of the mid."""
    (code,) = gate(quotes_of([(bid, ask, 1)]))
    assert code == (VALUED if reason is None else CODES[reason])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "no-quote"),
        ({"bid": 0.0}, "no-bid"),
        ({"bid": 40.0, "ask": 41.0}, None),
        ({"bid": 9.0, "ask": 40.0}, "wide"),
        ({"bid": 50.0}, "crossed"),
        ({"bid": 7_000.0, "ask": 7_001.0}, "unsolved"),
    ],
)
def test_a_quote_that_cannot_carry_it_leaves_a_reason_on_both_sides(change, reason):
    """The call out of the money gives its reason to itself and to its put."""
    contracts = changed(PricedChain().contracts(), 6_850, "call", **change)
    assert [reason_of(contracts, 6_850, side) for side in ("call", "put")] == [reason, reason]


def test_below_intrinsic():
    """At the forward's own strike, where both sides are asked, a side below exercise value gives way to the other."""
    contracts = changed(PricedChain(forward=6_804.0).contracts(), 6_805, "put", bid=0.5, ask=0.6)
    assert reason_of(contracts, 6_805, "put") is None
    without = changed(contracts, 6_805, "call")
    assert reason_of(without, 6_805, "put") == "no-quote"
    alone = [c for c in contracts if (c.strike, c.type) != (6_805, "call")]
    assert reason_of(alone, 6_805, "put") == "below-intrinsic"


def test_a_contract_in_the_money_without_its_other_side():
    """It is never solved from its own quote, American puts least of all: there is no other side to ask."""
    contracts = [c for c in PricedChain().contracts() if (c.strike, c.type) != (6_850, "call")]
    assert reason_of(contracts, 6_850, "put") == "no-other-side"


def test_without_pairs_the_last_carry_gives_the_forward():
    """With fewer than three strikes quoted on both sides, forward is spot times the carry known before."""
    contracts = [c for c in PricedChain().contracts() if (c.strike > 6_800) == (c.type == "call")]
    _, outlook = valued(contracts, carry=1.001)
    assert outlook.forward[0] == pytest.approx(SPOT * 1.001)
    assert outlook.is_parity.tolist() == [False]
    assert outlook.ts.tolist() == [0]


def test_without_any_carry_interest_gives_the_forward():
    """And where none was ever known, it is spot with the interest until settlement."""
    contracts = [c for c in PricedChain().contracts() if (c.strike > 6_800) == (c.type == "call")]
    _, outlook = valued(contracts)
    assert outlook.forward[0] == pytest.approx(SPOT * np.exp(RATE * 6 / 8760))


@pytest.mark.parametrize("spot", [NAN, -1.0, 0.0])
def test_without_spot_there_is_no_forward(spot):
    """Nothing is valued, and the reason says so."""
    found, _ = valued(PricedChain().contracts(), spot=spot)
    assert set(reasons(found)) == {"no-forward"}


def test_at_settlement_a_root_is_expired():
    """One ms before it, a minute counts as left; at it, they are expired."""
    contracts = PricedChain(now_ms=CLOSE_MS - 60_000, strikes=tuple(range(6_780, 6_830, 5))).contracts()
    found, outlook = valued(contracts, now_ms=CLOSE_MS - 1)
    assert outlook.years.tolist() == [1 / 525_600]
    assert None in reasons(found)
    found, _ = valued(contracts, now_ms=CLOSE_MS)
    assert set(reasons(found)) == {"expired"}


@dataclass
class ExactChain(PricedChain):
    """Quotes around values of a hundred digits, five points apart: at 25 %, eleven deviations of the last minute."""

    strikes: tuple[int, ...] = tuple(range(6_780, 6_830, 5))

    def value(self, strike, type):
        years = (self.settles_ms - self.now_ms) / 60_000 / 525_600
        return float(exact_value(self.forward, strike, years, self.volatility, RATE, type == "call"))


@pytest.mark.parametrize("left_s", [60, 61, 90, 119, 120, 121, 600])
def test_volatility_is_exact_to_the_last_minute(left_s):
    """From exact prices every contract has its volatility within 1e-8, and delta and gamma within 1e-9 of the oracle's."""
    chain = ExactChain(now_ms=CLOSE_MS - left_s * 1000)
    contracts = chain.contracts()

    found, _ = valued(contracts, now_ms=chain.now_ms)

    assert reasons(found) == [None] * len(contracts)
    iv, delta, gamma, _, vega = found.figures
    assert np.abs(iv - chain.volatility).max() <= 1e-8
    years = max(left_s / 60 / 525_600, GREEKS_YEARS)
    for n, c in enumerate(contracts):
        is_call = c.type == "call"
        exact = exact_greeks(SPOT, chain.forward, c.strike, years, chain.volatility, RATE, is_call)
        assert (delta[n], gamma[n], vega[n]) == pytest.approx(
            (exact[0], exact[1], exact[3]), rel=1e-7, abs=1e-12
        )


def test_time_is_counted_from_the_quotes():
    """Quotes of an hour ago mean the volatility that they meant then."""
    chain = PricedChain()
    found, _ = valued(chain.contracts(), now_ms=chain.now_ms + 3_600_000)
    assert found.figures[0] == pytest.approx(0.25, abs=1e-9)


def test_each_root_has_its_own_forward_and_settlement():
    """Morning and afternoon contracts of one expiration are never in one parity set."""
    opening_ms = CLOSE_MS - 23_400_000 + 86_400_000
    evening = PricedChain()
    morning = PricedChain(forward=6_830.0, volatility=0.2, root="SPX", settles_ms=opening_ms)
    contracts = evening.contracts() + morning.contracts()
    shape = shape_of(
        ((c.strike, c.type == "call", c.root) for c in contracts),
        {"SPXW": CLOSE_MS, "SPX": opening_ms}.__getitem__,
    )
    quotes = quotes_of([(c.quote.bid, c.quote.ask, c.quote.ts) for c in contracts])
    outlook = outlook_of(shape, quotes, spot=SPOT, carry=np.full(2, NAN), now_ms=evening.now_ms)
    found = value_chain(shape, quotes, outlook, np.full(2, SPOT))
    assert outlook.forward == pytest.approx([6_803, 6_830])
    assert found.figures[0] == pytest.approx(np.repeat([0.25, 0.2], len(contracts) // 2), abs=1e-9)


def test_time_is_that_of_the_newest_quote_used():
    """Own quote, other side's, and those that state the forward: the newest of them; distant strikes have no say."""
    now_ms = PricedChain().now_ms
    contracts = changed(PricedChain(volatility=0.6).contracts(), 6_700, "put", ts=now_ms + 900)
    contracts = changed(contracts, 6_805, "put", ts=now_ms + 300)
    found, outlook = valued(contracts, now_ms=now_ms + 1_000)
    assert outlook.ts.tolist() == [now_ms + 300]
    ts = {(c.strike, c.type): int(found.ts[n]) - now_ms for n, c in enumerate(contracts)}
    assert [ts[6_700, "put"], ts[6_700, "call"], ts[6_750, "put"], ts[6_805, "call"]] == [900, 900, 300, 300]


PRICES = st.none() | st.floats(allow_nan=False, allow_infinity=True, min_value=-1) | st.floats(0, 200)


@settings(deadline=None, max_examples=200)
@given(
    quotes=st.lists(st.tuples(PRICES, PRICES), min_size=12, max_size=12),
    spot=st.floats(1, 20_000) | st.just(6_800.0),
    left_ms=st.integers(-1_000, 400_000_000),
    exact=st.sets(st.integers(0, 11)),
)
def test_whatever_the_quotes_a_figure_is_finite_or_absent(quotes, spot, left_ms, exact):
    """No NaN and no infinity among figures that are there, and volatility above 0; nothing among those that are not."""
    now_ms = CLOSE_MS - left_ms
    chain = PricedChain(strikes=tuple(range(6_775, 6_835, 5)), now_ms=min(now_ms, CLOSE_MS - 60_000))
    contracts = []
    for n, strike in enumerate(chain.strikes):
        for side in ("call", "put"):
            bid, ask = chain.quote(strike, side) if n in exact else quotes[n]
            contracts.append((strike, side == "call", "SPXW", bid, ask, now_ms))
    shape = shape_of((c[:3] for c in contracts), lambda _root: CLOSE_MS)
    columns = quotes_of([c[3:] for c in contracts])
    outlook = outlook_of(shape, columns, spot=spot, carry=np.full(1, NAN), now_ms=now_ms)
    found = value_chain(shape, columns, outlook, np.full(1, spot))
    there = found.absent == VALUED
    assert np.isfinite(found.figures[:, there]).all()
    assert (found.figures[0, there] > 0).all()
    assert np.isnan(found.figures[:, ~there]).all()
    assert ((found.absent >= 0) & (found.absent <= len(ABSENCES))).all()


def test_an_empty_chain():
    """No contracts, no figures."""
    shape = shape_of([], lambda _root: CLOSE_MS)
    quotes = Quotes(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
    outlook = outlook_of(shape, quotes, spot=SPOT, carry=np.empty(0), now_ms=0)
    assert value_chain(shape, quotes, outlook, np.empty(0)).figures.shape == (5, 0)
