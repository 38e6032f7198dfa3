"""Rows of the contracts reference into a listing."""

from datetime import date

from marketswarm.massive.listing import decode_listing
from tests.unit.massive.builders import raw, universe


def listed(ticker: str, **changes) -> dict:
    """A reference row that fits its ticker."""
    row = {
        "ticker": ticker,
        "contract_type": "call",
        "expiration_date": f"20{ticker[-15:-13]}-{ticker[-13:-11]}-{ticker[-11:-9]}",
        "strike_price": int(ticker[-8:]) / 1000,
        "shares_per_contract": 100,
        "underlying_ticker": "SPX",
    }
    return row | changes


def listing(*rows, **kept):
    """The listing of some rows."""
    return decode_listing([raw(row) for row in rows], universe(**kept))


def test_strikes_and_contracts():
    """Strikes come ascending and once; contracts of both rights are counted."""
    found = listing(*(listed(f"O:SPXW261123{right}0{k}000") for k in (6805, 6800) for right in "CP"))

    assert (found.strikes, found.contracts, found.nonstandard) == ((6800.0, 6805.0), 4, 0)


def test_repeated_rows_count_once():
    """A contract that two pages repeat is counted once."""
    row, adjusted = listed("O:SPXW261123C06800000"), listed("O:SPX1261123C06800000")

    found = listing(row, row, adjusted, adjusted)

    assert (found.contracts, found.nonstandard) == (1, 1)


def test_what_is_not_standard_is_counted_apart():
    """Adjusted and malformed contracts count as nonstandard and give no strike; other expirations count nowhere."""
    found = listing(
        listed("O:SPXW261123C06800000"),
        listed("O:SPXW261123C06810000", shares_per_contract=150),
        listed("O:SPX1261123C06820000"),
        {"ticker": "O:SPXW261123C06830000"},
        listed("O:SPXW261124C06840000"),
    )

    assert (found.strikes, found.contracts, found.nonstandard) == ((6800.0,), 1, 3)


def test_settled_contracts_are_no_standard_ones_any_more():
    """From the close before a third Friday on the AM-settled strikes have stopped trading: they are not part of the listing."""
    friday = date(2026, 11, 20)
    rows = listed("O:SPX261120C06800000"), listed("O:SPXW261120C06805000")

    found = listing(*rows, expiration=friday, am_has_stopped=True)

    assert (found.strikes, found.contracts, found.nonstandard) == ((6805.0,), 1, 1)


def test_nothing_listed():
    """An expiration without contracts is an empty listing."""
    assert listing().strikes == ()
