"""What Vexy knows at the moment at which she speaks."""

from marketswarm.vexy.context import SymbolFacts
from tools.message_examples import CLOSE_MS, SESSION, SPX, context


def test_an_unknown_symbol_is_known_to_be_unknown():
    """Nothing of it is there."""
    assert context().of("SPX") == SPX
    assert context().of("XSP") == SymbolFacts()


def test_minutes_left():
    """Below 0 after the close."""
    assert SESSION.minutes_left(CLOSE_MS - 60_000) == 1.0
    assert SESSION.minutes_left(CLOSE_MS + 30_000) == -0.5
