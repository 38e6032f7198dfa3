"""Option tickers."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marketswarm.model.ticker import (
    BadTicker,
    OptionTicker,
    Underlying,
    is_standard_root,
    parse_option_ticker,
)

ROOTS = st.from_regex(r"[A-Z]{1,5}[0-9]?", fullmatch=True)
TICKERS = st.builds(
    OptionTicker,
    root=ROOTS,
    expiration=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    type=st.sampled_from(["call", "put"]),
    strike_thousandths=st.integers(0, 99_999_999),
)


@given(TICKERS)
@example(OptionTicker("A", date(2000, 1, 1), "put", 0))
@example(OptionTicker("SPXW", date(2026, 11, 23), "call", 6_800_000))
def test_a_ticker_is_read_back_as_it_was_written(ticker: OptionTicker) -> None:
    """Writing a ticker and reading it gives the same parts."""
    assert parse_option_ticker(str(ticker)) == ticker


@given(st.text(max_size=30))
@example("O:")
@example("O:SPXW261123C0680000²")
def test_any_text_is_a_ticker_or_refused(text: str) -> None:
    """A text is either refused as no ticker, or is exactly what its parts are written as."""
    try:
        written = str(parse_option_ticker(text))
    except BadTicker:
        return
    assert written == text


def test_the_parts_of_a_ticker() -> None:
    """Root, date, right and strike are read from the end; a strike has thousandths."""
    ticker = parse_option_ticker("O:SPY261224P00597500")
    assert ticker == OptionTicker("SPY", date(2026, 12, 24), "put", 597_500)
    assert ticker.strike == 597.5


def test_a_root_may_end_in_a_digit() -> None:
    """The root of an adjusted contract keeps its digit."""
    assert parse_option_ticker("O:AAPL1261218C00100000").root == "AAPL1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "O:",
        "SPXW261123C06800000",
        "o:SPXW261123C06800000",
        "O:261123C06800000",
        "O:TOOLONG261123C06800000",
        "O:spxw261123C06800000",
        "O:SPX-W261123C06800000",
        "O:SPXW261123X06800000",
        "O:SPXW261131C06800000",
        "O:SPXW260023C06800000",
        "O:SPXW261123C0680000",
        "O:SPXW261123C068000000",
        "O:SPX261218C123456789",
        "O:SPXW261123C-6800000",
        "O:SPXW261123C０６８０００００",
    ],
)
def test_what_is_no_ticker_is_refused(text: str) -> None:
    """Missing prefixes, impossible dates, unknown rights and strikes of seven or nine digits are refused."""
    with pytest.raises(BadTicker):
        parse_option_ticker(text)


@pytest.mark.parametrize(
    ("root", "settlement"),
    [
        *(dict.fromkeys(("SPX", "NDX", "RUT", "VIX", "VIXW", "DJX"), "am").items()),
        *(dict.fromkeys(("SPXW", "NDXP", "RUTW", "SPY", "QQQ", "AAPL", "XSP", "SPX1"), "pm").items()),
    ],
)
def test_morning_settlement_is_the_roots(root: str, settlement: str) -> None:
    """Index roots of the monthly kind settle in the morning, all others at the close."""
    assert OptionTicker(root, date(2026, 12, 18), "call", 1000).settlement == settlement


@pytest.mark.parametrize(
    ("root", "symbol", "is_index", "standard"),
    [
        ("SPY", "SPY", False, True),
        ("SPY1", "SPY", False, False),
        ("SPYG", "SPY", False, False),
        ("BRKB", "BRK.B", False, True),
        ("SPX", "SPX", True, True),
        ("SPXW", "SPX", True, True),
        ("NDXP", "NDX", True, True),
        ("SPX1", "SPX", True, False),
        ("SPXW1", "SPX", True, False),
        ("NDX", "SPX", True, False),
        ("XSPX", "SPX", True, False),
        ("SPXW", "SPX", False, False),
    ],
)
def test_which_roots_belong_to_a_symbol(root: str, symbol: str, is_index: bool, standard: bool) -> None:
    """A symbol's chain holds its own root, an index's also those with letters added; a digit marks an adjusted contract."""
    assert is_standard_root(root, symbol, is_index=is_index) is standard


def test_how_the_vendor_names_an_underlying() -> None:
    """The vendor wants a prefix for indices only."""
    assert Underlying("SPX", is_index=True).provider_ticker == "I:SPX"
    assert Underlying("SPY", is_index=False).provider_ticker == "SPY"
