"""How the gateway is described: its calls, the shapes of its answers, and the program that the docs show."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.builders import ladder
from tests.support.full_store import Full
from tests.support.gateway import Gateway

ROOT = Path(__file__).parents[2]


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
