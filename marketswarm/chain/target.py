"""Which strikes a whole load of a chain brings.

A load that somebody asked for puts the window around spot. One that repairs a chain leaves its window where it is: only drift
moves it, or each repair would bring new strikes, and new strikes call for a repair.
"""

from collections import Counter
from dataclasses import dataclass, replace

from marketswarm.chain.allotment import Allotment
from marketswarm.chain.budget import RIGHTS, claim_of
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.stored import Window
from marketswarm.chain.window import choose_window, strides
from marketswarm.model.chain import ChainMeta, ChainRows, Listing, StrikeWindow

_REPAIRS = frozenset({"gap", "audit"})
_FOLLOWING = _REPAIRS | {"drift"}


@dataclass(frozen=True, slots=True)
class Target:
    """The strikes that a load brings.

    Attributes:
        asked: N that it was asked for; None when the window stays as it is stored.
        each_side: N that it gets.
        is_bounded: whether the chain is streamed, so that the budget bounds it.
        alike: whether the symbol's other chains are asked for as many strikes.
    """

    listing: Listing
    spot: float
    strikes: StrikeWindow
    asked: int | None = None
    each_side: int | None = None
    is_bounded: bool = False
    alike: bool = False

    def window(self, now_ms: int) -> Window:
        """What is written beside the chain."""
        moved_ms = None if self.asked is None else now_ms
        bounds = (self.strikes.centre, self.strikes.low, self.strikes.high)
        return Window(self.spot, *bounds, each_side=self.each_side, asked=self.asked, moved_ms=moved_ms)


class TargetChooser:
    """Chooses strikes within the budget.

    Args:
        each_side: N unless a load is asked for another one.
    """

    def __init__(self, allotment: Allotment, *, each_side: int) -> None:
        self._allotment = allotment
        self._each_side = each_side

    def asked(self, request: LoadRequest, meta: ChainMeta | None) -> int:
        """N that a request asks for: its own, or the chain's where the load only follows it, or the settings'."""
        if request.strikes_each_side is not None:
            return request.strikes_each_side
        if meta is not None and request.reason in _FOLLOWING and meta.strikes_asked:
            return meta.strikes_asked
        return self._each_side

    def choose(
        self, request: LoadRequest, listing: Listing, spot: float, meta: ChainMeta | None, *, is_bounded: bool
    ) -> Target:
        """The strikes for a request.

        Args:
            request: what was asked for.
            listing: the chain's listing, with one strike at least.
            spot: price of the underlying.
            meta: of the chain as it is stored.
            is_bounded: whether the chain is streamed.
        """
        if meta is not None and request.strikes_each_side is None and request.reason in _REPAIRS:
            held = tuple(strike for strike in listing.strikes if meta.low <= strike <= meta.high)
            if held and strides(listing.strikes, meta.centre, spot) * 2 < meta.strikes_each_side:
                return Target(listing, spot, StrikeWindow(meta.centre, meta.low, meta.high, held))
        asked = self.asked(request, meta)
        alike = request.expiration is None
        each_side = self._granted(listing, spot, asked, {}, alike=alike) if is_bounded else asked
        strikes = choose_window(listing.strikes, spot, each_side)
        return Target(listing, spot, strikes, asked, each_side, is_bounded, alike)

    def trimmed(self, target: Target, rows: ChainRows) -> tuple[Target, ChainRows]:
        """Target and rows without the outer strikes that the true number of contracts leaves no room for."""
        if not target.is_bounded or target.asked is None or target.each_side is None:
            return target, rows
        counts = Counter(row.strike for row in rows.contracts.values())
        each_side = self._granted(target.listing, target.spot, target.asked, counts, alike=target.alike)
        if each_side >= target.each_side:
            return target, rows
        strikes = choose_window(target.listing.strikes, target.spot, each_side)
        kept = {
            name: row for name, row in rows.contracts.items() if strikes.low <= row.strike <= strikes.high
        }
        return replace(target, strikes=strikes, each_side=each_side), replace(rows, contracts=kept)

    def _granted(
        self, listing: Listing, spot: float, asked: int, counts: dict[float, int], *, alike: bool
    ) -> int:
        claim = claim_of(asked, spot, listing.strikes, counts, contracts_a_strike(listing))
        return self._allotment.shares(listing.chain, claim, alike=alike).each_side(asked)


def contracts_a_strike(listing: Listing) -> int:
    """How many contracts a strike has, rounded up: two rights, and for an index perhaps two roots."""
    return max(RIGHTS, -(-listing.contracts // len(listing.strikes)))
