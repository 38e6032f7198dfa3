"""Finds the recorded answer to a request: by path and query, and by the moment. Pure.

Windows follow spot, so a replay may ask for strikes a little beside those that were asked for: then the answer with the nearest
bounds is given, and rows that it has too many are left to whoever asked.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import zstandard

from marketswarm.recorder.entries import Exchange

Shape = tuple[str, tuple[tuple[str, str], ...]]

_BOUNDS = ("strike_price.gte", "strike_price.lte")
_KEYS = frozenset({"apikey", "api_key"})
_NO_RETRY = frozenset({0, 429})


@dataclass(slots=True)
class _Told:
    """The answers to one request, in the order of time; bodies packed, as a day has many."""

    bounds: tuple[float, ...]
    moments_us: list[int] = field(default_factory=list)
    answers: list[Exchange] = field(default_factory=list)


class RecordedAnswers:
    """All answers of a recording. Those that said to try again are left out: what came of it follows."""

    def __init__(self) -> None:
        self._by_shape: defaultdict[Shape, dict[tuple[float, ...], _Told]] = defaultdict(dict)
        self._packer = zstandard.ZstdCompressor(level=1)
        self._unpacker = zstandard.ZstdDecompressor()

    def add(self, exchange: Exchange) -> None:
        """Know one more; later ones are added later."""
        if exchange.status in _NO_RETRY or exchange.status >= 500:
            return
        shape, bounds = _shape_of(exchange.target)
        told = self._by_shape[shape].setdefault(bounds, _Told(bounds))
        body = self._packer.compress(exchange.body)
        told.moments_us.append(max(exchange.at_us, told.moments_us[-1] if told.moments_us else 0))
        told.answers.append(
            Exchange(
                exchange.at_us,
                exchange.began_us,
                exchange.target,
                exchange.status,
                body,
                exchange.retry_after,
            )
        )

    def find(self, target: str, now_us: int) -> Exchange | None:
        """The newest answer not later than that moment; the first one where all are later; None where there is none."""
        shape, bounds = _shape_of(target)
        known = self._by_shape.get(shape)
        if not known:
            return None
        told = known.get(bounds) or _nearest(list(known.values()), bounds)
        found = told.answers[max(0, bisect_right(told.moments_us, now_us) - 1)]
        body = self._unpacker.decompress(found.body) if found.body else b""
        return Exchange(found.at_us, found.began_us, found.target, found.status, body, found.retry_after)


def _shape_of(target: str) -> tuple[Shape, tuple[float, ...]]:
    """A request without its strikes and without any key, and its strikes."""
    parts = urlsplit(target)
    pairs = [(name, value) for name, value in parse_qsl(parts.query, True) if name.lower() not in _KEYS]
    bounds = tuple(sorted(_number(value) for name, value in pairs if name in _BOUNDS))
    return (parts.path, tuple(sorted(pair for pair in pairs if pair[0] not in _BOUNDS))), bounds


def _nearest(known: list[_Told], bounds: tuple[float, ...]) -> _Told:
    def distance(told: _Told) -> tuple[bool, float]:
        apart = zip(told.bounds, bounds, strict=False)
        return len(told.bounds) != len(bounds), sum(abs(one - other) for one, other in apart)

    return min(known, key=distance)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
