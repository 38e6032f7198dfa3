"""What a few answers of the vendor say of the plan behind a key. Pure.

A refusal is a no. What is only missing is a no where it could not be missing by chance: in session, over enough rows. A
closed market, an empty chain and a vendor that cannot answer now prove nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from marketswarm.errors import NotEntitled, ProviderError
from marketswarm.massive.answers import is_delayed
from marketswarm.massive.rows import readable_rows
from marketswarm.massive.wire import ChainRow, Envelope
from marketswarm.model.plan import Known, SpotBy, Timing, UnderlyingPlan
from marketswarm.model.spot import SpotReadings

Said = Envelope | ProviderError
"""What came of one call."""

_ENOUGH: Final = 8  # rows near the money
_DELAYED, _REAL_TIME = "DELAYED", "REAL-TIME"


def judge(
    symbol: str, *, chain: Said, listing: Said, spots: SpotReadings, in_session: bool
) -> UnderlyingPlan:
    """What the answers say of one underlying.

    Args:
        symbol: of the underlying.
        chain: a page of its chain's snapshot, of strikes around spot where spot is known.
        listing: a page of its contracts reference.
        spots: what the sources of spot said.
        in_session: whether the market is open.
    """
    spot, spot_timing = _spot(symbol, spots, in_session=in_session)
    return UnderlyingPlan(
        symbol,
        **_chain(chain, in_session=in_session),
        listing=_listing(listing),
        spot=spot,
        spot_timing=spot_timing,
    )


def _chain(said: Said, *, in_session: bool) -> dict[str, Any]:
    if isinstance(said, ProviderError):
        return dict.fromkeys(("chain", "quotes", "trades", "greeks"), _refused(said))
    rows = readable_rows(said.results or ())
    proves = in_session and len(rows) >= _ENOUGH
    return {
        "chain": "yes" if rows else "unknown",
        "quotes": _seen(map(_has_quote, rows), proves=proves),
        "trades": _seen(map(_has_trade, rows), proves=proves and any(map(_traded, rows))),
        # The vendor's solver leaves whole days without greeks: that none has them proves nothing.
        "greeks": _seen(map(_has_greeks, rows), proves=False),
        "timing": _timing(rows, is_delayed=is_delayed(said)),
    }


def _listing(said: Said) -> Known:
    if isinstance(said, ProviderError):
        return _refused(said)
    return "yes" if said.results else "unknown"


def _spot(symbol: str, spots: SpotReadings, *, in_session: bool) -> tuple[SpotBy, Timing]:
    reading = spots.found.get(symbol)
    if reading is None:
        return ("unknown" if symbol in spots.unsure or not in_session else "none"), "unknown"
    if reading.delayed:
        return reading.method, "delayed"
    return reading.method, "unknown" if reading.stale else "real-time"


def _refused(error: ProviderError) -> Known:
    return "no" if isinstance(error, NotEntitled) else "unknown"


def _seen(having: Iterable[bool], *, proves: bool) -> Known:
    if any(having):
        return "yes"
    return "no" if proves else "unknown"


def _timing(rows: Sequence[ChainRow], *, is_delayed: bool) -> Timing:
    told = {part.timeframe for row in rows for part in (row.last_quote, row.last_trade) if part}
    if is_delayed or _DELAYED in told:
        return "delayed"
    return "real-time" if _REAL_TIME in told else "unknown"


def _has_quote(row: ChainRow) -> bool:
    return row.last_quote is not None and (row.last_quote.bid is not None or row.last_quote.ask is not None)


def _has_trade(row: ChainRow) -> bool:
    return row.last_trade is not None and row.last_trade.price is not None


def _traded(row: ChainRow) -> bool:
    """Whether it has a trade to show: one of this session."""
    return row.day is not None and (row.day.volume or 0) > 0


def _has_greeks(row: ChainRow) -> bool:
    return row.implied_volatility is not None or (row.greeks is not None and row.greeks.delta is not None)
