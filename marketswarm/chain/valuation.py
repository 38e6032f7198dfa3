"""Volatility and greeks of one chain from its quotes. Pure: columns in, columns out.

Each root has a forward of its own. The side of a strike that is out of the money is solved, and its volatility serves both
sides; within half a step of the forward it is the average of both. What cannot be valued has a reason in its place.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketswarm.maths.black76 import RATE, Terms, discount, intrinsic_value, sensitivities
from marketswarm.maths.forward import is_plausible, parity_forward
from marketswarm.maths.implied import implied_volatility
from marketswarm.maths.normal import Flags, Floats
from marketswarm.maths.settlement import GREEKS_YEARS, years_left
from marketswarm.model.contract import ABSENCES

Places = NDArray[np.intp]
Times = NDArray[np.int64]
Codes = NDArray[np.int8]

VALUED: Final = 0
CODES: Final[dict[str, int]] = {reason: place for place, reason in enumerate(ABSENCES, 1)}
_WIDEST, _WIDEST_SHARE = 0.10, 0.6  # of a spread: in points, and of the mid; the larger counts
_NO_PRICE: Final = 1e9  # of an option, in points
_NO_OTHER: Final = -1
_NOTHING: Final = 1e-12  # of a figure


@dataclass(frozen=True, slots=True)
class ChainShape:
    """What does not change of a chain's contracts, one row each.

    Attributes:
        roots: the chain's roots; `settles_ms` when each settles; `ladders` the strikes of each, ascending.
        root: which of the roots.
        other: the row of the other side of the strike, -1 where there is none.
        calls, puts: rows of both sides of each strike that has both.
    """

    strike: Floats
    is_call: Flags
    root: Places
    other: Places
    calls: Places
    puts: Places
    roots: tuple[str, ...]
    settles_ms: tuple[int, ...]
    ladders: tuple[Floats, ...]


class Quotes(NamedTuple):
    """Best bid and offer, one row a contract, NaN where unknown; `ts` is their vendor time in ms."""

    bid: Floats
    ask: Floats
    ts: Times


class Outlook(NamedTuple):
    """What all contracts of a root share, one row a root.

    Attributes:
        forward: NaN where nothing states one.
        years: to settlement, one minute at least; NaN when it is over.
        ts: the newest vendor time of the quotes that state the forward, 0 where it comes from spot.
        is_parity: whether the forward comes from quotes.
    """

    forward: Floats
    years: Floats
    ts: Times
    is_parity: Flags


class Valuation(NamedTuple):
    """Figures and reasons, one column a contract.

    Attributes:
        figures: rows iv, delta, gamma, theta, vega; NaN where absent.
        absent: 0, or the place of the reason in `ABSENCES`, counted from 1.
        ts: the newest vendor time of what a figure comes from.
    """

    figures: Floats
    absent: Codes
    ts: Times


def shape_of(contracts: Iterable[tuple[float, bool, str]], settles_ms: Callable[[str], int]) -> ChainShape:
    """The shape of contracts given as strike, whether a call, and root, in their order."""
    rows = list(contracts)
    roots = tuple(dict.fromkeys(root for _, _, root in rows))
    places = {(root, strike, is_call): row for row, (strike, is_call, root) in enumerate(rows)}
    other = [places.get((root, strike, not is_call), _NO_OTHER) for strike, is_call, root in rows]
    calls = [row for row, (_, is_call, _) in enumerate(rows) if is_call and other[row] != _NO_OTHER]
    strikes = {root: sorted({strike for strike, _, of in rows if of == root}) for root in roots}
    return ChainShape(
        strike=np.array([strike for strike, _, _ in rows], dtype=np.float64),
        is_call=np.array([is_call for _, is_call, _ in rows], dtype=np.bool_),
        root=np.array([roots.index(root) for _, _, root in rows], dtype=np.intp),
        other=np.array(other, dtype=np.intp),
        calls=np.array(calls, dtype=np.intp),
        puts=np.array([other[row] for row in calls], dtype=np.intp),
        roots=roots,
        settles_ms=tuple(settles_ms(root) for root in roots),
        ladders=tuple(np.array(strikes[root]) for root in roots),
    )


def quotes_of(rows: Sequence[tuple[float | None, float | None, int]]) -> Quotes:
    """Quotes given as bid, ask and time, None where unknown."""
    bid, ask = (np.array([row[side] for row in rows], dtype=np.float64) for side in (0, 1))
    return Quotes(bid, ask, np.array([row[2] for row in rows], dtype=np.int64))


def gate(quotes: Quotes) -> Codes:
    """Whether a quote can carry a volatility of its own; the reason why not."""
    bid, ask, _ = quotes
    spread = ask - bid
    with np.errstate(invalid="ignore", over="ignore"):
        reasons = {
            "no-quote": ~((bid >= 0) & (ask > 0) & (np.maximum(bid, ask) < _NO_PRICE)),
            "crossed": spread < 0,
            "no-bid": bid == 0,
            "wide": spread > np.maximum(_WIDEST, _WIDEST_SHARE * (bid + ask) / 2) + 1e-9,
        }
    codes = [CODES[reason] for reason in reasons]
    return np.select(list(reasons.values()), codes, VALUED).astype(np.int8)


def outlook_of(shape: ChainShape, quotes: Quotes, *, spot: float, carry: Floats, now_ms: int) -> Outlook:
    """Forward and time of each root.

    The time left is counted from the newest quote, so that quotes of an earlier day keep the meaning that they had. A root
    is expired by the clock.

    Args:
        shape: of the chain.
        quotes: of the chain.
        spot: the last known, NaN when unknown.
        carry: forward over spot when both were last known together, one a root; NaN where they never were.
        now_ms: the clock's time.
    """
    as_of_ms = min(now_ms, int(quotes.ts.max(initial=0)))
    usable = gate(quotes) == VALUED
    paired = usable[shape.calls] & usable[shape.puts]
    rows = [
        _root_outlook(shape, quotes, paired, at, (spot, float(carry[at]), as_of_ms, now_ms))
        for at in range(len(shape.roots))
    ]
    forward, years, ts, is_parity = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Outlook(
        np.array(forward, dtype=np.float64),
        np.array(years, dtype=np.float64),
        np.array(ts, dtype=np.int64),
        np.array(is_parity, dtype=np.bool_),
    )


def _root_outlook(
    shape: ChainShape, quotes: Quotes, paired: Flags, at: int, market: tuple[float, float, int, int]
) -> tuple[float, float, int, bool]:
    spot, carry, as_of_ms, now_ms = market
    settles_ms = shape.settles_ms[at]
    if now_ms >= settles_ms:
        return np.nan, np.nan, 0, False
    years = years_left(settles_ms, as_of_ms)
    assert years is not None  # the newest quote is not ahead of the clock
    of_root = paired & (shape.root[shape.calls] == at)
    calls, puts = shape.calls[of_root], shape.puts[of_root]
    (bid, ask, ts), strike = quotes, shape.strike[calls]
    difference = (bid[calls] + ask[calls] - bid[puts] - ask[puts]) / 2
    spread = ask[calls] - bid[calls] + ask[puts] - bid[puts]
    parity = parity_forward(strike, difference, spread, spot=spot, years=years)
    if parity is not None:
        newest = np.maximum(ts[calls[parity.rows]], ts[puts[parity.rows]]).max()
        return parity.forward, years, int(newest), True
    forward = spot * (carry if np.isfinite(carry) else float(np.exp(RATE * years)))
    return (forward if is_plausible(forward, spot, years) else np.nan), years, 0, False


def value_chain(shape: ChainShape, quotes: Quotes, outlook: Outlook, spot: Floats) -> Valuation:
    """Volatility and greeks of every contract.

    Args:
        shape: of the chain.
        quotes: of the chain.
        outlook: of its roots.
        spot: for delta and gamma, one a root.
    """
    forward, years = outlook.forward[shape.root], outlook.years[shape.root]
    terms = Terms(forward, shape.strike, years, shape.is_call)
    outside, near = _sides(shape, forward, outlook.forward)
    own, why = _own_volatility(terms, quotes, outside | near)
    volatility, absent = _shared_volatility(shape, own, why, outside, near)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        calm = terms._replace(years=np.maximum(years, GREEKS_YEARS))
        greeks = sensitivities(calm, volatility, spot[shape.root])
    figures = np.stack([volatility, *greeks])
    figures[np.abs(figures) < _NOTHING] = 0.0  # and no minus nought
    absent[(absent == VALUED) & ~np.isfinite(figures).all(axis=0)] = CODES["unsolved"]
    absent[np.isnan(forward)] = CODES["no-forward"]
    absent[np.isnan(years)] = CODES["expired"]
    figures[:, absent != VALUED] = np.nan
    return Valuation(figures, absent, _newest(shape, quotes.ts, outlook.ts[shape.root]))


def _sides(shape: ChainShape, forward: Floats, forwards: Floats) -> tuple[Flags, Flags]:
    """Which contracts are out of the money, and which are within half a step of the forward."""
    steps = np.array([_step(ladder, f) for ladder, f in zip(shape.ladders, forwards, strict=True)])
    outside = np.where(shape.is_call, shape.strike >= forward, shape.strike < forward)
    return outside, np.abs(shape.strike - forward) <= steps[shape.root] / 2


def _step(ladder: Floats, forward: float) -> float:
    """The distance between the strikes around the forward; 0 with fewer than two."""
    if ladder.size < 2 or np.isnan(forward):
        return 0.0
    above = int(np.clip(np.searchsorted(ladder, forward), 1, ladder.size - 1))
    return float(ladder[above] - ladder[above - 1])


def _own_volatility(terms: Terms, quotes: Quotes, wanted: Flags) -> tuple[Floats, Codes]:
    """The volatility of a contract's own mid, where it is wanted and the quote carries it; the reason where it does not."""
    why = gate(quotes)
    volatility = np.full(terms.strike.shape, np.nan)
    rows = np.flatnonzero(wanted & (why == VALUED) & np.isfinite(terms.forward) & np.isfinite(terms.years))
    asked = Terms(terms.forward[rows], terms.strike[rows], terms.years[rows], terms.is_call[rows])
    undiscounted = (quotes.bid[rows] + quotes.ask[rows]) / 2 / discount(asked.years)
    volatility[rows] = implied_volatility(asked, undiscounted)
    unsolved = rows[np.isnan(volatility[rows])]
    too_cheap = undiscounted <= intrinsic_value(asked)
    why[unsolved] = CODES["unsolved"]
    why[rows[too_cheap]] = CODES["below-intrinsic"]
    return volatility, why


def _shared_volatility(
    shape: ChainShape, own: Floats, why: Codes, outside: Flags, near: Flags
) -> tuple[Floats, Codes]:
    """Each strike's volatility on both of its sides, and why there is none."""
    alone = shape.other == _NO_OTHER
    other = np.where(alone, np.arange(shape.other.size), shape.other)
    source = np.where(outside, np.arange(shape.other.size), other)
    volatility, absent = own[source], why[source]
    both = near & np.isfinite(own) & np.isfinite(own[other])
    volatility = np.where(both, (own + own[other]) / 2, volatility)
    either = near & np.isnan(volatility)
    volatility = np.where(either, np.where(np.isnan(own), own[other], own), volatility)
    absent = np.where(np.isfinite(volatility), VALUED, absent).astype(np.int8)
    absent[alone & ~outside & ~near] = CODES["no-other-side"]
    return volatility, absent


def _newest(shape: ChainShape, ts: Times, forward_ts: Times) -> Times:
    other = np.where(shape.other == _NO_OTHER, np.arange(shape.other.size), shape.other)
    newest = np.maximum(np.maximum(ts, ts[other]), forward_ts)
    return np.where(
        newest > 0, newest, ts.max(initial=0)
    )  # nothing of its own: it is as old as what the chain knows
