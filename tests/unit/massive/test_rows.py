"""Rows of the chain snapshot into contracts."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.massive.rows import decode_rows, underlying_of
from tests.unit.massive.builders import QUOTE_MS, QUOTE_NS, TODAY, chain_row, raw, universe, without
from tests.unit.massive.test_decode import json_values

TICKER = "O:SPXW261123C06800000"


def contract(row: dict):
    """The one contract of one row."""
    decoded = decode_rows([raw(row)], universe())
    (only,) = decoded.contracts.values()
    return only


def rejected(*rows, **kept) -> dict[str, int]:
    """What is kept out of these rows."""
    return dict(decode_rows([raw(row) for row in rows], universe(**kept)).rejected)


def test_a_full_row():
    """A full row gives identity, open interest and all four sections, times in ms."""
    assert json.loads(contract(chain_row()).canonical_json()) == {
        "ticker": TICKER,
        "symbol": "SPX",
        "root": "SPXW",
        "expiration": "2026-11-23",
        "strike": 6800,
        "type": "call",
        "style": "european",
        "multiplier": 100,
        "open_interest": 4501,
        "v": 1,
        "ts": QUOTE_MS,
        "quote": {"bid": 1.6, "ask": 1.65, "mid": 1.625, "bid_size": 123, "ask_size": 37, "ts": QUOTE_MS},
        "trade": {"price": 1.65, "size": 1, "exchange": 302, "ts": QUOTE_MS - 1000},
        "day": {
            "open": 3.3,
            "high": 3.5,
            "low": 1.35,
            "close": 1.7,
            "volume": 41840,
            "vwap": 2.5245,
            "previous_close": 1.35,
            "change": 0.35,
            "change_percent": 25.926,
            "ts": QUOTE_MS - 1000,
        },
        "greeks": {
            "iv": 0.1186,
            "delta": 0.1747,
            "gamma": 0.0152,
            "theta": -5.99,
            "vega": 0.386,
            "source": "provider",
            "ts": QUOTE_MS,
        },
    }


@pytest.mark.parametrize(
    ("row", "section"),
    [
        (without(chain_row(), "last_quote"), "quote"),
        (chain_row(last_quote=None), "quote"),
        (chain_row(last_quote={"last_updated": QUOTE_NS}), "quote"),
        (without(chain_row(), "last_trade"), "trade"),
        (chain_row(last_trade={"size": 1}), "trade"),
        (chain_row(day={}), "day"),
        (chain_row(day={"last_updated": QUOTE_NS}), "day"),
        (without(chain_row(greeks={}), "implied_volatility"), "greeks"),
        (without(chain_row(), "greeks", "implied_volatility"), "greeks"),
        (
            chain_row(implied_volatility=5, greeks={"delta": 1, "gamma": 0, "theta": 0.00229, "vega": 0}),
            "greeks",
        ),
        (chain_row(implied_volatility=0), "greeks"),
    ],
)
def test_what_the_vendor_does_not_give_is_absent(row, section):
    """A section without values is absent, and so are greeks that the vendor's solver did not reach."""
    assert getattr(contract(row), section) is None


def test_volatility_without_greeks():
    """A solved volatility is kept without greeks."""
    greeks = contract(chain_row(greeks={})).greeks

    assert (greeks.iv, greeks.delta) == (0.1186, None)


def test_noise_below_zero_is_no_gamma():
    """Gamma and vega a hair below 0 are 0; theta and delta keep their sign."""
    greeks = contract(chain_row(greeks={"delta": -0.2, "gamma": -3e-10, "theta": -1, "vega": -8e-5})).greeks

    assert (greeks.delta, greeks.gamma, greeks.theta, greeks.vega) == (-0.2, 0.0, -1.0, 0.0)


def test_zero_bid_is_kept():
    """A bid of 0 is normal far out of the money: it is kept, and counts in the middle."""
    quote = contract(chain_row(last_quote={"bid": 0, "ask": 0.05, "last_updated": QUOTE_NS})).quote

    assert (quote.bid, quote.ask, quote.mid) == (0, 0.05, 0.025)


def test_crossed_quote_has_no_middle():
    """A crossed quote is kept as it is, without a middle."""
    quote = contract(chain_row(last_quote={"bid": 2, "ask": 1, "last_updated": QUOTE_NS})).quote

    assert (quote.bid, quote.ask, quote.mid) == (2, 1, None)


def test_whole_numbers_may_come_as_ints_or_floats():
    """Numbers read alike whether the vendor writes 50 or 50.0."""
    whole = chain_row("O:SPXW261123P00050000")
    whole["details"] |= {"strike_price": 50, "shares_per_contract": 100.0}
    whole["last_quote"] |= {"bid_size": 123.0, "bid": 1}

    assert contract(whole).canonical_json().count('"strike":50,') == 1
    assert contract(whole).quote.bid_size == 123


def test_greeks_without_a_quote_have_the_time_of_the_row():
    """Without a quote, greeks are as old as the newest other part of the row, and the contract too."""
    only = contract(without(chain_row(), "last_quote"))

    assert only.greeks.ts == only.ts == QUOTE_MS - 1000


