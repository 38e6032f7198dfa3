"""What is asked for after a tick."""

from marketswarm.spot.followers import ask_each


def test_each_symbol_is_asked_for():
    """In order; how many."""
    asked = []

    assert ask_each(asked.append, ["SPX", "SPY"], "evaluation") == 2
    assert asked == ["SPX", "SPY"]


def test_a_broker_that_is_away_is_asked_once_and_costs_nothing():
    """No error comes out, and the other symbols do not wait for it too."""
    asked = []

    def ask(symbol):
        asked.append(symbol)
        if symbol == "SPY":
            raise ConnectionError

    assert ask_each(ask, ["SPX", "SPY", "QQQ"], "evaluation") == 1
    assert asked == ["SPX", "SPY"]
