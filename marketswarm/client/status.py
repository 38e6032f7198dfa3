"""How the swarm stands, as a client holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class SymbolStatus:
    """One symbol. What is unknown is None.

    Attributes:
        state: of the chain in force.
        spot_age_ms: by the provider's own time where it gives one.
        lag_ms: `p50` and `p99` of the way from the wire into the store.
        gaps, reconnects: since the stream began.
        document: all that is told of the symbol.
    """

    symbol: str
    state: str
    spot: float | None
    spot_age_ms: int | None
    expiration: str | None
    contracts: int | None
    updates_per_s: float | None
    lag_ms: Mapping[str, float] | None
    gaps: int | None
    reconnects: int | None
    document: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, symbol: str, document: Mapping[str, Any]) -> Self:
        """One symbol's part of the document of `status`.

        Raises:
            KeyError: when it has no state.
        """
        known = ("spot", "spot_age_ms", "expiration", "contracts", "updates_per_s", "lag_ms", "gaps")
        told = {name: document.get(name) for name in (*known, "reconnects")}
        return cls(symbol=symbol, state=str(document["state"]), document=document, **told)


@dataclass(frozen=True, slots=True)
class Status:
    """All symbols.

    Attributes:
        source: `live`, `sim`, `replay` or `none`.
        session: whether and how the market is open, in the gateway's words.
        version: of the gateway.
        next_heartbeat_ms: when the next tick is due.
        error: why nothing could be read; None when something could.
    """

    source: str
    symbols: Mapping[str, SymbolStatus]
    now_ms: int
    next_heartbeat_ms: int | None
    session: Any
    version: str
    error: str | None
    document: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """What `GET /api/v1/status` answers.

        Raises:
            KeyError, TypeError, ValueError: when it has not the documented shape.
        """
        return cls(
            source=str(document["source"]),
            symbols={name: SymbolStatus.of(name, told) for name, told in document["symbols"].items()},
            now_ms=int(document["now_ms"]),
            next_heartbeat_ms=document.get("next_heartbeat_ms"),
            session=document.get("session"),
            version=str(document.get("version", "")),
            error=document.get("error"),
            document=document,
        )
