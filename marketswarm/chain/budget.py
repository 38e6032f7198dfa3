"""How many strikes each chain may hold, so that all of them together fit on the account's connections. Pure.

Every chain gets what it asks for, or the same number as all others that ask for more; what is left over as a remainder goes
to nobody. Strikes come first: only what they leave is margin, the strikes behind the window that may stay for a walk back.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from marketswarm.chain.shares import CONTRACTS_A_CONNECTION
from marketswarm.chain.window import nearest_index

FLOOR_EACH_SIDE = 5  # narrower than that is no chain: then the stream says which contracts it has no room for
RIGHTS = 2  # call and put


@dataclass(frozen=True, slots=True)
class Claim:
    """What one chain asks for, and what its strikes cost in contracts.

    Attributes:
        asked: N of ±N.
        middle: contracts at the strike nearest to spot.
        below: contracts at each known strike below it, the nearest first.
        above: the same above it.
        further_below: contracts at each strike below the known ones; 0 where none is listed.
        further_above: the same above.
    """

    asked: int
    middle: int = RIGHTS
    below: tuple[int, ...] = ()
    above: tuple[int, ...] = ()
    further_below: int = RIGHTS
    further_above: int = RIGHTS

    def contracts(self, each_side: int) -> int:
        """How many contracts stand within so many strikes of the middle."""
        sides = ((self.below, self.further_below), (self.above, self.further_above))
        known = sum(sum(side[:each_side]) for side, _ in sides)
        return self.middle + known + sum(max(0, each_side - len(side)) * further for side, further in sides)


@dataclass(frozen=True, slots=True)
class Shares:
    """What the budget gives.

    Attributes:
        level: the most strikes on each side that a chain gets.
        margin: strikes that may stay behind the window on each side.
    """

    level: int
    margin: int

    def each_side(self, asked: int) -> int:
        """N of a chain that asks for so many."""
        return min(asked, self.level)


@dataclass(frozen=True, slots=True)
class Room:
    """What the stream workers can carry, whoever of them writes which symbol. Decision 17 says why it is enough.

    Attributes:
        connections: that the account allows.
        workers: that share them.
        a_connection: contracts that one connection carries.
    """

    connections: int
    workers: int = 1
    a_connection: int = CONTRACTS_A_CONNECTION

    def left(self, streamed: Sequence[int]) -> int:
        """How many more contracts can be carried, of whichever symbol; below 0 when some worker may have too many.

        Args:
            streamed: contracts of each symbol, of those that have none too.
        """
        anyhow = self.a_connection * (self.connections - self.workers + 1) - sum(streamed)
        symbols = -(-len(streamed) // self.connections)
        apart = self.a_connection - sum(sorted(streamed, reverse=True)[:symbols])
        return max(anyhow, apart)


def claim_of(
    asked: int, spot: float, strikes: Sequence[float], counts: Mapping[float, int], unknown: int
) -> Claim:
    """The claim of a chain whose listing is known.

    Args:
        asked: N of ±N.
        spot: where the middle is.
        strikes: every listed strike, ascending, at least one.
        counts: strike → contracts, where that is known.
        unknown: contracts to expect at each of the others.
    """
    middle = nearest_index(strikes, spot)
    costs = [counts.get(strike, unknown) for strike in strikes]
    below, above = tuple(reversed(costs[:middle])), tuple(costs[middle + 1 :])
    return Claim(asked, costs[middle], below, above, further_below=0, further_above=0)


def claim_of_held(asked: int, each_side: int, centre: float, counts: Mapping[float, int]) -> Claim:
    """The claim of a stored chain. A side that is shorter than the window ends with the listing.

    Args:
        asked: N of ±N that it asked for.
        each_side: N in force; 0 when unknown.
        centre: the middle of its window.
        counts: strike → contracts, of every strike that it holds, ascending.
    """
    if not counts:
        return Claim(asked)
    known = claim_of(asked, centre, list(counts), counts, 0)
    most = max(counts.values())
    return Claim(
        asked,
        known.middle,
        known.below,
        known.above,
        further_below=most if len(known.below) >= each_side else 0,
        further_above=most if len(known.above) >= each_side else 0,
    )


def share_out(symbols: Sequence[Sequence[Claim]], room: Room, margin_wanted: int) -> Shares:
    """Share the contracts of all connections among all chains.

    Args:
        symbols: of each symbol, the claims of the chains that are to be streamed.
        room: what can be carried.
        margin_wanted: strikes on each side that drift would like to leave behind the window.
    """

    def fits(each_side: Callable[[Claim], int]) -> bool:
        return room.left([sum(claim.contracts(each_side(claim)) for claim in of) for of in symbols]) >= 0

    most = max((claim.asked for of in symbols for claim in of), default=FLOOR_EACH_SIDE)
    level = _largest(FLOOR_EACH_SIDE, most, lambda n: fits(lambda claim: min(claim.asked, n)))
    margin = _largest(0, margin_wanted, lambda m: fits(lambda claim: min(claim.asked, level) + m))
    return Shares(level, margin)


def _largest(least: int, most: int, holds: Callable[[int], bool]) -> int:
    """The largest number from `least` to `most` for which something holds; `least` even if it does not."""
    if most <= least:
        return least
    return least + bisect_right(range(least + 1, most + 1), False, key=lambda number: not holds(number))
