"""How cost grows: with contracts at so many quotes each, and with quotes for the same contracts. The README's plots are of this."""

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from benchmarks.limit import Limit, limit
from benchmarks.machine import machine, machine_line
from benchmarks.rows import Row
from benchmarks.settings import EACH_SIDE, BenchSettings, say
from benchmarks.stage import StreamStage, contracts_of, paced, stream_stage
from marketswarm.settings import Settings

_NAME = "growth"
_FRAME = 100
_QUOTES_A_CONTRACT = 25
_EACH_SIDE = (6, 12, 25, 50, 100)
_RATES = (5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000)
_ON_ONE_CONNECTION = 1_000
_LIMITS_S = 2.0
_TOLD = 2  # of the doublings, the last of each kind, as rows


@dataclass(frozen=True, slots=True)
class Point:
    """What one load costs. Processor time is in shares of one core, lags in ms, `bare_*` of receive, decode, keep."""

    contracts: int
    quotes_per_s: float
    stream_cpu: float
    server_cpu: float
    bare_cpu: float
    lag_p50_ms: float
    lag_p99_ms: float
    changes_per_s: float
    entries_per_s: float


def measure(settings: BenchSettings) -> list[Row]:
    """Rows of what the last doublings do; the whole as JSON where the settings say."""
    line = machine_line(machine())
    by_contracts, by_quotes = [], []
    for each_side in (12, EACH_SIDE) if settings.quick else _EACH_SIDE:
        points = _points(settings, each_side)
        by_contracts += points[:1]
        by_quotes += points[1:]
    document = {
        "machine": line,
        "quotes_a_contract": _QUOTES_A_CONTRACT,
        "contracts": [asdict(point) for point in by_contracts],
        "quotes": [asdict(point) for point in by_quotes],
    }
    settings.growth.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return _rows(by_contracts, by_quotes)


def _points(settings: BenchSettings, each_side: int) -> list[Point]:
    """At the fixed quotes of each contract; after it, for the usual number of contracts, at all rates."""
    contracts = contracts_of(each_side)
    workers = -(-contracts // _ON_ONE_CONNECTION)
    if workers > 1 and not _several_connections():
        say(f"{_NAME}: {contracts:,} contracts left out: they take {workers} connections")
        return []
    rates: list[float] = [_QUOTES_A_CONTRACT * contracts]
    if each_side == EACH_SIDE:
        rates += _RATES[::3] if settings.quick else _RATES
    with (
        stream_stage(settings, f"{_NAME}-{each_side}", each_side=each_side, workers=workers) as stage,
        limit(settings, stage.tickers()[:_ON_ONE_CONNECTION]) as bare,
    ):
        return [_point(stage, bare, rate, settings.length_s(3, 2)) for rate in rates]


def _several_connections() -> bool:
    return "MARKETSWARM_CONNECTIONS" in {str(field.alias) for field in Settings.model_fields.values()}


def _point(stage: StreamStage, bare: Limit, rate: float, seconds: float) -> Point:
    contracts = len(stage.tickers())
    ran = paced(stage, frame=_FRAME, seconds=seconds, rate=rate)
    lags = ran.lags["all"]
    say(
        f"{_NAME}: {contracts:,} contracts, {ran.rate:,.0f} of {rate:,.0f} quotes/s, p99 {lags['p99']:.0f} ms"
    )
    least: dict[str, Any] = bare.count(frame=_FRAME, seconds=_LIMITS_S, rate=rate)
    return Point(
        contracts,
        ran.rate,
        ran.streams.cpu,
        ran.server.cpu,
        least["cpu"],
        lags["p50"],
        lags["p99"],
        ran.lags["changes"] / seconds,
        ran.lags["entries"] / seconds,
    )


def _rows(by_contracts: list[Point], by_quotes: list[Point]) -> list[Row]:
    rows = []
    for few, many in list(pairwise(by_contracts))[-_TOLD:]:
        name, beside = (
            f"{many.contracts:,} contracts, {_QUOTES_A_CONTRACT} quotes/s each",
            f"{few.contracts:,}",
        )
        rows += _doubled(name, beside, few, many)[:2]
    for few, many in list(pairwise(by_quotes))[-_TOLD:]:
        name, beside = f"{many.quotes_per_s:,.0f} quotes/s", f"at {few.quotes_per_s:,.0f}"
        rows += _doubled(name, beside, few, many)[1:]
    return rows


def _doubled(name: str, beside: str, few: Point, many: Point) -> list[Row]:
    both = [(point.stream_cpu + point.server_cpu) * 100 for point in (few, many)]
    return [
        Row(measure=_NAME, what=f"{name}: lag p99", figure=many.lag_p99_ms, unit="ms", baseline=few.lag_p99_ms,
            beside=beside),
        Row(measure=_NAME, what=f"{name}: stream's and server's CPU", figure=both[1], unit="% of a core",
            baseline=both[0], beside=beside),
        Row(measure=_NAME, what=f"{name}: changes written", figure=many.changes_per_s, unit="/s",
            baseline=few.changes_per_s, beside=beside),
    ]  # fmt: skip
