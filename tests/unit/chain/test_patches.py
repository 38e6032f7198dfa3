"""The latest state of a contract as patches."""

from msgspec import UNSET

from marketswarm.chain.conflate import Latest
from marketswarm.chain.patches import changes_of, quote_patch, trade_patch
from marketswarm.model.contract import Day
from marketswarm.model.update import QuoteUpdate, TradeUpdate
from tests.support.builders import SPX, quote, ticker, trade


def test_a_quote_is_written_whole_in_canonical_order():
    """Bid, ask, mid, sizes, time; whole numbers without a point."""
    assert (
        quote_patch(quote(bid=2.0, ask=2.1))
        == '"bid":2,"ask":2.1,"mid":2.05,"bid_size":5,"ask_size":6,"ts":2000'
    )


def test_a_zero_bid_is_a_quote():
    """Nobody bids far out of the money: the bid is 0 and the mid is half the ask."""
    assert quote_patch(quote(bid=0.0, ask=0.05)).startswith('"bid":0,"ask":0.05,"mid":0.025,')


def test_a_crossed_or_unoffered_market_has_no_mid():
    """The sides are kept as given, the mid is removed."""
    assert '"mid":null' in quote_patch(quote(bid=1.8, ask=1.7))
    assert '"mid":null' in quote_patch(quote(bid=0.0, ask=0.0))


def test_a_negative_zero_is_written_as_zero():
    """Whichever of both came first: equal prices have one text, so that nothing seems to change."""
    texts = {quote_patch(quote(bid=zero, ask=0.07)) for zero in (-0.0, 0.0, -0.0)}

    assert len(texts) == 1
    assert texts.pop().startswith('"bid":0,"ask":0.07,')


def test_what_is_not_given_is_removed():
    """Sizes and exchange that the feed does not tell are unknown now."""
    bare = QuoteUpdate(ticker=ticker(), ts=1, bid=1.0, ask=1.1, bid_size=UNSET, ask_size=UNSET)

    assert quote_patch(bare).endswith('"bid_size":null,"ask_size":null,"ts":1')
    assert '"exchange":null' in trade_patch(TradeUpdate(ticker=ticker(), ts=1, price=1.0, size=1))


def test_the_vendors_sequence_goes_along():
    """Quotes and trades carry theirs; a feed that gives none leaves it unknown, and bars have none."""
    latest = Latest(ticker(), SPX, quote(seq=7), trade(seq=0), Day(close=1.7, ts=2000), True, True, True)

    assert [(change.section, change.ts, change.seq) for change in changes_of(latest)] == [
        ("quote", 2000, 7),
        ("trade", 2000, None),
        ("day", 2000, None),
    ]


def test_a_trade_is_written_whole():
    """Price, size, exchange, time."""
    assert trade_patch(trade()) == '"price":1.7,"size":2,"exchange":302,"ts":2000'
