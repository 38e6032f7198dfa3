"""The gateway over HTTP, on a real server: every call, what it gives, how it fails, and how it is described."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from jsonschema import Draft202012Validator
from redis import Redis
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from marketswarm import keys
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.clock import SystemClock
from marketswarm.model.spot import SpotReading
from marketswarm.outlets.gateway.told import MESSAGE_KINDS
from marketswarm.spot.redis_spots import RedisSpots
from marketswarm.supervisor.embedded import find_server, server_command
from marketswarm.supervisor.readiness import is_listening
from tests.support.builders import SPX, ladder
from tests.support.gateway import Gateway, running_gateway
from tests.support.valkey import free_port
from tests.support.vigil_documents import event_json, publish, tell

ROOT = Path(__file__).parents[2]
TS = 1_795_446_010_000
REPORT = {
    "state": "live",
    "updates_per_s": 812.5,
    "lag_ms": {"p50": 31, "p99": 66},
    "gaps": 0,
    "reconnects": 2,
}
MESSAGE = {
    "id": "m1",
    "ts": TS,
    "symbols": ["SPX"],
    "epoch": "morning",
    "kind": "event",
    "topic": "jump",
    "severity": 70,
    "importance": "warning",
    "tone": "alert",
    "title": "SPX fell <b>7.4</b> points",
    "texts": {"beginner": "down", "initiated": "down", "professional": "down"},
    "template": "jump",
    "variant": 0,
    "dedup_key": "jump",
    "ttl_s": 60,
    "version": 1,
}
NOTE = {
    "id": "n1",
    "symbol": "SPX",
    "widget": "ladder",
    "target": {"type": "strike", "strike": 6800},
    "kind": "badge",
    "state": "active",
    "label": "put wall",
    "colour": "down",
    "from_ts": TS,
    "version": 1,
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small page."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("<!doctype html><title>x</title>")
    (folder / "js").mkdir()
    (folder / "js" / "main.js").write_text("export const one = 1\n")
    (folder.parent / "secret.txt").write_text("not for you")
    return folder


@pytest.fixture(scope="module")
def gateway(valkey_url: str, page: Path) -> Iterator[Gateway]:
    """One gateway for all tests of this file; what it reads is made anew for each."""
    with running_gateway(valkey_url, page=page) as running:
        yield running


class Full(NamedTuple):
    """A filled store, and the slot of its last tick."""

    redis: Redis
    slot: int


@pytest.fixture
def full(redis: Redis, store: RedisChainStore, commit) -> Full:
    """A server with a live chain of SPX, ticks, levels, events, messages and annotations; nothing of SPY."""
    now = SystemClock().now_ms() // 10_000 * 10_000
    commit(ladder())
    redis.hset(keys.chain_meta("SPX", "2026-11-23"), "loaded_ms", now - 60_000)
    redis.set("writertoken:SPX", 1)
    store.mark_state(SPX, store.meta(SPX).epoch, 1, "live")
    StreamReports(redis, "test").write("SPX", REPORT)
    for slot in (now - 20_000, now - 10_000, now):
        RedisSpots(redis, "test").publish(slot, "sim", [SpotReading("SPX", 6802.25, slot - 5, "indices")])
    publish(redis)
    tell(redis, id="e1", type="drift")
    tell(redis, id="e2")
    tell(redis, id="e3", symbol="SPY")
    redis.xadd(keys.VEXY_MESSAGES, {"message": json.dumps(MESSAGE)})
    redis.hset(keys.vexy_widgets("SPX"), "n1", json.dumps(NOTE))
    return Full(redis, now)


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


@pytest.mark.parametrize(
    ("path", "status", "kind", "words"),
    [
        ("/api/v1/chain/QQQ", 404, "unknown-symbol", "symbol is 'QQQ'"),
        ("/api/v1/chain/SPY", 404, "no-such-chain", "no chain of SPY is stored"),
        ("/api/v1/chain/SPX?expiration=2026-12-01", 404, "no-such-chain", "no chain of SPX 2026-12-01"),
        ("/api/v1/chain/SPX?expiration=tomorrow", 400, "bad-argument", "expiration is 'tomorrow'"),
        ("/api/v1/chain/SPX?expiration=20261123", 400, "bad-argument", "allowed: a day as YYYY-MM-DD"),
        ("/api/v1/chain/%3Cb%3E", 404, "unknown-symbol", "symbol is '<b>'"),
        ("/api/v1/chain/SPX%0A", 404, "unknown-symbol", r"symbol is 'SPX\n'"),
        (
            "/api/v1/spot/SPX?minutes=0",
            400,
            "bad-argument",
            'minutes is "0"; allowed: a whole number from 1 to 1440',
        ),
        ("/api/v1/spot/SPX?minutes=1441", 400, "bad-argument", "minutes is"),
        (
            "/api/v1/spot/SPX?minutes=many",
            400,
            "bad-argument",
            'minutes is "many"; allowed: a whole number from 1',
        ),
        ("/api/v1/spot/NONE", 404, "unknown-symbol", "allowed: SPX, SPY (MARKETSWARM_SYMBOLS)"),
        ("/api/v1/levels/NONE", 404, "unknown-symbol", "symbol is 'NONE'"),
        ("/api/v1/widgets/NONE", 404, "unknown-symbol", "symbol is 'NONE'"),
        ("/api/v1/events?symbols=NONE", 404, "unknown-symbol", "symbol is 'NONE'"),
        ("/api/v1/events?types=rain", 400, "bad-argument", "types is 'rain'; allowed: cluster_formed,"),
        (
            "/api/v1/events?limit=1001",
            400,
            "bad-argument",
            'limit is "1001"; allowed: a whole number from 1 to 1000',
        ),
        ("/api/v1/messages?kinds=rain", 400, "bad-argument", ", ".join(MESSAGE_KINDS)),
        (
            "/api/v1/events?symbls=SPX",
            400,
            "bad-argument",
            "query is 'symbls'; allowed: the names symbols, types, limit",
        ),
        (
            "/api/v1/status?x=1",
            400,
            "bad-argument",
            "query is 'x'; allowed: nothing, this call has no parameters",
        ),
        ("/api/v1/events?limit=1&limit=2", 400, "bad-argument", "limit is '2'; allowed: to be given once"),
        ("/sse?symbls=SPX", 400, "bad-argument", "query is 'symbls'; allowed: the names streams, symbols"),
        ("/api/v1/tasks/a%20b", 400, "bad-argument", "task_id is"),
        ("/sse?streams=rain", 400, "bad-argument", "streams is 'rain'"),
        ("/sse?symbols=NONE", 400, "unknown-symbol", "symbols is 'NONE'"),
        ("/sse?since=rain", 400, "bad-argument", "since is 'rain'"),
        ("/nowhere", 404, "not-found", "GET /nowhere"),
        ("/api/v1/session", 405, "method-not-allowed", "GET /api/v1/session"),
        ("/static/js/none.js", 404, "not-found", "none.js"),
        ("/static/%2e%2e/secret.txt", 404, "not-found", "secret.txt"),
        ("/static/..%2fsecret.txt", 404, "not-found", "secret.txt"),
        ("/docs", 404, "not-found", "GET /docs"),
    ],
)
def test_what_cannot_be_answered(
    gateway: Gateway, full: Full, path: str, status: int, kind: str, words: str
) -> None:
    """One object of kind and reason: the field, its value and what is allowed."""
    found = gateway.refused(path)
    assert found[:2] == (status, kind)
    assert words in found[2]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"strikes_each_side": 0}, "strikes_each_side is 0; allowed: a whole number from 1 to 500"),
        ({"strikes_each_side": 501}, "strikes_each_side is 501; allowed: a whole number from 1 to 500"),
        ({"strikes_each_side": "9"}, 'strikes_each_side is "9"; allowed: a whole number from 1 to 500'),
        ({"strikes_each_side": True}, "strikes_each_side is true"),
        ({"expiration": "soon"}, 'expiration is "soon"; allowed: YYYY-MM-DD'),
        ({"expiration": "2026-02-30"}, "expiration is '2026-02-30'; allowed: a day as YYYY-MM-DD"),
        ({"strikes": 5}, "strikes is 5; allowed: the names strikes_each_side, expiration"),
        ([], "body is []; allowed: a JSON object"),
    ],
)
def test_an_order_that_cannot_be_used(gateway: Gateway, body: Any, words: str) -> None:
    """Nothing is sent, and one line says what is allowed."""
    answer = gateway.post("/api/v1/refresh/SPX", body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "bad-argument"
    assert words in answer.json()["reason"]
    assert gateway.post("/api/v1/refresh/NONE", {}).status_code == 404


def test_a_body_that_is_no_json(gateway: Gateway) -> None:
    """It is told so; what is too long, or has no length, is not read at all."""
    kind = {"Content-Type": "application/json"}
    url = f"{gateway.base}/api/v1/refresh/SPX"
    broken = requests.post(url, data="{", headers=kind, timeout=20)
    assert (broken.status_code, broken.json()["reason"]) == (400, "body is no JSON; allowed: a JSON object")
    for said in ({}, {"Content-Type": "application/x-www-form-urlencoded"}):
        told = requests.post(url, data=b'{"strikes_each_side": 60}', headers=said, timeout=20)
        assert (told.status_code, told.json()["error"]) == (415, "not-json")
        assert "allowed: application/json" in told.json()["reason"]
        assert "b'" not in told.json()["reason"]
    assert requests.post(url, data=" " * 5_000, headers=kind, timeout=20).json()["error"] == "too-long"
    assert requests.post(url, data=iter([b"{}"]), headers=kind, timeout=20).json()["error"] == "length-needed"


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


def described(gateway: Gateway) -> tuple[dict[str, Any], Registry]:
    """The description, and its parts by their names."""
    document = gateway.json("/openapi.json")
    return document, Registry().with_resource("urn:told", Resource(document, DRAFT202012))


def test_every_call_is_described(gateway: Gateway) -> None:
    """Each with its answers; every name in the description leads to something, and every shape is a valid one."""
    document, _ = described(gateway)
    assert document["openapi"].startswith("3.1")
    page = (ROOT / "docs" / "gateway.md").read_text()
    calls = {(verb.upper(), path) for path, verbs in document["paths"].items() for verb in verbs}
    told = set(re.findall(r"`(GET|POST|DELETE) (/[^?`\s]+)", page)) | {("DELETE", "/api/v1/session")}
    assert {call for call in told if not call[1].startswith("/static")} - calls == set()
    assert calls <= told
    for verbs in document["paths"].values():
        for call in verbs.values():
            assert call["responses"]
            assert call.get("description")
    for ref in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)):
        Draft202012Validator.check_schema(document["components"]["schemas"][ref])
    ids = [call["operationId"] for verbs in document["paths"].values() for call in verbs.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/api/v1/chain/{symbol}",
            "/api/v1/spot/{symbol}",
            "/api/v1/levels/{symbol}",
            "/api/v1/widgets/{symbol}",
        ),
        *("/api/v1/events", "/api/v1/messages", "/api/v1/status", "/healthz"),
    ],
)
def test_an_answer_is_as_it_is_described(gateway: Gateway, full: Full, path: str) -> None:
    """What comes fits the shape that is told."""
    document, registry = described(gateway)
    shape = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    found = gateway.json(path.replace("{symbol}", "SPX"))
    Draft202012Validator({"$ref": f"urn:told{shape['$ref']}"}, registry=registry).validate(found)


def test_metrics_are_scraped(gateway: Gateway, full: Full) -> None:
    """In Prometheus' own type."""
    answer = gateway.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'marketswarm_chain_state{state="live",symbol="SPX"} 1.0' in answer.text
    assert 'marketswarm_stream_entries{stream="vigil:events"} 3.0' in answer.text


