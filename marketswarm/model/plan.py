"""What a key of the vendor may do, as far as its answers have shown. What is unknown is never taken for a no."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from marketswarm.model.spot import SpotMethod

Known = Literal["yes", "no", "unknown"]
Timing = Literal["real-time", "delayed", "unknown"]
SpotBy = SpotMethod | Literal["none", "unknown"]
QuotesBy = Literal["streamed", "polled", "none"]
"""How quotes come: by the stream, by snapshots every few seconds, or not at all."""

AGAIN_MS: Final = 3_600_000
UNSURE_AGAIN_MS: Final = 300_000  # a market opens, an outage ends
_SALT: Final = b"marketswarm plan "


@dataclass(frozen=True, slots=True)
class UnderlyingPlan:
    """What the key gives of one underlying.

    Attributes:
        chain: the snapshot of its chain.
        quotes, trades, greeks: the rows of that snapshot have them.
        listing: the contracts reference.
        spot: which source gives it.
        timing, spot_timing: of the chain's rows, and of spot.
    """

    symbol: str
    chain: Known = "unknown"
    quotes: Known = "unknown"
    trades: Known = "unknown"
    greeks: Known = "unknown"
    listing: Known = "unknown"
    spot: SpotBy = "unknown"
    timing: Timing = "unknown"
    spot_timing: Timing = "unknown"

    @property
    def is_unsure(self) -> bool:
        """Whether anything that decides what the program does is unknown."""
        return "unknown" in {self.chain, self.quotes, self.trades, self.listing, self.spot}

    def filled(self, before: "UnderlyingPlan") -> "UnderlyingPlan":
        """What is unknown now, as it was known before."""
        known = {name: getattr(before, name) for name in _NAMES if getattr(self, name) == "unknown"}
        return replace(self, **known)


_NAMES: Final = tuple(field.name for field in fields(UnderlyingPlan) if field.name != "symbol")


@dataclass(frozen=True, slots=True)
class VendorPlan:
    """What the key gives, underlying by underlying.

    Attributes:
        fingerprint: of the key, which it does not tell.
        base: where it was asked.
        asked_ms: when.
        key: whether the key itself is accepted.
    """

    fingerprint: str
    base: str
    asked_ms: int
    key: Known
    underlyings: tuple[UnderlyingPlan, ...]

    @property
    def is_unsure(self) -> bool:
        """Whether it is worth while to ask again soon."""
        return self.key == "unknown" or any(one.is_unsure for one in self.underlyings)

    def kinds(self) -> tuple[str, ...]:
        """The WebSocket channels worth asking for: not those of what no row of any underlying has."""
        rows = [(one.quotes, one.trades) for one in self.underlyings]
        lacking = {
            kind for place, kind in enumerate("QT") if rows and all(row[place] == "no" for row in rows)
        }
        return tuple(kind for kind in "QTA" if kind not in lacking)

    def sure_kinds(self) -> frozenset[str]:
        """Those of quotes and trades that a row of any underlying has."""
        rows = [(one.quotes, one.trades) for one in self.underlyings]
        return frozenset(kind for place, kind in enumerate("QT") if any(row[place] == "yes" for row in rows))

    @property
    def is_delayed(self) -> bool:
        """Whether the chain of any underlying is known to come late."""
        return any(one.timing == "delayed" for one in self.underlyings)

    def of(self, symbol: str) -> UnderlyingPlan:
        """What is known of one underlying."""
        return next((one for one in self.underlyings if one.symbol == symbol), UnderlyingPlan(symbol))

    def is_of(self, fingerprint: str, base: str) -> bool:
        """Whether it is that key's, asked at that address."""
        return (self.fingerprint, self.base) == (fingerprint, base)

    def is_due(self, now_ms: int, symbols: Sequence[str]) -> bool:
        """Whether it is to be asked again: after an hour, after five minutes where something is unknown, for other symbols."""
        if [one.symbol for one in self.underlyings] != list(symbols):
            return True
        return now_ms - self.asked_ms >= (UNSURE_AGAIN_MS if self.is_unsure else AGAIN_MS)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"underlyings": [asdict(one) for one in self.underlyings]}

    def filled(self, before: "VendorPlan | None") -> "VendorPlan":
        """What is unknown now, as it was known before of the same key; a refused key has nothing that counts."""
        if before is None or self.key == "no" or not self.is_of(before.fingerprint, before.base):
            return self
        known = tuple(one.filled(before.of(one.symbol)) for one in self.underlyings)
        return replace(self, underlyings=known, key=before.key if self.key == "unknown" else self.key)


_PLAN: Final = TypeAdapter(VendorPlan)


def plan_text(plan: VendorPlan) -> str:
    """A plan as JSON."""
    return _PLAN.dump_json(plan).decode()


def plan_from(text: bytes | str) -> VendorPlan | None:
    """The plan behind a text; None when it is none."""
    try:
        return _PLAN.validate_json(text)
    except ValidationError:
        return None


def key_fingerprint(key: str) -> str:
    """Eight digits that are others for another key, and lead to none."""
    return hashlib.sha256(_SALT + key.encode()).hexdigest()[:8]
