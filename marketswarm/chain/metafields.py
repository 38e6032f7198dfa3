"""What stands in `chainmeta:*` as fields of a hash, and as the values behind them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from marketswarm.chain.stored import LoadOrigin, Window
from marketswarm.model.chain import ChainId, ChainMeta
from marketswarm.model.contract import number_text

_COUNTS = ("strikes_each_side", "strikes_asked", "moved_ms", "polled_ms", "quoted_ms")

Fields = list[str | int]  # name, value, name, value, …


def window_fields(window: Window) -> Fields:
    """The fields of a window; those that are not known are left out, and stay as they are stored."""
    prices = {"spot": window.spot, "centre": window.centre, "low": window.low, "high": window.high}
    fields: Fields = [part for name, price in prices.items() for part in (name, number_text(price))]
    counts = {
        "strikes_each_side": window.each_side,
        "strikes_asked": window.asked,
        "moved_ms": window.moved_ms,
    }
    return fields + [part for name, count in counts.items() if count is not None for part in (name, count)]


def origin_fields(origin: LoadOrigin | None) -> Fields:
    """The fields of a whole load's origin; none for a part of one."""
    if origin is None:
        return []
    request: Fields = ["request", origin.request, "request_chains", origin.request_chains]
    return ["loaded_ms", origin.begun_ms, *request]


def days_text(days: Iterable[date]) -> str:
    """Expirations as one field holds them."""
    return ",".join(day.isoformat() for day in days)


def meta_from(chain: ChainId, fields: Mapping[bytes, bytes]) -> ChainMeta | None:
    """The values behind a stored meta; None when there is none."""
    if b"epoch" not in fields:
        return None
    text = {name.decode(): value.decode() for name, value in fields.items()}
    values: dict[str, Any] = {
        "state": text["state"],
        "source": text["source"],
        "next_streamed": text.get("next_streamed") == "1",
        "quotes": text.get("quotes", ""),
        "delayed": text.get("delayed") == "1",
    }
    values |= {name: int(text[name]) for name in ("epoch", "seq", "contracts", "loaded_ms", "applied_ms")}
    values |= {name: int(text.get(name, 0)) for name in _COUNTS}
    values |= {name: float(text[name]) for name in ("spot", "centre", "low", "high")}
    values |= {name: _days(text.get(name, "")) for name in ("later", "next")}
    return ChainMeta(chain=chain, **values)


def _days(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in text.split(",") if day)
