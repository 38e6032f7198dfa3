"""`/metrics`: what the gateway and the swarm count, for Prometheus. Read when it is scraped; docs/gateway.md describes each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response

from marketswarm.model.chain import ChainState
from marketswarm.outlets.gateway.figures import ClientCounts
from marketswarm.outlets.gateway.stored import StreamFill
from marketswarm.outlets.status import SwarmReading, status_document

PREFIX: Final = "marketswarm_"
Sample = tuple[tuple[str, ...], float]
Family = GaugeMetricFamily | CounterMetricFamily


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: a gauge, or a counter that only grows until what counts it is started anew."""

    name: str
    kind: Literal["gauge", "counter"]
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The name as Prometheus stores it."""
        return PREFIX + self.name + ("_total" if self.kind == "counter" else "")


METRICS: Final = (
    Metric("build_info", "gauge", "always 1; the version is its label", ("version",)),
    Metric("store_up", "gauge", "1 while Redis answers, else 0"),
    Metric(
        "chain_state", "gauge", "1 for the state that may be shown, 0 for the others", ("symbol", "state")
    ),
    Metric("chain_contracts", "gauge", "contracts of the chain in force", ("symbol",)),
    Metric("spot", "gauge", "the last spot", ("symbol",)),
    Metric(
        "spot_age_seconds", "gauge", "age of that spot, by the vendor's time where it gives one", ("symbol",)
    ),
    Metric("updates_per_second", "gauge", "updates of the feed, as the stream counts them", ("symbol",)),
    Metric(
        "lag_seconds",
        "gauge",
        "from the vendor's frame to Redis, of the last seconds",
        ("symbol", "quantile"),
    ),
    Metric("gaps", "counter", "times that updates were lost and repaired", ("symbol",)),
    Metric("reconnects", "counter", "connections that were made anew", ("symbol",)),
    Metric("ticks", "counter", "ticks of the spot heartbeat: published, refused, missed", ("outcome",)),
    Metric("bad_frames", "counter", "frames and events of the feed that could not be used", ("reason",)),
    Metric("stream_entries", "gauge", "entries that stand in a stream of Redis", ("stream",)),
    Metric("stream_added", "counter", "entries ever added to it; Redis 7 and Valkey count them", ("stream",)),
    Metric("sse_clients", "gauge", "clients of the event stream that are connected"),
    Metric("sse_entered", "counter", "clients that came"),
    Metric("sse_resumed", "counter", "of them those that went on from their cursor"),
    Metric("sse_frames", "counter", "events sent to clients"),
    Metric("sse_bytes", "counter", "bytes sent to clients"),
    Metric("sse_dropped", "counter", "clients that were told to go", ("reason",)),
    Metric("sse_resets", "counter", "times that a client was told to fetch again", ("reason",)),
    Metric("sse_entries", "counter", "entries that the event stream has read", ("stream",)),
    Metric("sse_unreadable", "counter", "of them those that were not in their shape", ("stream",)),
    Metric("sse_lag", "gauge", "events by which the slowest client is behind"),
    Metric("sse_ring_frames", "gauge", "events that are kept for slow clients"),
    Metric("sse_ring_bytes", "gauge", "bytes of them"),
    Metric("sse_store_away", "counter", "times that the event stream could not read Redis"),
)
"""All there are, in the order in which they are shown."""


class SwarmCollector(Collector):
    """Gives all of them as they are now; what is unknown has no sample.

    Args:
        counts: what the event stream counts of itself.
        fills: raises nothing but what the store raises; is not called while the store is away.
    """

    def __init__(
        self,
        reading: Callable[[], SwarmReading],
        fills: Callable[[], Mapping[str, StreamFill]],
        counts: Callable[[], ClientCounts],
        version: str,
    ) -> None:
        self._reading = reading
        self._fills = fills
        self._counts = counts
        self._version = version

    def collect(self) -> Iterable[Family]:
        """One family a metric."""
        found: dict[str, list[Sample]] = {metric.name: [] for metric in METRICS}
        for name, labels, value in self._samples():
            found[name].append((labels, value))
        for metric in METRICS:
            kind = GaugeMetricFamily if metric.kind == "gauge" else CounterMetricFamily
            family = kind(PREFIX + metric.name, metric.meaning, labels=metric.labels)
            for labels, value in found[metric.name]:
                family.add_metric(labels, value)
            yield family

    def _samples(self) -> Iterator[tuple[str, tuple[str, ...], float]]:
        reading = self._reading()
        yield "build_info", (self._version,), 1
        yield "store_up", (), float(reading.error is None)
        yield from _swarm_samples(status_document(reading))
        if reading.error is None:
            yield from _fill_samples(self._fills())
        yield from _client_samples(self._counts())


def metrics_routes(collector: SwarmCollector) -> APIRouter:
    """The route."""
    routes, registry = APIRouter(tags=["health"]), CollectorRegistry()
    registry.register(collector)

    @routes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def metrics() -> Response:
        """All metrics in Prometheus' text format."""
        return Response(
            generate_latest(registry), media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"}
        )

    return routes


def _swarm_samples(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], float]]:
    for symbol, known in document["symbols"].items():
        yield from _symbol_samples(symbol, known)
    for outcome in ("published", "refused", "missed"):
        if outcome in document.get("heartbeat", {}):
            yield "ticks", (outcome,), document["heartbeat"][outcome]
    for reason, count in document.get("bad_frames", {}).items():
        yield "bad_frames", (reason,), count


def _symbol_samples(symbol: str, known: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], float]]:
    for state in get_args(ChainState):
        yield "chain_state", (symbol, state), float(known["state"] == state)
    for name, field, scale in _FIGURES:
        if field in known:
            yield name, (symbol,), known[field] * scale
    for quantile, field in (("0.5", "p50"), ("0.99", "p99")):
        if field in known.get("lag_ms", {}):
            yield "lag_seconds", (symbol, quantile), known["lag_ms"][field] / 1000


def _fill_samples(fills: Mapping[str, StreamFill]) -> Iterator[tuple[str, tuple[str, ...], float]]:
    for stream, fill in fills.items():
        yield "stream_entries", (stream,), fill.entries
        if fill.added is not None:
            yield "stream_added", (stream,), fill.added


def _client_samples(counts: ClientCounts) -> Iterator[tuple[str, tuple[str, ...], float]]:
    for name in _CLIENT_FIGURES:
        yield f"sse_{name}", (), getattr(counts, name)
    for name in ("dropped", "resets", "entries", "unreadable"):
        for label, count in sorted(getattr(counts, name).items()):
            yield f"sse_{name}", (label,), count


_CLIENT_FIGURES: Final = (
    *("clients", "entered", "resumed", "frames", "bytes"),
    *("lag", "ring_frames", "ring_bytes", "store_away"),
)
_FIGURES: Final = (
    ("chain_contracts", "contracts", 1),
    ("spot", "spot", 1),
    ("spot_age_seconds", "spot_age_ms", 0.001),
    ("updates_per_second", "updates_per_s", 1),
    ("gaps", "gaps", 1),
    ("reconnects", "reconnects", 1),
)
"""Metric, the status's word for it, and its unit in the metric's."""
