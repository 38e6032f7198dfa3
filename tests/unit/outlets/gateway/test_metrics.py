"""What is counted for Prometheus: read at the scrape, described in the docs, and absent where it is unknown."""

from collections import Counter
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from marketswarm.outlets.gateway.figures import ClientCounts
from marketswarm.outlets.gateway.metrics import METRICS, SwarmCollector
from marketswarm.outlets.gateway.stored import StreamFill
from marketswarm.outlets.status import SwarmReading, SymbolReading
from tests.unit.outlets.test_status import META, NOW, REPORT, SPOT

PAGE = Path(__file__).parents[4] / "docs" / "gateway.md"
FULL = SwarmReading(
    "live",
    True,
    NOW,
    {"SPX": SymbolReading(META, SPOT, REPORT), "SPY": SymbolReading()},
    heartbeat={"published": "7", "refused": "0", "missed": "1", "slot": "10000"},
    bad_frames={"not-json": 3},
)
COUNTS = ClientCounts(clients=2, entered=5, dropped=Counter(slow=1), resets=Counter(trimmed=4))


def scraped(reading: SwarmReading = FULL, counts: ClientCounts = COUNTS) -> dict[tuple[str, str], float]:
    """(name, values of its labels) → value, as Prometheus reads it."""
    fills = {"vigil:events": StreamFill(5, 9), "vexy:messages": StreamFill(0, None)}
    registry = CollectorRegistry()
    registry.register(SwarmCollector(lambda: reading, lambda: fills, lambda: counts, "1.2.3"))
    text = generate_latest(registry).decode()
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_is_known_is_told() -> None:
    """Of each symbol, of the heartbeat, of the streams, and of the clients; times in seconds."""
    found = scraped()
    assert found["marketswarm_build_info", "1.2.3"] == 1
    assert found["marketswarm_store_up", ""] == 1
    assert {key: found[key] for key in found if key[0] == "marketswarm_chain_state" and found[key]} == {
        ("marketswarm_chain_state", "live,SPX"): 1,
        ("marketswarm_chain_state", "loading,SPY"): 1,
    }
    assert found["marketswarm_spot", "SPX"] == 6800.12
    assert found["marketswarm_spot_age_seconds", "SPX"] == pytest.approx(2.1)
    assert found["marketswarm_updates_per_second", "SPX"] == 812.5
    assert found["marketswarm_lag_seconds", "0.99,SPX"] == pytest.approx(0.066)
    assert found["marketswarm_gaps_total", "SPX"] == 0
    assert found["marketswarm_ticks_total", "missed"] == 1
    assert found["marketswarm_bad_frames_total", "not-json"] == 3
    assert found["marketswarm_stream_entries", "vexy:messages"] == 0
    assert found["marketswarm_stream_added_total", "vigil:events"] == 9
    assert found["marketswarm_sse_clients", ""] == 2
    assert found["marketswarm_sse_dropped_total", "slow"] == 1
    assert found["marketswarm_sse_resets_total", "trimmed"] == 4


def test_what_is_unknown_has_no_sample() -> None:
    """Neither a spot of a symbol without one, nor a count that the server does not keep."""
    names = scraped()
    assert ("marketswarm_spot", "SPY") not in names
    assert ("marketswarm_stream_added_total", "vexy:messages") not in names


def test_a_store_that_is_away_is_told() -> None:
    """The gateway's own counts are there all the same."""
    found = scraped(SwarmReading("none", True, NOW, error="gone"))
    assert found["marketswarm_store_up", ""] == 0
    assert found["marketswarm_sse_clients", ""] == 2
    assert not [name for name, _ in found if name.startswith("marketswarm_stream")]


def test_every_metric_is_described() -> None:
    """Each stands in docs/gateway.md with its kind, labels and meaning, and nothing else is scraped."""
    page = PAGE.read_text()
    for metric in METRICS:
        assert f"| `{metric.shown}` | {metric.kind} | {', '.join(metric.labels)} | {metric.meaning} |" in page
    assert {name for name, _ in scraped()} <= {metric.shown for metric in METRICS}
