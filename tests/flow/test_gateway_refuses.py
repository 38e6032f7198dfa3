"""What the gateway cannot answer, over HTTP: each wrong call is told what is wrong and what is allowed."""

from typing import Any

import pytest
import requests

from marketswarm.outlets.gateway.told import MESSAGE_KINDS
from tests.support.full_store import Full
from tests.support.gateway import Gateway


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
        ({"expiration": "2026-01-02"}, "expiration is '2026-01-02'; allowed: a listed expiration from 2026-"),
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
