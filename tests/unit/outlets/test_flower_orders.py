"""What the refresh page accepts as an order."""

from typing import Any

import pytest

from marketswarm.errors import BadArgument, UnknownSymbol
from marketswarm.outlets.flower_page.desk import RefreshOrder, take_orders

SYMBOLS = ("SPX", "SPY", "ALL")


def test_the_least_order() -> None:
    """A symbol alone reloads it; what is not said is not sent, so the task's own defaults hold."""
    assert take_orders({"symbol": "SPX"}, SYMBOLS) == [RefreshOrder("chain.reload", {"symbol": "SPX"})]


def test_everything_said() -> None:
    """Task, strikes and expiration go into the task's keywords as plain JSON."""
    body = {"symbol": " spy ", "task": "chain.load", "strikes_each_side": 25, "expiration": "2026-11-23"}
    kwargs = {"symbol": "SPY", "strikes_each_side": 25, "expiration": "2026-11-23"}
    assert take_orders(body, SYMBOLS) == [RefreshOrder("chain.load", kwargs)]


def test_null_is_not_said() -> None:
    """A field that is null counts as left out."""
    body = {"symbol": "SPX", "task": None, "strikes_each_side": None, "expiration": None}
    assert take_orders(body, SYMBOLS) == [RefreshOrder("chain.reload", {"symbol": "SPX"})]


def test_every_symbol() -> None:
    """A star orders one task per configured symbol, in their order."""
    orders = take_orders({"symbol": "*", "strikes_each_side": 5}, SYMBOLS)
    assert [order.kwargs["symbol"] for order in orders] == list(SYMBOLS)
    assert all(order.kwargs["strikes_each_side"] == 5 for order in orders)


def test_all_is_a_symbol() -> None:
    """ALL is the symbol of a listed company, not a word for every symbol."""
    assert len(take_orders({"symbol": "all"}, SYMBOLS)) == 1


@pytest.mark.parametrize("symbol", [None, "", "NDX", 7, ["SPX"], {"SPX": 1}, True])
def test_unknown_symbol(symbol: Any) -> None:
    """A symbol that is not configured is refused by name, with those that are."""
    with pytest.raises(UnknownSymbol) as refused:
        take_orders({"symbol": symbol}, SYMBOLS)
    assert refused.value.args == ("symbol", symbol, "SPX, SPY, ALL, *")


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("strikes_each_side", -1, "1 to 500"),
        ("strikes_each_side", 0, "1 to 500"),
        ("strikes_each_side", 501, "1 to 500"),
        ("strikes_each_side", 2.5, "1 to 500"),
        ("strikes_each_side", "50", "1 to 500"),
        ("strikes_each_side", True, "1 to 500"),
        ("expiration", "2026-02-30", "YYYY-MM-DD"),
        ("expiration", "20261123", "YYYY-MM-DD"),
        ("expiration", "tomorrow", "YYYY-MM-DD"),
        ("expiration", 20261123, "YYYY-MM-DD"),
        ("task", "vigil.evaluate", "chain.reload, chain.load"),
        ("task", ["chain.load"], "chain.reload, chain.load"),
        ("queue", "default", "only the fields"),
    ],
)
def test_refused_values(field: str, value: Any, allowed: str) -> None:
    """A value that cannot be used is refused with its field, itself and what is allowed."""
    with pytest.raises(BadArgument) as refused:
        take_orders({"symbol": "SPX", field: value}, SYMBOLS)
    name, given, said = refused.value.args
    assert (name, given) == (field, value)
    assert allowed in said


@pytest.mark.parametrize("body", [None, [], "SPX", 3])
def test_not_an_object(body: Any) -> None:
    """Anything but a JSON object is refused as a whole."""
    with pytest.raises(BadArgument, match="a JSON object"):
        take_orders(body, SYMBOLS)
