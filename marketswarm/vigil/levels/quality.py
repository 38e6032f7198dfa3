"""How far a chain's numbers can be trusted, and which of its contracts count. Pure."""

from dataclasses import replace
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.maths.normal import Flags, Floats
from marketswarm.vigil.columns import ChainColumns
from marketswarm.vigil.picture import Quality

DEGRADATIONS: Final = ("no-contracts", "no-greeks", "no-fresh-quotes", "low-coverage")
"""Why no event may be raised from a chain, in the order in which it is looked at."""

_NO_PRICE: Final = 1e9  # of anything, in points


class QualityGate(BaseModel):
    """What a chain must bring before anything is concluded from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    oldest_s: float = Field(
        300.0, ge=1, le=3_600, description="A quote that is older counts no more, in session; seconds"
    )
    quiet_s: float = Field(
        60.0,
        ge=1,
        le=3_600,
        description="A newest quote that is older means that the feed stands, in session; seconds",
    )
    least_coverage: float = Field(
        0.8, ge=0, le=1, description="Share of the open interest that must have a gamma and a fresh quote"
    )
    widest: float = Field(0.10, ge=0, description="A spread up to this may carry a volatility; points")
    widest_share: float = Field(0.6, ge=0, le=2, description="So may one up to this share of the mid")


DEFAULT_GATE: Final = QualityGate()


def quality_of(
    columns: ChainColumns, gate: QualityGate = DEFAULT_GATE, *, in_session: bool = True
) -> tuple[Quality, Flags]:
    """The quality of a chain, and which of its rows may be used: those that have a gamma, and a fresh quote in session.

    Shares are by open interest; where nobody has any, or it is not known yet, by contracts. Of contracts that could not be read nothing
    is known: as many in a hundred of them are, so many in a hundred are not covered. Ages are beyond what the quotes' way
    takes anyway: those of a delayed plan are fifteen minutes old and fresh. A quote that is as far ahead as one may be old has no date.

    Args:
        columns: of the chain.
        gate: what it must bring.
        in_session: whether trading is on; outside of it nothing is stale.
    """
    age_s = (columns.now_ms - columns.behind_ms - columns.quote_ts) / 1_000
    dated = (columns.quote_ts > 0) & (columns.now_ms - columns.quote_ts > -gate.oldest_s * 1_000)
    stale = in_session & dated & (age_s > gate.oldest_s)
    fresh = ~stale & (dated | (not in_session))
    usable = np.isfinite(columns.gamma) & (columns.gamma >= 0) & fresh
    weight = _weights(columns.open_interest)
    quality = Quality(
        coverage=float(weight[usable].sum()) * columns.size / max(columns.size + columns.unreadable, 1),
        stale_share=float(weight[stale].sum()),
        greeks_source=columns.greeks_source,
        quoted_ms=int(columns.quote_ts[dated].max(initial=0)),
        unreadable=columns.unreadable,
    )
    return _judged(quality, columns, gate, in_session=in_session), usable


def priced(columns: ChainColumns, usable: Flags, gate: QualityGate = DEFAULT_GATE) -> Flags:
    """The usable rows whose own quote states a price: a bid, not crossed, and not too wide."""
    bid, ask = columns.bid, columns.ask
    with np.errstate(invalid="ignore", over="ignore"):
        widest = np.maximum(gate.widest, gate.widest_share * (bid + ask) / 2)
        sound = (bid > 0) & (ask >= bid) & (ask < _NO_PRICE) & (ask - bid <= widest + 1e-9)
        return usable & sound & (columns.strike > 0) & (columns.strike < _NO_PRICE)


def _weights(open_interest: Floats) -> Floats:
    """Each row's share of the open interest; of the contracts, where nobody has any."""
    held = np.where(np.isfinite(open_interest) & (open_interest > 0), open_interest, 0.0)
    most = held.max(initial=0.0)
    held = held / most if most > 0 else np.ones_like(held)
    return np.asarray(held / max(float(held.sum()), 1.0))


def _judged(quality: Quality, columns: ChainColumns, gate: QualityGate, *, in_session: bool) -> Quality:
    """The same with why it is degraded, the first cause first."""
    age_ms = columns.now_ms - columns.behind_ms - quality.quoted_ms
    quiet = in_session and age_ms > gate.quiet_s * 1_000
    holds = (
        columns.size == 0,
        not columns.greeks_source,
        quiet,
        quality.coverage < gate.least_coverage,
    )
    reasons = (reason for reason, is_so in zip(DEGRADATIONS, holds, strict=True) if is_so)
    return replace(quality, degraded=next(reasons, ""))
