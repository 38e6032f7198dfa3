"""Technical indicators over closes, as the vendor's routes name them. Pure: each gives one figure per bar it has enough for.

Results are aligned to the end: the last figure belongs to the last price.
"""

import itertools
from collections.abc import Sequence

Figures = list[float]


def sma(prices: Sequence[float], window: int) -> Figures:
    """Simple moving average."""
    return [sum(prices[end - window : end]) / window for end in range(window, len(prices) + 1)]


def ema(prices: Sequence[float], window: int) -> Figures:
    """Exponential moving average with 2 / (window + 1), begun with the simple one."""
    if len(prices) < window:
        return []
    found = [sum(prices[:window]) / window]
    for price in prices[window:]:
        found.append(found[-1] + (price - found[-1]) * 2 / (window + 1))
    return found


def rsi(prices: Sequence[float], window: int) -> Figures:
    """Relative strength index with Wilder's averages; 100 where nothing fell, 50 where nothing moved."""
    moves = [later - earlier for earlier, later in itertools.pairwise(prices)]
    if len(moves) < window:
        return []
    rise = sum(max(move, 0.0) for move in moves[:window]) / window
    fall = sum(max(-move, 0.0) for move in moves[:window]) / window
    found = [_strength(rise, fall)]
    for move in moves[window:]:
        rise = (rise * (window - 1) + max(move, 0.0)) / window
        fall = (fall * (window - 1) + max(-move, 0.0)) / window
        found.append(_strength(rise, fall))
    return found


def macd(prices: Sequence[float], short: int, long: int, signal: int) -> list[tuple[float, float, float]]:
    """Value, signal and histogram."""
    slow = ema(prices, long)
    quick = ema(prices, short)[-len(slow) :] if slow else []
    values = [a - b for a, b in zip(quick, slow, strict=True)] if len(quick) == len(slow) else []
    smooth = ema(values, signal)
    kept = values[len(values) - len(smooth) :]
    return [(value, line, value - line) for value, line in zip(kept, smooth, strict=True)]


def _strength(rise: float, fall: float) -> float:
    return 50.0 if rise == fall == 0 else 100 * rise / (rise + fall)
