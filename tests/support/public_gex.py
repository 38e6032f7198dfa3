"""The public convention of gamma exposure, contract by contract in plain Python, without a word of the code under test.

S. Perfiliev, "How to Calculate Gamma Exposure (GEX) and Zero Gamma Level" (2022), as gex-tracker and others follow it: calls
plus, puts minus; gamma × open interest × 100 × S² × 0.01; Black-Scholes without interest and dividends; 262 business days a
year; a profile over 60 levels from 85 % to 115 % of spot, its first sign change by a straight line.
"""

from itertools import pairwise
from math import exp, log, pi, sqrt

BUSINESS_DAYS = 262
LEVELS = 60


def gamma(spot, strike, volatility, years):
    """Black-Scholes gamma without interest and dividends; 0 where there is no time or volatility."""
    if years == 0 or volatility == 0:
        return 0.0
    d1 = (log(spot / strike) + 0.5 * volatility**2 * years) / (volatility * sqrt(years))
    return exp(-(d1**2) / 2) / sqrt(2 * pi) / (spot * volatility * sqrt(years))


def exposure(spot, contracts, years):
    """Total at a spot; contracts as strike, whether a call, volatility, open interest."""
    total = 0.0
    for strike, is_call, volatility, interest in contracts:
        size = gamma(spot, strike, volatility, years) * interest * 100 * spot * spot * 0.01
        total += size if is_call else -size
    return total


def levels(spot):
    """The hypothetical spots."""
    low, high = 0.85 * spot, 1.15 * spot
    return [low + (high - low) * step / (LEVELS - 1) for step in range(LEVELS)]


def zero_gamma(spot, contracts, years):
    """The first sign change of the profile; None when there is none."""
    points = [(level, exposure(level, contracts, years)) for level in levels(spot)]
    for (below, before), (above, after) in pairwise(points):
        if (before > 0) != (after > 0):
            return above - (above - below) * after / (after - before)
    return None
