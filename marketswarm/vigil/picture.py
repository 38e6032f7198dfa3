"""What an evaluation finds of one chain: all levels, typed. Pure. What cannot be known is None, and `absent` says why.

Exposures are USD that dealers have to hedge for each move of 1 %, by the sign model `naive`: dealers are long the calls that
customers sold and short the puts that they bought, so calls count plus and puts minus. It is a model, not a fact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from marketswarm.maths.normal import Floats
from marketswarm.model.chain import ChainId

Weighing = Literal["open-interest", "volume", "open-interest+volume/2"]


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the numbers can be trusted.

    Attributes:
        coverage: share, by open interest, of the contracts that have a gamma and a fresh quote, times that of those that could be
            read; 0 to 1.
        stale_share: share, by open interest, of the contracts whose quote is too old.
        greeks_source: `local`, `provider`, or empty.
        quoted_ms: vendor time of the newest quote.
        degraded: why no event may be raised from these numbers; empty when it may.
        unreadable: contracts that are stored and could not be read.
    """

    coverage: float
    stale_share: float
    greeks_source: str
    quoted_ms: int
    degraded: str = ""
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Crossing:
    """A spot at which the repriced profile changes its sign; `slope` in exposure a point, positive when it rises."""

    level: float
    slope: float


@dataclass(frozen=True, slots=True)
class Wall:
    """A strike that stands out on one side of spot.

    Attributes:
        exposure: net, USD per 1 % move.
        dominance: its share of the exposure of that sign on that side, 0 to 1.
        share: its share of the chain's gross exposure, 0 to 1.
    """

    strike: float
    exposure: float
    dominance: float
    share: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Strikes beside each other that carry much of the gamma.

    Attributes:
        centre: mean strike by gross exposure.
        low, high: where it begins and ends, points.
        share: of the chain's gross exposure, 0 to 1.
        ratio: net over gross within it, -1 to 1.
    """

    centre: float
    low: float
    high: float
    share: float
    ratio: float

    @property
    def kind(self) -> Literal["pin", "accelerator", "contested"]:
        """What it does by the model: holds spot, speeds it up, or neither."""
        if self.ratio >= 0.3:
            return "pin"
        return "accelerator" if self.ratio <= -0.3 else "contested"


@dataclass(frozen=True, slots=True)
class GammaLevels:
    """Gamma exposure of one chain, one way of weighing.

    Attributes:
        strikes: ascending; `net`, `gross`, `call`, `put` by strike, USD per 1 % move, puts negative.
        total, gross_total: sums of `net` and `gross`.
        grid, profile: hypothetical spots and the exposure that the chain would have there, repriced.
        at_spot: the profile at spot; `regime` it over the gross exposure at spot, -1 to 1.
        crossings: all sign changes of the profile on the grid, ascending; `flip` that nearest to spot, None when there is none.
        flip_confidence: 0 to 1; how much exposure stands on both sides of the flip.
        call_peak, put_peak: the strikes with most exposure of calls, and of puts; `heaviest` that with most of both, not netted.
        lowest: the strike at which the sum of `net` from below is least.
        vanna: USD of delta per volatility point. `charm`: USD of delta per minute.
    """

    weighing: Weighing
    strikes: Floats
    net: Floats
    gross: Floats
    call: Floats
    put: Floats
    total: float
    gross_total: float
    grid: Floats
    profile: Floats
    at_spot: float
    regime: float
    crossings: tuple[Crossing, ...]
    flip: float | None
    flip_confidence: float | None
    call_wall: Wall | None
    put_wall: Wall | None
    call_peak: float | None
    put_peak: float | None
    heaviest: float | None
    lowest: float | None
    clusters: tuple[Cluster, ...]
    vanna: float
    charm: float

    @property
    def ratio(self) -> float:
        """Net over gross, -1 to 1."""
        return self.total / self.gross_total


@dataclass(frozen=True, slots=True)
class Positioning:
    """Where open interest and volume stand.

    Attributes:
        max_pain: the strike at which all holders together are paid least; `pain_usd` what they are paid there.
        put_call_open_interest, put_call_volume, put_call_premium: puts over calls; by contracts, contracts, and USD.
    """

    max_pain: float | None
    pain_usd: float | None
    put_call_open_interest: float | None
    put_call_volume: float | None
    put_call_premium: float | None


@dataclass(frozen=True, slots=True)
class MoveLevels:
    """The move that options price to settlement.

    Attributes:
        forward: points.
        years: to settlement.
        volatility: at the money, fraction per year.
        straddle: at the forward, points: the expected move that remains.
        sigma: one standard deviation to settlement, points.
    """

    forward: float
    years: float
    volatility: float
    straddle: float
    sigma: float


@dataclass(frozen=True, slots=True)
class SmileLevels:
    """The smile over x = ln(K / F) / (volatility √T), fitted as level + skew x + curvature x².

    Attributes:
        level: fraction per year; `skew` per sigma; `curvature` per sigma².
        error: root mean square of the fit, fraction per year.
        points: how many quotes it was fitted to.
        is_good: whether the fit may be used.
        risk_reversal, butterfly: of 25 delta, fraction per year.
        left_tail, right_tail: price at two sigmas down and up over that of a flat smile.
    """

    level: float
    skew: float
    curvature: float
    error: float
    points: int
    is_good: bool
    risk_reversal: float | None
    butterfly: float | None
    left_tail: float | None
    right_tail: float | None


@dataclass(frozen=True, slots=True)
class Picture:
    """All levels of one chain at one moment; `absent` says part by part (`gamma`, `smile`, …) why there is none.

    Attributes:
        gamma: by open interest. `live_gamma`: with half of the session's volume added, a model of what opened today.
        carry: root → forward over spot, of the roots whose quotes state a forward now.
    """

    chain: ChainId
    ts: int
    spot: float
    quality: Quality
    gamma: GammaLevels | None = None
    live_gamma: GammaLevels | None = None
    positioning: Positioning | None = None
    move: MoveLevels | None = None
    smile: SmileLevels | None = None
    absent: dict[str, str] = field(default_factory=dict)
    carry: Mapping[str, float] = field(default_factory=dict)
