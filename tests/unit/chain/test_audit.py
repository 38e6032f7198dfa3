"""What the vendor's snapshot says against what is stored: every verdict, and what follows from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.chain.audit import (
    Finding,
    Slice,
    compare,
    compared_sections,
    is_loss,
    next_slice,
    repair_rows,
    within,
)
from marketswarm.model.contract import Day, Greeks, Trade
from tests.support.builders import contract, ladder, ticker

CALL = ticker()
OLD, NEW = {"ts": 1000}, {"ts": 2000}
STREAMED = ("quote", "trade", "day")


def named(*contracts):
    """Contracts by ticker."""
    return {row.ticker: row for row in contracts}


def verdicts(ours, theirs):
    """What is found of one contract."""
    found = compare(named(ours), named(theirs)).findings
    return [(each.what, each.verdict) for each in found]


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        (OLD, OLD, []),
        (OLD, NEW, []),
        (OLD | {"bid": 1.5}, NEW, [("quote", "behind")]),
        (OLD | {"bid": 1.5}, OLD, [("quote", "differs")]),
        (NEW | {"bid": 1.5}, OLD, []),
    ],
    ids=["same", "quoted again", "newer and other", "other at the same time", "ours is newer"],
)
def test_values_and_times_are_compared_both_ways(ours, theirs, found):
    """Other values are `behind` when the vendor's are newer, `differs` at the same time, and nothing when ours are newer."""
    assert verdicts(contract(**ours), contract(**theirs)) == found


def test_a_vendor_who_is_behind_is_counted_and_not_blamed_on_us():
    """Each section with older and other values counts, with the most that it is older; the same ones are no difference."""
    ours = contract(ts=9000, bid=1, trade=Trade(price=2, size=1, ts=8000), day=Day(close=2, volume=7, ts=900))
    theirs = contract(ts=1000, trade=Trade(price=1, size=1, ts=7500), day=Day(close=2, volume=7, ts=500))

    seen = compare(named(ours), named(theirs))

    assert (seen.vendor_behind, seen.vendor_behind_ms, seen.findings) == (2, 8000, ())
    assert (seen.contracts, seen.checked) == (1, 3)


def test_every_streamed_section_is_compared():
    """Trades by price and size, the day by close and volume; a section that is not stored is behind."""
    theirs = contract(trade=Trade(price=1, size=1, ts=1), day=Day(close=1, volume=1, ts=1))
    assert verdicts(contract(), theirs) == [("day", "behind"), ("trade", "behind")]

    ours = contract(trade=Trade(price=1, size=2, ts=1), day=Day(close=1, volume=2, ts=1))
    assert verdicts(ours, theirs) == [("day", "differs"), ("trade", "differs")]


@pytest.mark.parametrize("member", ["bid", "ask", "bid_size", "ask_size"])
def test_every_side_of_a_quote_is_compared(member):
    """Prices and sizes of both sides; the mid follows from them."""
    ours = contract()
    theirs = ours.model_copy(update={"quote": ours.quote.model_copy(update={member: 3})})
    assert verdicts(ours, theirs) == [("quote", "differs")]


def test_what_the_vendor_does_not_tell_is_not_compared():
    """A section or a member that the row lacks proves nothing, and neither do greeks, open interest and vwap."""
    greeks = Greeks(iv=0.2, source="local", ts=1)
    ours = contract(trade=Trade(price=1, size=2, ts=1), day=Day(close=1, vwap=2, ts=1), greeks=greeks)
    theirs = contract(day=Day(close=1, vwap=3, ts=1), open_interest=1)

    assert verdicts(ours, theirs) == []
    assert compare(named(ours), named(theirs)).checked == 2


def test_contracts_that_one_side_lacks():
    """Listed and not stored is `missing`, stored without a row is `extra`; each counts as one that was checked."""
    seen = compare(named(contract(6800)), named(contract(6805)))

    assert seen.findings == (
        Finding(ticker(6800), "contract", "extra"),
        Finding(ticker(6805), "contract", "missing"),
    )
    assert (seen.contracts, seen.checked) == (2, 2)


def test_only_what_is_streamed_proves_a_loss():
    """Three contracts that are behind, or one in a hundred of many; not those of sections that come by snapshots."""
    behind = [Finding(ticker(6800 + 5 * n), "quote", "behind") for n in range(4)]
    assert not is_loss(behind[:2], 50, STREAMED)
    assert is_loss(behind[:3], 50, STREAMED)
    assert not is_loss(behind[:3], 400, STREAMED)
    assert is_loss(behind, 400, STREAMED)
    assert not is_loss(behind, 50, ["trade", "day"])


def test_a_contract_counts_once_and_other_verdicts_prove_nothing():
    """Three sections of one contract are one contract; what differs, is missing or too much is no lost update."""
    assert not is_loss([Finding(CALL, what, "behind") for what in STREAMED], 50, STREAMED)
    others = [Finding(ticker(6800 + 5 * n), "quote", "differs") for n in range(9)]
    assert not is_loss(others, 50, STREAMED)


def test_a_repair_is_the_vendors_rows_without_greeks():
    """Rows of all that is behind, differs or is missing, each once; nothing of what is too much."""
    greeks = Greeks(iv=0.2, source="provider", ts=1)
    rows = named(contract(6800, greeks=greeks), contract(6805))
    findings = [
        Finding(ticker(6800), "quote", "behind"),
        Finding(ticker(6800), "trade", "differs"),
        Finding(ticker(6805), "contract", "missing"),
        Finding(ticker(6810), "contract", "extra"),
    ]

    assert repair_rows(findings, rows) == [contract(6800), contract(6805)]


def test_a_small_chain_is_one_slice():
    """Everything that fits on a page is looked at in one go, time after time."""
    chain = ladder(6780, 6820)
    assert next_slice(chain, None) == Slice(6780, 6820)
    assert next_slice(chain, 6820) == Slice(6780, 6820)
    assert within(named(*chain), Slice(6785, 6790)).keys() == named(*ladder(6785, 6790)).keys()


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60, unique=True), st.integers(2, 30))
def test_slices_go_round_the_whole_chain(strikes, rows):
    """Slice after slice covers every strike once, none with more contracts than a page has rows."""
    chain = [contract(strike, kind) for strike in strikes for kind in ("call", "put")]
    covered, after = [], None
    while len(covered) < len(strikes):
        found = next_slice(chain, after, rows)
        inside = [strike for strike in sorted(strikes) if found.low <= strike <= found.high]
        assert 2 * len(inside) <= max(rows, 2)
        covered, after = covered + inside, found.high
    assert covered == sorted(strikes)


def test_age_is_no_fault_of_delayed_data():
    """Older values are passed over, other ones of the same time are not; only the named sections are looked at."""
    ours, newer, other = contract(bid=1.5), contract(ts=2000), contract()
    assert compare(named(ours), named(newer), STREAMED, by_age=False).findings == ()
    assert len(compare(named(ours), named(other), STREAMED, by_age=False).findings) == 1
    assert compare(named(ours), named(newer), ("trade", "day")).checked == 0


def test_what_polls_bring_is_not_compared():
    """Quotes that are polled, and with them all that is not streamed; else everything."""
    assert compared_sections(("quote", "day")) == STREAMED
    assert compared_sections(("trade", "day")) == ("trade", "day")
    assert compared_sections(()) == ()