def test_the_chain_is_followed_as_the_docs_show(gateway: Gateway, full: Full, commit, tmp_path: Path) -> None:
    """The program of docs/gateway.md, as it stands there, ends up with the stored chain."""
    page = (ROOT / "docs" / "gateway.md").read_text()
    program = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0]
    assert "http://127.0.0.1:8787" in program
    program = program.replace("http://127.0.0.1:8787", gateway.base)
    program += "    if len(contracts) == 10:\n        print(json.dumps(contracts)); break\n"
    (tmp_path / "follow.py").write_text(program)
    with subprocess.Popen(
        [sys.executable, "-u", str(tmp_path / "follow.py")], stdout=subprocess.PIPE, text=True
    ) as following:
        entered = "marketswarm_sse_clients 1.0"
        while entered not in gateway.get("/metrics").text:
            assert following.poll() is None
        for low in (6785, 6790, 6795, 6800):
            commit(ladder(low=low, bid=2.0, ts=low), run=str(low))
        assert following.stdout is not None
        told = following.stdout.read().splitlines()
        assert following.wait(20) == 0
    seqs = [int(line.split()[0]) for line in told[:-1]]
    assert all(later == earlier + 1 for earlier, later in pairwise(seqs))
    stored = full.redis.hgetall("chain:SPX:2026-11-23")
    assert json.loads(told[-1]) == {name.decode(): json.loads(text) for name, text in stored.items()}


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
