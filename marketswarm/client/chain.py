"""A chain as a client holds it: one moment of it, typed, with the place in the streams from which it can be followed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from marketswarm.model.contract import Contract

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain at one moment. What is unknown is None. Times in ms since the epoch.

    Attributes:
        epoch: of its set of contracts.
        seq: of its last change.
        state: `loading`, `live`, `stale`, `gap` or `closed`.
        spot: of the last tick.
        centre, low, high: the window of strikes.
        source: `live`, `sim` or `replay`.
        delayed: the vendor gives the data later than it happens.
        loaded_ms, applied_ms: when it was loaded whole, and changed last.
        now_ms: the gateway's clock when it was read.
        cursor: the place in all streams at which it was read, for `Client.stream(since=…)`.
        contracts: by strike, then type (calls first), then ticker.
    """

    symbol: str
    expiration: date
    epoch: int
    seq: int
    state: str
    contracts: tuple[Contract, ...] = field(repr=False)
    spot: float | None = None
    centre: float | None = field(default=None, repr=False)
    low: float | None = field(default=None, repr=False)
    high: float | None = field(default=None, repr=False)
    source: str = ""
    delayed: bool = False
    loaded_ms: int | None = field(default=None, repr=False)
    applied_ms: int | None = field(default=None, repr=False)
    now_ms: int = field(default=0, repr=False)
    cursor: str = field(default="", repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any], contracts: Mapping[str, Any] | None = None) -> Self:
        """What `GET /api/v1/chain/{symbol}` answers, with other contracts where they have changed since.

        Raises:
            KeyError, TypeError, ValueError: when it has not the documented shape.
        """
        rows = document["contracts"] if contracts is None else contracts
        return cls(
            symbol=str(document["symbol"]),
            expiration=date.fromisoformat(document["expiration"]),
            epoch=int(document["epoch"]),
            seq=int(document["seq"]),
            state=str(document["state"]),
            contracts=in_order(Contract.model_validate(row) for row in rows.values()),
            spot=_number(document, "spot"),
            centre=_number(document, "centre"),
            low=_number(document, "low"),
            high=_number(document, "high"),
            source=str(document.get("source", "")),
            delayed=bool(document.get("delayed", False)),
            loaded_ms=_moment(document, "loaded_ms"),
            applied_ms=_moment(document, "applied_ms"),
            now_ms=int(document["now_ms"]),
            cursor=str(document["cursor"]),
        )

    def __len__(self) -> int:
        return len(self.contracts)

    def __iter__(self) -> Iterator[Contract]:
        return iter(self.contracts)

    def __getitem__(self, ticker: str) -> Contract:
        """The contract of a ticker; KeyError where the chain does not hold it."""
        for contract in self.contracts:
            if contract.ticker == ticker:
                return contract
        raise KeyError(ticker)

    def strikes(self) -> list[float]:
        """Ascending, each once."""
        return sorted({float(contract.strike) for contract in self.contracts})

    def to_pandas(self) -> "pd.DataFrame":
        """One row a contract, indexed by its ticker; docs/client.md lists the columns and their types.

        Raises:
            ExtraMissing: without pandas.
        """
        from marketswarm.client.frames import chain_frame  # noqa: PLC0415  it brings pandas

        return chain_frame(self)


def in_order(contracts: Iterator[Contract]) -> tuple[Contract, ...]:
    """By strike, then type, then ticker."""
    return tuple(sorted(contracts, key=lambda one: (one.strike, one.type, one.ticker)))


def _number(document: Mapping[str, Any], name: str) -> float | None:
    value = document.get(name)
    return None if value is None else float(value)


def _moment(document: Mapping[str, Any], name: str) -> int | None:
    value = document.get(name)
    return None if value is None else int(value)
