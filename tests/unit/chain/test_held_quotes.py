"""Columns of a stored chain."""

import numpy as np

from marketswarm.chain.conflate import Latest
from marketswarm.chain.held_quotes import HeldQuotes
from marketswarm.chain.valuation import CODES, VALUED
from marketswarm.model.contract import Greeks
from tests.support.builders import SPX, quote, ticker
from tests.support.priced_chain import CLOSE_MS, PricedChain

CHAIN = PricedChain(strikes=(6_800, 6_805, 6_810))
CALL, PUT = ticker(6_805), ticker(6_805, "put")
WHOLE = {"iv": 0.2, "delta": 0.5, "gamma": 0.01, "theta": -1.0, "vega": 0.3}


def held(**greeks):
    """The columns of a chain, with greeks of some contracts."""
    stored = CHAIN.stored()
    for one in CHAIN.contracts():
        if one.ticker in greeks:
            stored[one.ticker] = (
                one.model_copy(update={"greeks": greeks[one.ticker]}).canonical_json().encode()
            )
    return HeldQuotes(stored, lambda _root: CLOSE_MS)


def test_quotes_are_read_from_what_is_stored():
    """Bid, ask and time of each row, in the order of the tickers."""
    columns = held()
    place = columns.row[CALL]
    assert columns.tickers[place] == CALL
    assert (columns.quotes().bid[place], columns.quotes().ask[place]) == CHAIN.quote(6_805, "call")
    assert columns.quotes().ts[place] == CHAIN.now_ms
    assert columns.shape.strike[place] == 6_805


def test_greeks_are_read_as_ours_or_as_unknown():
    """Local figures and reasons are known; a provider's, a mixture, none, or a reason of tomorrow are not."""
    columns = held(
        **{
            CALL: Greeks(**WHOLE, source="local", ts=7),
            PUT: Greeks(source="local", absent="wide", ts=8),
            ticker(6_800): Greeks(**WHOLE, source="provider", ts=9),
            ticker(6_810): Greeks(**WHOLE, source="local", absent="wide", ts=10),
        }
    )
    codes = {name: int(columns.absent[columns.row[name]]) for name in columns.tickers}
    assert codes[CALL] == VALUED
    assert codes[PUT] == CODES["wide"]
    assert {codes[ticker(6_800)], codes[ticker(6_810)], codes[ticker(6_810, "put")]} == {-1}
    assert columns.figures[:, columns.row[CALL]].tolist() == list(WHOLE.values())
    assert columns.ts_written[columns.row[ticker(6_800)]] == 9
    assert columns.is_local
    assert not held().is_local


def test_a_touched_contract_touches_both_sides():
    """The newest quote is taken, and both rows of the strike are due; an older one is not."""
    columns = held()
    newer = Latest(CALL, SPX, quote=quote(CALL, bid=3.0, ask=3.1, ts=CHAIN.now_ms + 1))
    older = Latest(ticker(6_810), SPX, quote=quote(ticker(6_810), ts=CHAIN.now_ms - 1))
    strange = Latest(ticker(1), SPX, quote=quote(ticker(1), ts=CHAIN.now_ms + 1))
    traded = Latest(ticker(6_800), SPX)

    rows = columns.take([newer, older, strange, traded])

    assert {columns.tickers[place] for place in np.flatnonzero(rows)} == {CALL, PUT}
    assert columns.latest[columns.row[CALL]] == (3.0, 3.1, CHAIN.now_ms + 1)


def test_what_is_not_written_yet_is_taken_over():
    """When the chain is read again, quotes that came since stay; what the store has newer replaces ours."""
    before, after = held(), held()
    before.take([Latest(CALL, SPX, quote=quote(CALL, bid=3.0, ask=3.1, ts=CHAIN.now_ms + 1))])
    before.latest[before.row[PUT]] = (1.0, 1.1, CHAIN.now_ms - 1)

    after.take_newer(before)

    assert after.latest[after.row[CALL]] == (3.0, 3.1, CHAIN.now_ms + 1)
    assert after.latest[after.row[PUT]][2] == CHAIN.now_ms


def test_a_row_that_cannot_be_read_is_left_out():
    """One broken row costs itself only."""
    stored = CHAIN.stored() | {CALL: b"{"}
    assert CALL not in HeldQuotes(stored, lambda _root: CLOSE_MS).row
