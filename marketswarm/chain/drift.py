"""Which windows should move: spot has left the middle, the budget gives another number of strikes, or far ones are left over."""

from collections.abc import Callable, Mapping

from marketswarm.chain.allotment import Holding, StoredAllotment
from marketswarm.chain.budget import Shares
from marketswarm.chain.window import COOLDOWN_MS, nearest_index, wants_move
from marketswarm.clock import Clock


class DriftWatch:
    """Compares spots with the stored windows of every chain that is held.

    Args:
        strikes_allowed: N of a window → how many strikes spot may be away from its centre.
        points_allowed: symbol → points, where given instead of strikes.
    """

    def __init__(
        self,
        allotment: StoredAllotment,
        clock: Clock,
        *,
        strikes_allowed: Callable[[int], float],
        points_allowed: Mapping[str, float],
    ) -> None:
        self._allotment = allotment
        self._clock = clock
        self._strikes_allowed = strikes_allowed
        self._points_allowed = points_allowed

    def drifted(self, spots: Mapping[str, float]) -> tuple[str, ...]:
        """The symbols with a chain that needs other strikes at these spots; a symbol without a chain needs none yet."""
        holdings = self._allotment.holdings()
        shares, is_full = self._allotment.shares(), self._allotment.room() < 0
        tidies = self._allotment.knows_workers()
        moving = {
            holding.meta.chain.symbol
            for holding in holdings
            if (spot := spots.get(holding.meta.chain.symbol)) is not None
            and (
                self._has_left(holding, spot)
                or (tidies and self._needs_tidying(holding, shares, is_full=is_full))
            )
        }
        return tuple(symbol for symbol in spots if symbol in moving)

    def _has_left(self, holding: Holding, spot: float) -> bool:
        meta = holding.meta
        each_side = meta.strikes_each_side or self._allotment.each_side
        return wants_move(
            list(holding.strikes.counts),
            meta.centre,
            spot,
            each_side=each_side,
            strikes_allowed=self._strikes_allowed(each_side),
            points_allowed=self._points_allowed.get(meta.chain.symbol),
            is_rested=self._is_rested(holding),
        )

    def _needs_tidying(self, holding: Holding, shares: Shares, *, is_full: bool) -> bool:
        """Where contracts wait for room, what others left over is not given a rest."""
        meta = holding.meta
        if not meta.strikes_each_side or not (is_full or self._is_rested(holding)):
            return False
        if meta.strikes_each_side != shares.each_side(meta.strikes_asked):
            return True
        margin = shares.margin if is_full else self._allotment.margin_wanted
        return _longest_side(holding) > meta.strikes_each_side + margin

    def _is_rested(self, holding: Holding) -> bool:
        """Whether the last move was long enough ago; a move in the future is a clock that was set back."""
        return not 0 <= self._clock.now_ms() - holding.meta.moved_ms < COOLDOWN_MS


def _longest_side(holding: Holding) -> int:
    strikes = list(holding.strikes.counts)
    if not strikes:
        return 0
    middle = nearest_index(strikes, holding.meta.centre)
    return max(middle, len(strikes) - 1 - middle)
