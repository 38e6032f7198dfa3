"""Volatility and greeks of 1,600 contracts: beside a scalar solver in a loop, and a chain as the stream values it."""

import time
from collections.abc import Callable

import numpy as np
from py_lets_be_rational import implied_volatility_from_a_transformed_rational_guess as scalar_volatility

from benchmarks.quantiles import spread_of
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, say
from marketswarm.chain.valuation import outlook_of, quotes_of, shape_of, value_chain
from marketswarm.maths.black76 import Terms, sensitivities, value
from marketswarm.maths.implied import implied_volatility

_NAME = "greeks"
_CONTRACTS = 1_600
_FORWARD, _SPOT, _RATE_FREE = 6_803.0, 6_800.0, 0.0
_NOW_MS, _HOURS = 1_795_446_000_000, 6
_YEARS = _HOURS / 8_760


def measure(settings: BenchSettings) -> list[Row]:
    """Medians over many turns; the scalar solver gets as many contracts, once a turn."""
    turns = settings.times(200, 20)
    say(f"{_NAME}: {turns} turns of {_CONTRACTS:,} contracts")
    terms, volatility, price = _contracts()
    spot = np.full(_CONTRACTS, _SPOT)
    ours = _median_ms(lambda: sensitivities(terms, implied_volatility(terms, price), spot), turns)
    scalar = _median_ms(lambda: _scalar(terms, price), max(3, turns // 40))
    chain = _median_ms(_chain(volatility), turns)
    what = f"implied volatility and greeks of {_CONTRACTS:,} contracts"
    return [
        Row(measure=_NAME, what=f"{what}, out of the money", figure=ours, unit="ms", baseline=scalar,
            beside="volatility alone, py_lets_be_rational in a loop", must=Bound(8), goal=Bound(4)),
        Row(measure=_NAME, what=f"{what} of one chain, from its quotes: forward, sides, reasons", figure=chain,
            unit="ms", must=Bound(8), goal=Bound(4)),
    ]  # fmt: skip


def _contracts() -> tuple[Terms, np.ndarray, np.ndarray]:
    """Six hours before settlement, three and a half deviations on each side, 8 % to 60 %, each side out of the money."""
    random = np.random.default_rng(7)
    volatility = random.uniform(0.08, 0.6, _CONTRACTS)
    strike = _FORWARD * np.exp(random.uniform(-3.5, 3.5, _CONTRACTS) * volatility * np.sqrt(_YEARS))
    columns = [np.full(_CONTRACTS, _FORWARD), strike, np.full(_CONTRACTS, _YEARS)]
    terms = Terms(*columns, strike >= _FORWARD)
    return terms, volatility, value(terms, volatility, _RATE_FREE)


def _scalar(terms: Terms, price: np.ndarray) -> list[float]:
    rows = zip(
        price.tolist(),
        *(column.tolist() for column in terms[:3]),
        np.where(terms.is_call, 1.0, -1.0).tolist(),
        strict=True,
    )
    return [scalar_volatility(*row) for row in rows]


def _chain(volatility: np.ndarray) -> Callable[[], object]:
    """800 strikes, calls and puts, all of them quoted."""
    strikes = np.linspace(0.985, 1.015, _CONTRACTS // 2) * _FORWARD
    rows = [(float(strike), is_call, "SPXW") for strike in strikes for is_call in (True, False)]
    shape = shape_of(rows, lambda _root: _NOW_MS + _HOURS * 3_600_000)
    terms = Terms(np.full(_CONTRACTS, _FORWARD), shape.strike, np.full(_CONTRACTS, _YEARS), shape.is_call)
    worth = value(terms, np.full(_CONTRACTS, float(volatility.mean())))
    half = np.minimum(0.05, worth / 4)
    quotes = quotes_of([(bid, ask, _NOW_MS) for bid, ask in zip(worth - half, worth + half, strict=True)])
    carry, spot = np.full(1, np.nan), np.full(1, _SPOT)
    return lambda: value_chain(
        shape, quotes, outlook_of(shape, quotes, spot=_SPOT, carry=carry, now_ms=_NOW_MS), spot
    )


def _median_ms(act: Callable[[], object], turns: int) -> float:
    act()
    taken = []
    for _ in range(turns):
        began_s = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began_s) * 1000)
    return spread_of(taken).p50
