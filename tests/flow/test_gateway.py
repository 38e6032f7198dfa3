"""The gateway over HTTP, on a real server: every call, and what it gives."""

import json
import subprocess
from pathlib import Path

import requests

from marketswarm import keys
from marketswarm.clock import SystemClock
from marketswarm.supervisor.embedded import find_server, server_command
from marketswarm.supervisor.readiness import is_listening
from tests.support.free_ports import free_port
from tests.support.full_store import MESSAGE, NOTE, Full
from tests.support.gateway import Gateway, running_gateway
from tests.support.vigil_documents import event_json


def test_a_chain_with_the_cursor_to_follow_it(gateway: Gateway, full: Full) -> None:
    """Its meta, the newest spot, the honest state, and each contract as it is stored."""
    found = gateway.json("/api/v1/chain/spx")
    meta = {
        name.decode(): text.decode() for name, text in full.redis.hgetall("chainmeta:SPX:2026-11-23").items()
    }
    stored = full.redis.hgetall("chain:SPX:2026-11-23")
    assert found.pop("contracts") == {name.decode(): json.loads(text) for name, text in stored.items()}
    assert abs(found.pop("now_ms") - SystemClock().now_ms()) < 60_000
    assert found.pop("cursor") == gateway.json("/api/v1/spot/SPX")["cursor"]
    assert found == {
        "symbol": "SPX",
        "expiration": "2026-11-23",
        "epoch": int(meta["epoch"]),
        "seq": int(meta["seq"]),
        "state": "live",
        "spot": 6802.25,
        "centre": 6800,
        "low": 6780,
        "high": 6820,
        "source": "sim",
        "delayed": False,
        "loaded_ms": full.slot - 60_000,
        "applied_ms": int(meta["applied_ms"]),
    }
    assert gateway.json("/api/v1/chain/SPX?expiration=2026-11-23")["seq"] == found["seq"]


def test_a_chain_that_nobody_attends_to_is_stale(gateway: Gateway, full: Full) -> None:
    """What is stored as live is not called so when its stream is silent."""
    full.redis.delete(keys.stream_report("SPX"))
    assert gateway.json("/api/v1/chain/SPX")["state"] == "stale"


def test_spot(gateway: Gateway, full: Full) -> None:
    """The last tick with all that is known of it, and the ticks of the last minutes."""
    found = gateway.json("/api/v1/spot/SPX?minutes=5")
    assert found["latest"] == {
        "ts": full.slot,
        "symbol": "SPX",
        "spot": 6802.25,
        "seq": 3,
        "as_of": full.slot - 5,
        "source": "sim",
        "method": "indices",
        "missed": 0,
    }
    assert [(one["ts"], one["seq"]) for one in found["ticks"]] == [
        (full.slot - 20_000, 1),
        (full.slot - 10_000, 2),
        (full.slot, 3),
    ]
    nothing = gateway.json("/api/v1/spot/SPY")
    assert "latest" not in nothing
    assert nothing["ticks"] == []


def test_levels(gateway: Gateway, full: Full) -> None:
    """What is published; before anything is, none."""
    found = gateway.json("/api/v1/levels/SPX")
    assert found["levels"]["flip"] == json.loads(full.redis.hget(keys.vigil_levels("SPX"), "flip"))
    assert found["expiration"] == "2026-11-23"
    nothing = gateway.json("/api/v1/levels/SPY")
    assert (nothing["symbol"], nothing["levels"]) == ("SPY", {})


def test_events_and_messages(gateway: Gateway, full: Full) -> None:
    """The last wanted ones, oldest first, as they are stored; text stays text."""

    def ids(query: str) -> list[str]:
        return [one["id"] for one in gateway.json(f"/api/v1/{query}").popitem()[1]]

    assert gateway.json("/api/v1/events?limit=1")["events"] == [json.loads(event_json(id="e3", symbol="SPY"))]
    assert ids("events") == ["e1", "e2", "e3"]
    assert ids("events?symbols=spx,SPY&types=spot_jump") == ["e2", "e3"]
    assert ids("events?symbols=SPX&limit=1") == ["e2"]
    assert gateway.json("/api/v1/messages?symbols=SPX&kinds=event")["messages"] == [MESSAGE]
    assert ids("messages?symbols=SPY") == ids("messages?kinds=digest") == []
    assert gateway.json("/api/v1/widgets/SPX")["annotations"] == [NOTE]
    assert gateway.json("/api/v1/widgets/SPY")["annotations"] == []


def test_status_and_readiness(gateway: Gateway, full: Full) -> None:
    """As `status` tells it; ready is who has all chains live."""
    found = gateway.json("/api/v1/status")
    assert found["symbols"]["SPX"]["state"] == "live"
    assert found["symbols"]["SPX"]["updates_per_s"] == 812.5
    assert found["symbols"]["SPY"] == {"state": "loading"}
    assert found["session"] == "open"
    assert 0 < found["next_heartbeat_ms"] - found["now_ms"] <= 10_000
    assert found["next_heartbeat_ms"] % 10_000 == 0
    assert gateway.json("/healthz") == {"status": "ok"}
    assert gateway.refused("/readyz") == (503, "not-ready", "SPY: loading")


def test_the_page_is_asked_after_each_time(gateway: Gateway) -> None:
    """Its files come with a mark, and are not sent again while they are the same."""
    for path in ("/", "/static/js/main.js"):
        first = gateway.get(path)
        assert first.status_code == 200
        assert first.headers["cache-control"] == "no-cache"
        again = gateway.get(path, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        head = requests.head(gateway.base + path, timeout=20)
        assert (head.status_code, head.headers["etag"], head.content) == (200, first.headers["etag"], b"")
    assert gateway.get("/").headers["content-type"].startswith("text/html")
    assert "javascript" in gateway.get("/static/js/main.js").headers["content-type"]


def test_metrics_are_scraped(gateway: Gateway, full: Full) -> None:
    """In Prometheus' own type."""
    answer = gateway.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'marketswarm_chain_state{state="live",symbol="SPX"} 1.0' in answer.text
    assert 'marketswarm_stream_entries{stream="vigil:events"} 3.0' in answer.text


def test_a_store_that_is_away_and_comes_back(tmp_path: Path) -> None:
    """Every reading call says 503 with the reason, the page and health go on, and all is served when it is back."""
    paths = ("chain/SPX", "spot/SPX", "levels/SPX", "events", "messages", "widgets/SPX")
    port = free_port()
    with running_gateway(f"redis://:only-for-this-test@127.0.0.1:{port}/0") as gateway:
        for path in paths:
            answer = gateway.get(f"/api/v1/{path}")
            assert answer.status_code == 503
            assert answer.json()["error"] == "store-unavailable"
            assert f"redis://:********@127.0.0.1:{port}/0 is not reachable" in answer.json()["reason"]
        assert gateway.json("/healthz") == {"status": "ok"}
        assert "is not reachable" in gateway.refused("/readyz")[2]
        assert "is not reachable" in gateway.json("/api/v1/status")["error"]
        assert "marketswarm_store_up 0.0" in gateway.get("/metrics").text
        command = [*server_command(find_server(), port, tmp_path), "--requirepass", "only-for-this-test"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            while not is_listening("127.0.0.1", port):
                assert server.poll() is None
            assert gateway.json("/api/v1/events")["events"] == []
            assert gateway.json("/api/v1/spot/SPX")["ticks"] == []
            server.kill()
