"""The levels of one symbol as Vigil published them: each a value with unit and method, or the reason why there is none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from redis.client import Redis

from marketswarm import keys
from marketswarm.reachable import store_reachable

Document = Mapping[str, Any]

NOT_PUBLISHED: Final = "not-published"
POSITIVE_FROM: Final = (
    0.10  # of net over gross, and negative from the same below zero: what lies between is called neutral
)


@dataclass(frozen=True, slots=True)
class Levels:
    """All that stands in one hash, as it was written in one step.

    Attributes:
        fields: level → its document.
    """

    symbol: str
    fields: Mapping[str, Document]

    def value(self, name: str, member: str = "") -> Any:
        """A level's value, or a member of it; None where it is absent."""
        value = self.fields.get(name, {}).get("value")
        if not member:
            return value
        return value.get(member) if isinstance(value, Mapping) else None

    def number(self, name: str, member: str = "") -> float | None:
        """The same where it is a number."""
        value = self.value(name, member)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def rows(self, name: str) -> list[Any]:
        """A level's value where it is a list; empty where it is absent."""
        value = self.value(name)
        return list(value) if isinstance(value, list) else []

    def why_absent(self, name: str) -> str:
        """Why there is none, such as `no-open-interest`."""
        return str(self.fields.get(name, {}).get("absent", NOT_PUBLISHED))

    @property
    def spot(self) -> float | None:
        """Of the tick that was judged."""
        return self.number("spot")

    @property
    def as_of(self) -> int | None:
        """When that tick was, ms since the epoch."""
        told = self.fields.get("spot", {}).get("as_of")
        return None if told is None else int(told)

    @property
    def late_since(self) -> int | None:
        """When the expected move was fixed, ms since the epoch, where that was not at the open; None where it was."""
        field = self.fields.get("move_open", {})
        return int(field.get("as_of", 0)) if field.get("since_open") is False else None

    @property
    def quoted_ms(self) -> int | None:
        """Vendor time of the newest quote."""
        quoted = self.number("quality", "quoted_ms")
        return None if quoted is None else int(quoted)

    @property
    def expiration(self) -> str | None:
        """YYYY-MM-DD of the chain."""
        return self._text("expiration")

    @property
    def coverage(self) -> float | None:
        """Share of the chain, by open interest, that the numbers come from; 0 to 1."""
        told = self._first("coverage")
        return None if told is None else float(told)

    @property
    def degraded(self) -> str | None:
        """Why no event is raised from these numbers; None when they are good."""
        return self._text("degraded")

    @property
    def chain_state(self) -> str | None:
        """The chain's own state when it was judged."""
        told = self.fields.get("quality", {}).get("chain_state")
        return None if told is None else str(told)

    @property
    def note(self) -> str | None:
        """What is to be known of the evaluation, such as that ticks were skipped."""
        told = self.fields.get("quality", {}).get("note")
        return None if told is None else str(told)

    @property
    def sign_model(self) -> str | None:
        """Who is taken to be long and short."""
        return self._text("sign_model")

    @property
    def why_no_chain(self) -> str | None:
        """The reason where no chain was judged at all."""
        return None if self.expiration else self.why_absent("quality")

    def regime_word(self) -> str:
        """`positive`, `negative` or `neutral`; empty where it is not known."""
        regime = self.number("regime")
        if regime is None:
            return ""
        if abs(regime) < POSITIVE_FROM:
            return "neutral"
        return "positive" if regime > 0 else "negative"

    def document(self, now_ms: int) -> dict[str, Any]:
        """All of it as one JSON value, the levels as they are stored; what is unknown is left out."""
        head = {
            "symbol": self.symbol,
            "expiration": self.expiration,
            "spot": self.spot,
            "as_of": self.as_of,
            "age_ms": self.age_ms(now_ms),
            "chain_state": self.chain_state,
            "coverage": self.coverage,
            "degraded": self.degraded,
            "sign_model": self.sign_model,
            "note": self.note,
        }
        return {name: value for name, value in head.items() if value is not None} | {
            "levels": dict(self.fields)
        }

    def age_ms(self, now_ms: int) -> int | None:
        """How long ago the tick was."""
        return None if self.as_of is None else max(0, now_ms - self.as_of)

    def _text(self, member: str) -> str | None:
        told = self._first(member)
        return None if told is None else str(told)

    def _first(self, member: str) -> Any:
        """What all levels of the chain say alike."""
        return next((field[member] for field in self.fields.values() if member in field), None)


class StoredLevels:
    """Reads them."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    def read(self, symbol: str) -> Levels | None:
        """A symbol's levels; None when none were published. A field that is no JSON object is left out.

        Raises:
            StoreUnavailable: when the store does not answer.
        """
        with store_reachable(self._address):
            texts: Any = self._redis.hgetall(keys.vigil_levels(symbol))
        fields = {name.decode(): _parsed(text) for name, text in texts.items()}
        known = {name: field for name, field in sorted(fields.items()) if field}
        return Levels(symbol, known) if known else None


def _parsed(text: bytes) -> Document:
    try:
        field = json.loads(text)
    except ValueError:
        return {}
    return field if isinstance(field, dict) else {}
