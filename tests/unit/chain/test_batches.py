"""Changes as calls of the script."""

from datetime import date

from marketswarm.chain.batches import BATCH, batches_of
from marketswarm.chain.stored import ChainChanges, Change, RefusedChanges
from marketswarm.model.chain import ChainId
from tests.support.builders import SPX, ticker

SPY = ChainId("SPY", date(2026, 11, 23))


def change(strike: float, section: str = "quote") -> Change:
    """A change of one contract."""
    return Change(ticker(strike), section, 5, None, '"ts":5')


def test_batches_hold_a_hundred_changes_of_one_chain():
    """Chains are never mixed, and no batch holds more changes than the bound."""
    work = [
        ChainChanges(SPX, 1, 1, [change(strike) for strike in range(BATCH + 1)]),
        ChainChanges(SPY, 1, 1, [change(1)]),
    ]

    batches = list(batches_of(work))

    assert [(batch.at, len(batch.changes)) for batch in batches] == [(0, BATCH), (0, 1), (1, 1)]


def test_a_contracts_changes_share_a_batch():
    """Greeks that come behind all quotes still change their contract together with its quote."""
    changes = [change(strike) for strike in range(BATCH + 1)]
    greeks = [change(strike, "greeks") for strike in range(BATCH + 1)]

    batches = list(batches_of([ChainChanges(SPX, 1, 1, changes + greeks)]))

    assert [len(batch.changes) for batch in batches] == [BATCH, BATCH, 2]
    assert all(
        [one.section for one in batch.changes] == ["quote", "greeks"] * (len(batch.changes) // 2)
        for batch in batches
    )


def test_a_call_carries_time_and_sequence_together():
    """Keys and arguments are the script's; a change without a sequence has its time alone."""
    work = ChainChanges(
        SPX, 7, 3, [Change("A", "quote", 5, 9, '"ts":5'), Change("B", "day", 6, None, '"ts":6')]
    )

    (batch,) = batches_of([work])
    names, arguments = batch.call(1000)

    assert names[-1] == "chainorder:SPX:2026-11-23"
    assert arguments[:5] == ["SPX", "2026-11-23", 7, 3, 1000]
    assert arguments[6:] == ["A", "quote", "5 9", '"ts":5', "B", "day", 6, '"ts":6']


def test_changes_that_were_no_use_come_back_by_name():
    """The script's word, how many there were, and the first of them."""
    changes = [change(strike) for strike in (1, 2, 3)]
    (batch,) = batches_of([ChainChanges(SPX, 1, 1, changes)])

    applied = batch.applied([41, 1, 0, 0, 0, b"BADTIME", 2, 2])

    assert (applied.seq, applied.applied) == (41, 1)
    assert applied.refused == (RefusedChanges("BADTIME", 2, changes[1]),)


def test_no_changes_are_no_calls():
    """Nothing to say costs no round trip."""
    assert list(batches_of([ChainChanges(SPX, 1, 1, [])])) == []
