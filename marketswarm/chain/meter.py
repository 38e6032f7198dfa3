"""Rates and lag of one symbol, over the last seconds."""

from collections import deque
from collections.abc import Sequence

_WINDOW_S = 5.0
_LAGS_KEPT = 4096


class Meter:
    """Rates over the last seconds and quantiles of lag, of one symbol."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()
        self._lags_s: deque[float] = deque(maxlen=_LAGS_KEPT)

    def count(self, now_s: float, updates: int) -> None:
        """Updates that arrived."""
        self._counts.append((now_s, updates))
        while self._counts and self._counts[0][0] < now_s - _WINDOW_S:
            self._counts.popleft()

    def lags(self, lags_s: Sequence[float]) -> None:
        """Time from the arrival of a frame until its content could be read."""
        self._lags_s.extend(lags_s)

    def per_second(self, now_s: float) -> float:
        """Updates a second over the last seconds."""
        recent = sum(count for at, count in self._counts if at >= now_s - _WINDOW_S)
        return round(recent / _WINDOW_S, 1)

    def take_lag_ms(self) -> dict[str, float]:
        """`p50` and `p99` in ms since the last call; empty when nothing was applied."""
        lags, self._lags_s = sorted(self._lags_s), deque(maxlen=_LAGS_KEPT)
        if not lags:
            return {}
        return {
            name: round(lags[int(share * (len(lags) - 1))] * 1000, 1)
            for name, share in (("p50", 0.5), ("p99", 0.99))
        }
