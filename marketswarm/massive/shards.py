"""Which contract goes over which of several connections. Pure.

A contract stays on its connection for as long as it is wanted and the connection is there. New ones come chain by chain, so
that the loss of one connection is a gap for few chains.
"""

from collections.abc import Collection, Mapping

_AFTER_DATE = -9  # `O:SPXW261123C06800000`: side and strike are the last nine characters


def allot(
    wanted: Collection[str], before: Mapping[str, int], connections: int, budget: int
) -> dict[str, int]:
    """Contract → number of its connection, from 0. What no connection has room for is left out.

    Args:
        wanted: contracts, the more important first.
        before: what was allotted until now.
        connections: how many there are.
        budget: contracts that one may hold.
    """
    allotted = {ticker: before[ticker] for ticker in wanted if before.get(ticker, connections) < connections}
    room = [budget] * connections
    for number in allotted.values():
        room[number] -= 1
    new: dict[str, list[str]] = {}
    for ticker in wanted:
        if ticker not in allotted:
            new.setdefault(ticker[:_AFTER_DATE], []).append(ticker)
    homes = _homes(allotted)
    for chain, tickers in new.items():
        places = _places(len(tickers), homes.get(chain), room)
        allotted |= dict(zip(tickers, places, strict=False))
    return allotted


def _homes(allotted: Mapping[str, int]) -> dict[str, int]:
    """Chain → the connection that its contracts are on; on several, the one of the last."""
    return {ticker[:_AFTER_DATE]: number for ticker, number in allotted.items()}


def _places(count: int, home: int | None, room: list[int]) -> list[int]:
    """Connections for so many contracts of one chain, taken from the room: its own first, then where all of it fits."""
    by_room = sorted(range(len(room)), key=lambda number: (number != home, -room[number]))
    places: list[int] = []
    for number in by_room:
        taken = min(room[number], count - len(places))
        room[number] -= taken
        places += [number] * taken
    return places
