"""The volatility behind a Black-76 value: guarded fourth-order steps, all contracts at once.

In units of √(F K), with x = -|ln(F / K)| and the deviation s = v √T, the out-of-the-money value is

    b(x, s) = exp(x/2) N(x/s + s/2) - exp(-x/2) N(x/s - s/2)

which grows in s from 0 to exp(x/2) and has its inflexion at s = √(2|x|). Below the inflexion steps are made on 1 / ln b,
above it on ln(exp(x/2) - b): in both cases nearly a parabola or a line, and in logarithms of erfcx, so that nothing
underflows. The objectives and the third-order Householder step are those of P. Jäckel, "Let's Be Rational" (Wilmott, 2015);
the start is our own: the normal (Bachelier) volatility by a rational fit within 0.3 %, taken to lognormal. Nearly every
contract needs two steps. A root is bracketed all the time; a step that leaves its bracket becomes a bisection.
"""

from dataclasses import dataclass

import numpy as np

from marketswarm.maths.black76 import Terms, intrinsic_value, log_moneyness
from marketswarm.maths.normal import ROOT_TWO_PI, SQRT_HALF, Flags, Floats, erfcx

_MOST_STEPS = 60
_CLOSE = 1e-5  # a step this small, as a share of s, leaves an error of its fourth power
_SHUT = 1e-15  # and so does a bracket of this width
_PATIENCE = 8
_LEAST_PRICE = 1e-290  # below that a value says nothing of s but that it is larger
_FLAT = 1e-11  # a value this near to its upper bound, as a share, holds no more digits of s
_START = (0.9998517948340612, -0.12706427473037585, -0.2920328899512265, 0.42482744003510625)
_BELL = 2 / ROOT_TWO_PI


def implied_volatility(terms: Terms, undiscounted: Floats) -> Floats:
    """Volatility per year; NaN where a value is not above intrinsic, or not below what any volatility gives.

    Args:
        terms: of the contracts. In the money, the digits that intrinsic value takes up are lost to the volatility.
        undiscounted: the contracts' values over their discount factors, in points.
    """
    scale = np.sqrt(terms.forward * terms.strike)
    outside = (undiscounted - intrinsic_value(terms)) / scale
    return np.asarray(implied_deviation(-np.abs(log_moneyness(terms)), outside) / np.sqrt(terms.years))


def implied_deviation(x: Floats, price: Floats) -> Floats:
    """The s of b(x, s) = price; NaN where there is none. `x` is at most 0."""
    highest = np.exp(x / 2)
    result = np.full(price.shape, np.nan)
    solvable = np.isfinite(x) & (price > _LEAST_PRICE) & (highest - price > _FLAT * highest)
    places = np.flatnonzero(solvable)
    if places.size:
        result[places] = _solve(x[places], price[places], highest[places])
    return result


@dataclass(slots=True)
class _Search:
    """What is sought, one row a contract, and between which bounds."""

    x: Floats
    target: Floats
    below: Flags
    low: Floats
    high: Floats

    def part(self, rows: Flags) -> "_Search":
        return _Search(*(getattr(self, name)[rows] for name in _Search.__slots__))


def _solve(x: Floats, price: Floats, highest: Floats) -> Floats:
    bend = np.sqrt(-2 * x)
    below = price < 0.5 * highest * (1 - erfcx(bend * SQRT_HALF))
    target = np.log(np.where(below, price, highest - price))
    search = _Search(x, target, below, np.where(below, 0.0, bend), np.where(below, bend, np.inf))
    result = np.full(x.shape, np.nan)
    places, s = np.arange(x.size), _start(x, price)
    s = np.where((s > search.low) & (s < search.high), s, np.where(below, bend / 2, bend + 1e-3))
    for turn in range(_MOST_STEPS):
        if (
            turn % _PATIENCE == _PATIENCE - 1
        ):  # steps that only creep, in the noise of a value that all but cancels
            s = _bisected(search.low, search.high)
        s, close = _stepped(search, s)
        result[places[close]] = s[close]
        if close.all():
            break
        search, places, s = search.part(~close), places[~close], s[~close]
    return result


def _start(x: Floats, price: Floats) -> Floats:
    """A first s: the deviation in a normal model, in which value over moneyness depends on their ratio alone."""
    moneyness = np.maximum(2 * np.sinh(-x / 2), 1e-300)
    w = np.maximum(np.log1p(moneyness / price), 1e-300)
    v = w / (w + 4)
    a, b, c, d = _START
    ratio = ROOT_TWO_PI * np.sqrt(1 + w / (4 * np.pi)) / w * (a + v * (b + v * (c + v * d)))
    s = ratio * moneyness * np.where(x < -1e-6, -x / moneyness, 1.0)
    return np.asarray(s * (1 + s * s / 24))


def _stepped(search: _Search, s: Floats) -> tuple[Floats, Flags]:
    """One step from s, and whether it was the last; narrows the brackets."""
    below = search.below
    h, t = search.x / s, s / 2
    both = erfcx(np.concatenate([np.abs(h + t), t - h]) * SQRT_HALF)
    first, second = both[: s.size], both[s.size :]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        gap = np.where(below, first - second, first + second)
        log_value = np.log(0.5 * gap) - 0.5 * (h * h + t * t)
        newton, factor = _householder(search, s, h, log_value, _BELL / gap)
        moved = s + newton * factor
    # A value that cancels away (log of 0 or less) lies below the inflexion, where it means that s is too small.
    too_small = np.where(below, ~(log_value >= search.target), log_value > search.target)
    search.low = np.where(too_small, s, search.low)
    search.high = np.where(too_small, search.high, s)
    inside = (moved > 0) & (moved >= search.low) & (moved <= search.high) & (factor > 0)
    close = inside & (np.abs(newton) <= _CLOSE * s) | (search.high - search.low <= _SHUT * s)
    return np.where(inside, moved, _bisected(search.low, search.high)), close


def _householder(
    search: _Search, s: Floats, h: Floats, log_value: Floats, slope: Floats
) -> tuple[Floats, Floats]:
    """Newton's step and what the second and third derivatives make of it; `slope` is that of the logarithm, in size."""
    below, target = search.below, search.target
    bend = h * h / s - s / 4
    twist = bend * bend - 3 * (h / s) ** 2 - 0.25
    inverse = 1 / log_value
    newton = np.where(below, (target - log_value) * log_value / target, log_value - target) / slope
    second = np.where(below, bend - slope * (1 + 2 * inverse), bend + slope)
    third = np.where(
        below,
        twist + 2 * slope * slope * (1 + 3 * inverse * (1 + inverse)) - 3 * bend * slope * (1 + 2 * inverse),
        twist + slope * (2 * slope + 3 * bend),
    )
    return newton, (1 + 0.5 * second * newton) / (1 + newton * (second + third * newton / 6))


def _bisected(low: Floats, high: Floats) -> Floats:
    """Half-way in logarithms; twice the lower bound while there is no upper one, a tenth of the upper one without a lower."""
    with np.errstate(invalid="ignore"):
        middle = np.sqrt(low * high)
    return np.where(np.isinf(high), 2 * np.maximum(low, 1e-3), np.where(low == 0, high / 10, middle))