def test_a_row_without_any_time():
    """A row that states no time has time 0, so that anything later goes before it."""
    row = without(chain_row(day={"close": 1.7}), "last_trade")
    row["last_quote"] = {"bid": 1, "ask": 2}
    only = contract(row)

    assert (only.ts, only.quote.ts, only.greeks.ts, only.day.ts) == (0, 0, 0, None)


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_repeated_rows_the_newest_quote_wins(newest_first):
    """A contract that several pages repeat is kept once, with its newest quote, in whatever order they come."""
    old = chain_row(last_quote={"bid": 1, "ask": 2, "last_updated": QUOTE_NS - 10**9})
    rows = [chain_row(), old] if newest_first else [old, chain_row()]

    decoded = decode_rows([raw(row) for row in rows], universe())

    assert [c.quote.bid for c in decoded.contracts.values()] == [1.6]
    assert decoded.rejected == {}


def test_same_strike_under_two_roots():
    """On a third Friday one strike exists under both roots: both are kept."""
    friday = date(2026, 12, 18)
    rows = [raw(chain_row(f"O:{root}261218C06800000")) for root in ("SPX", "SPXW")]

    decoded = decode_rows(rows, universe(expiration=friday))

    assert [c.root for c in decoded.contracts.values()] == ["SPX", "SPXW"]


def test_rows_kept_out_are_counted():
    """Every row that is kept out is counted under its reason; the others stay."""
    wrong_type = chain_row(open_interest="many")
    no_ticker = chain_row()
    no_ticker["details"] = without(no_ticker["details"], "ticker")
    rows = [
        chain_row("O:SPX1261123C06800000"),
        chain_row("O:SPXW261124C06800000"),
        wrong_type,
        no_ticker,
        7,
        None,
    ]

    assert rejected(*rows, chain_row()) == {"adjusted": 1, "expiration": 1, "malformed": 4}


def test_a_day_without_a_trade_has_the_vendors_stamp():
    """The bar is as new as the last trade in it; without one it is as new as its own midnight."""
    row = chain_row()
    del row["last_trade"]

    assert contract(row).day.ts == 1_795_410_000_000


def test_settled_rows_are_counted():
    """AM-settled contracts that have stopped trading are counted as settled."""
    row = chain_row("O:SPX261120C06800000")

    assert rejected(row, expiration=TODAY, am_has_stopped=True) == {"settled": 1}
    assert rejected(row, expiration=TODAY) == {}


@pytest.mark.parametrize("spoilt", [b"{", b"", b"[" * 50_000, b'{"details":"\xff"}'])
def test_bytes_that_are_no_row(spoilt):
    """Bytes that are no row are counted as malformed."""
    assert decode_rows([raw(spoilt)], universe()).rejected == {"malformed": 1}


def test_spot_of_the_rows():
    """Spot is what the row with the newest stamp of the underlying says, as value or as price."""
    old = chain_row(underlying_asset={"value": 6000, "last_updated": QUOTE_NS - 1})
    new = chain_row("O:SPXW261123P06800000", underlying_asset={"price": 6795.5, "last_updated": QUOTE_NS})

    assert decode_rows([raw(new), raw(old)], universe()).underlying_price == 6795.5
    assert underlying_of([raw(old), raw(new), raw(7)]).price == 6795.5


@pytest.mark.parametrize("asset", [None, {}, {"ticker": "I:SPX"}, {"value": 0}])
def test_rows_without_spot(asset):
    """Rows that state no spot, or 0, give none."""
    assert decode_rows([raw(chain_row(underlying_asset=asset))], universe()).underlying_price is None


@given(
    path=st.sampled_from(
        [("details", name) for name in chain_row()["details"]]
        + [("last_quote", name) for name in chain_row()["last_quote"]]
        + [
            ("last_trade", "price"),
            ("day", "last_updated"),
            ("greeks", "gamma"),
            ("underlying_asset", "value"),
        ]
        + [(name, None) for name in chain_row()]
    ),
    value=json_values,
)
def test_a_spoilt_row_is_a_contract_or_a_count(path, value):
    """A row with anything in any place gives the contract of its own ticker or one count, never an exception."""
    row = json.loads(json.dumps(chain_row()))
    section, name = path
    if name is None:
        row[section] = value
    else:
        row[section][name] = value

    decoded = decode_rows([raw(row)], universe())

    assert len(decoded.contracts) + sum(decoded.rejected.values()) == 1
    assert set(decoded.contracts) <= {TICKER}
    for only in decoded.contracts.values():
        json.loads(only.canonical_json())


@given(st.binary())
def test_no_bytes_raise(spoilt):
    """Whatever a row holds, decoding raises nothing and invents no contract."""
    assert not decode_rows([raw(spoilt)], universe()).contracts


@pytest.mark.parametrize("part", ["last_quote", "last_trade"])
def test_a_row_may_say_that_it_is_delayed(part):
    """An answer that is OK as a whole is delayed when a row of it says so."""
    late = chain_row(**{part: chain_row()[part] | {"timeframe": "DELAYED"}})
    live = chain_row(**{part: chain_row()[part] | {"timeframe": "REAL-TIME"}})
    assert decode_rows([raw(late)], universe()).delayed is True
    assert decode_rows([raw(live)], universe()).delayed is False
    assert decode_rows([raw(live)], universe(), delayed=True).delayed is True
