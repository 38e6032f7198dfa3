"""Whom the gateway serves, on a real socket: hosts, origins, the token, the cookie; and that it tells no secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis

from marketswarm import keys
from marketswarm.outlets.gateway.access import COOKIE
from tests.support.gateway import STRANGER, TOKEN, Gateway, running_gateway

READS = (
    "/api/v1/status",
    "/api/v1/spot/SPX",
    "/api/v1/events",
    "/metrics",
    "/openapi.json",
    "/sse?streams=x",
)
OPEN = ("/", "/healthz", "/readyz", "/static/main.js")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small page."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("<!doctype html><title>x</title>")
    (folder / "main.js").write_text("export const one = 1\n")
    return folder


@pytest.fixture(scope="module")
def gateway(valkey_url: str, page: Path) -> Iterator[Gateway]:
    """A gateway with a token, as it is when it may be called from elsewhere."""
    with running_gateway(valkey_url, page=page, API_TOKEN=TOKEN) as running:
        yield running


@pytest.fixture(scope="module")
def tokenless(valkey_url: str, page: Path) -> Iterator[Gateway]:
    """The gateway of somebody who has set nothing."""
    with running_gateway(valkey_url, page=page) as running:
        yield running


@pytest.mark.parametrize("path", [*READS, *OPEN])
def test_a_name_that_is_pointed_here_reads_nothing(gateway: Gateway, path: str) -> None:
    """A foreign Host is refused everywhere, also where no token is asked for."""
    status, kind, reason = gateway.refused(path, Host="rebound.example:8787")
    assert (status, kind) == (403, "foreign-host")
    assert "allowed: 127.0.0.1, localhost, [::1]" in reason


@pytest.mark.parametrize("path", [*READS, *OPEN])
def test_a_page_of_another_origin_reads_nothing(gateway: Gateway, path: str) -> None:
    """Whatever it asks for; and no answer allows it anything."""
    for origin in ("https://evil.example", "http://127.0.0.1:1", "null"):
        assert gateway.refused(path, Origin=origin)[:2] == (403, "foreign-origin")
    allowed = gateway.get(path, Origin=gateway.base)
    assert allowed.status_code in (200, 400, 503)
    assert not [name for name in allowed.headers if name.lower().startswith("access-control")]


def test_a_page_of_another_origin_changes_nothing(gateway: Gateway, redis: Redis) -> None:
    """Neither with its origin nor with what the browser says of it."""
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = gateway.post("/api/v1/refresh/SPX", {}, **headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "foreign-origin")
    preflight = requests.options(
        f"{gateway.base}/api/v1/refresh/SPX", headers={"Origin": "https://evil.example"}, timeout=20
    )
    assert preflight.status_code == 403


@pytest.mark.parametrize("path", READS)
def test_another_machine_needs_the_token_to_read(gateway: Gateway, path: str) -> None:
    """With it, all is served as here."""
    assert gateway.refused(path, **STRANGER)[:2] == (401, "token-needed")
    wrong = {"Authorization": f"Bearer {TOKEN}x"}
    assert gateway.refused(path, **STRANGER, **wrong)[:2] == (401, "token-needed")
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert gateway.get(path, **STRANGER, **right).status_code == gateway.get(path).status_code


@pytest.mark.parametrize("path", OPEN)
def test_what_another_machine_sees_without_it(gateway: Gateway, path: str) -> None:
    """The files of the page, which are public, and health."""
    assert gateway.get(path, **STRANGER).status_code == gateway.get(path).status_code


def test_without_a_token_another_machine_changes_nothing(tokenless: Gateway) -> None:
    """It may read what a proxy lets it; the reason names the variable."""
    assert tokenless.get("/api/v1/status", **STRANGER).status_code == 200
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        answer = tokenless.post("/api/v1/refresh/SPX", {}, **STRANGER, **headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "token-needed")
        assert "MARKETSWARM_API_TOKEN" in answer.json()["reason"]
    assert tokenless.post("/api/v1/session", {"token": ""}).status_code == 401


def test_nobody_is_believed_to_be_this_machine(gateway: Gateway) -> None:
    """Of several clients that a proxy names, the last is the one it has seen itself."""
    told = {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}
    assert gateway.refused("/api/v1/status", **told)[0] == 401


def test_a_session(gateway: Gateway) -> None:
    """The token once, then a cookie that no script reads and no other site sends; after the end it is gone."""
    assert gateway.post("/api/v1/session", {"token": "wrong"}, **STRANGER).status_code == 401
    opened = gateway.post("/api/v1/session", {"token": TOKEN}, **STRANGER)
    assert (opened.status_code, opened.json()) == (200, {"status": "ok"})
    flags = {part.strip().lower() for part in opened.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=strict", "path=/", "max-age=43200"} <= flags
    assert "secure" not in flags
    cookie = {"Cookie": f"{COOKIE}={opened.cookies[COOKIE]}"}
    assert gateway.get("/api/v1/status", **STRANGER, **cookie).status_code == 200
    foreign = gateway.post("/api/v1/refresh/SPX", {}, Origin="https://evil.example", **STRANGER, **cookie)
    assert foreign.status_code == 403

    secure = gateway.post("/api/v1/session", {"token": TOKEN}, **STRANGER, **{"X-Forwarded-Proto": "https"})
    assert "secure" in secure.headers["set-cookie"].lower()

    closed = requests.delete(f"{gateway.base}/api/v1/session", headers={**STRANGER, **cookie}, timeout=20)
    assert f'{COOKIE}="";' in closed.headers["set-cookie"]
    assert "max-age=0" in closed.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "body",
    [{}, {"token": 5}, {"token": TOKEN, "more": TOKEN}, {"tokn": TOKEN}, {"token": [TOKEN]}, [TOKEN]],
)
def test_a_log_in_that_cannot_be_used(gateway: Gateway, body: object) -> None:
    """It is refused as any other order, and what was sent for a token is not told again."""
    answer = gateway.post("/api/v1/session", body, **STRANGER)
    assert answer.status_code == 400
    assert TOKEN not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", [*READS, *OPEN, "/nowhere", "/static/none"])
def test_every_answer_is_safe_to_show(gateway: Gateway, path: str) -> None:
    """A strict content policy without exceptions, no guessing of types, no referrer, no frame, no word of the server."""
    headers = gateway.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_text_stays_text(gateway: Gateway, redis: Redis) -> None:
    """What is told is JSON by its type, whatever stands in it."""
    redis.xadd(keys.VEXY_MESSAGES, {"message": '{"id":"1","title":"<script>alert(1)</script>"}'})
    answer = gateway.get("/api/v1/messages")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["messages"][0]["title"] == "<script>alert(1)</script>"
