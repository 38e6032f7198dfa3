"""A chain as a client holds it."""

import pytest

from marketswarm.client.chain import Chain
from tests.support.builders import ticker
from tests.support.gateway_documents import CURSOR, chain_document


def test_a_document_becomes_typed():
    """Contracts by strike, then type; what is not told is None."""
    chain = Chain.of(chain_document(6805, 6795))
    assert [(one.strike, one.type) for one in chain] == [
        (6795, "call"),
        (6795, "put"),
        (6805, "call"),
        (6805, "put"),
    ]
    assert (chain.symbol, str(chain.expiration), chain.seq, chain.state) == ("SPX", "2026-11-23", 10, "live")
    assert (chain.cursor, chain.centre, chain.loaded_ms) == (CURSOR, None, None)
    assert (len(chain), chain.strikes()) == (4, [6795.0, 6805.0])


def test_contracts_are_found_by_ticker():
    """A ticker that is not held is a KeyError."""
    chain = Chain.of(chain_document())
    assert chain[ticker()].quote.bid == 1.6
    with pytest.raises(KeyError):
        chain["O:SPXW"]


def test_the_representation_is_short():
    """What it is, without its contracts."""
    assert "contracts" not in repr(Chain.of(chain_document()))
    assert "state='live'" in repr(Chain.of(chain_document()))


@pytest.mark.parametrize(
    "member", ["symbol", "expiration", "epoch", "seq", "state", "now_ms", "cursor", "contracts"]
)
def test_a_member_that_is_missing_is_an_error(member):
    """Nothing is made up."""
    document = chain_document()
    del document[member]
    with pytest.raises(KeyError, match=member):
        Chain.of(document)
