"""Spot as a client holds it: the ticks of the last minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Tick:
    """Spot of one symbol in one slot of ten seconds.

    Attributes:
        ts: the slot's time, ms since the epoch.
        seq: counts the symbol's slots; 0 where it is not told.
        as_of: the provider's own time of the price; None when it gives none.
        source: `live`, `sim` or `replay`.
        delayed: the provider gives it later than it happened.
    """

    symbol: str
    ts: int
    spot: float
    seq: int = 0
    as_of: int | None = None
    source: str = ""
    delayed: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any], symbol: str = "") -> Self:
        """A tick as the gateway tells it; the symbol where the document does not say it.

        Raises:
            KeyError, TypeError, ValueError: when it has not the documented shape.
        """
        as_of = document.get("as_of")
        return cls(
            symbol=str(document.get("symbol", symbol)),
            ts=int(document["ts"]),
            spot=float(document["spot"]),
            seq=int(document.get("seq", 0)),
            as_of=None if as_of is None else int(as_of),
            source=str(document.get("source", "")),
            delayed=bool(document.get("delayed", False)),
        )


@dataclass(frozen=True, slots=True)
class SpotSeries:
    """The ticks of a symbol, oldest first.

    Attributes:
        latest: the newest one; None when there was none yet.
        now_ms: the gateway's clock when they were read.
        cursor: the place in all streams from which `Client.stream(since=…)` goes on.
    """

    symbol: str
    latest: Tick | None
    ticks: tuple[Tick, ...] = field(repr=False)
    now_ms: int = field(repr=False)
    cursor: str = field(repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """What `GET /api/v1/spot/{symbol}` answers.

        Raises:
            KeyError, TypeError, ValueError: when it has not the documented shape.
        """
        symbol, latest = str(document["symbol"]), document.get("latest")
        return cls(
            symbol=symbol,
            latest=Tick.of(latest, symbol) if latest else None,
            ticks=tuple(Tick.of(tick, symbol) for tick in document["ticks"]),
            now_ms=int(document["now_ms"]),
            cursor=str(document["cursor"]),
        )

    def to_pandas(self) -> "pd.DataFrame":
        """One row a tick: `ts` (UTC) as the index, `spot` and `seq`.

        Raises:
            ExtraMissing: without pandas.
        """
        from marketswarm.client.frames import spot_frame  # noqa: PLC0415  it brings pandas

        return spot_frame(self)
