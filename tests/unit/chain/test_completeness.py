"""Whether rows make a chain."""

import pytest

from marketswarm.chain.completeness import complete, joined
from marketswarm.errors import IncompleteChain
from marketswarm.model.chain import ChainRows
from tests.support.builders import SPX, ladder

STRIKES = [6780.0 + 5 * step for step in range(9)]


def rows(contracts):
    """A snapshot of these contracts."""
    return ChainRows(SPX, {contract.ticker: contract for contract in contracts}, {"adjusted": 3})


def test_all_rows_are_complete():
    """Nothing is counted that is not missing."""
    assert complete(rows(ladder()), STRIKES).rejected == {"adjusted": 3}


def test_a_few_missing_rows_are_counted():
    """One of eighteen may be missing."""
    assert complete(rows(ladder()[1:]), STRIKES).rejected == {"adjusted": 3, "missing": 1}


@pytest.mark.parametrize("kept", [0, 15])
def test_many_missing_rows_make_no_chain(kept):
    """Three of eighteen may not, nor all of them; the error names the first."""
    contracts = ladder()[18 - kept :]
    with pytest.raises(
        IncompleteChain, match=f"{18 - kept} of 18 contracts without a row, the first 6780 call"
    ):
        complete(rows(contracts), STRIKES)


def test_parts_are_complete_together():
    """Two spans of a window, each of a request of its own."""
    both = joined([rows(ladder(6780, 6790)), rows(ladder(6795, 6820))], STRIKES)

    assert len(both.contracts) == 18
