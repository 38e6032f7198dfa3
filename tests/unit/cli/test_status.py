"""`marketswarm status`: one document, and an exit code that says fresh, stale or down."""

import json

import pytest

from marketswarm.clock import SystemClock
from tests.support.builders import ladder
from tests.support.free_ports import free_port


def test_fresh(cli, live_chain) -> None:
    """A live chain, a young spot and an attending stream: exit code 0, and the published members in the document."""
    live_chain(ladder())
    done = cli("status", "--json")
    document = json.loads(done.out)
    seen = document["symbols"]["SPX"]
    assert done.code == 0
    assert document["source"] == "sim"
    assert 0 <= seen.pop("spot_age_ms") < 30_000
    assert seen == {
        "state": "live",
        "spot": 6801.5,
        "spot_by": "indices",
        "expiration": "2026-11-23",
        "contracts": 18,
        "updates_per_s": 812.5,
        "lag_ms": {"p50": 31, "p99": 66},
        "gaps": 1,
        "reconnects": 2,
    }
    assert document["heartbeat"]["published"] == 1


def test_stale_without_a_stream(cli, live_chain, redis) -> None:
    """A chain that says live while no stream attends is shown stale: exit code 3."""
    live_chain(ladder())
    redis.delete("stream:SPX")
    done = cli("status", "--json")
    assert done.code == 3
    assert json.loads(done.out)["symbols"]["SPX"]["state"] == "stale"


def test_down_without_a_chain(cli) -> None:
    """With nothing stored: exit code 4, and no word of whose data there would be."""
    done = cli("status")
    assert done.code == 4
    assert "data: none" in done.out


def test_stale_with_a_frozen_stream(cli, live_chain, redis) -> None:
    """A stream whose last word is older than 3 s does not attend: stale, and no rate of it is shown."""
    live_chain(ladder())
    redis.hset("stream:SPX", "ts", SystemClock().now_ms() - 4000)
    done = cli("status", "--json")
    seen = json.loads(done.out)["symbols"]["SPX"]
    assert (done.code, seen["state"]) == (3, "stale")
    assert not seen.keys() & {"updates_per_s", "lag_ms"}


def test_fresh_before_the_first_tick(cli, live_chain, redis) -> None:
    """Until the heartbeat's first tick the spot is the one that the chain was loaded with."""
    live_chain(ladder())
    redis.delete("spot:SPX")
    redis.hset("chainmeta:SPX:2026-11-23", "loaded_ms", SystemClock().now_ms() - 1000)
    done = cli("status", "--json")
    seen = json.loads(done.out)["symbols"]["SPX"]
    assert done.code == 0
    assert seen["spot"] > 0
    assert 1000 <= seen["spot_age_ms"] < 30_000


def test_a_failed_load_is_named(cli, redis) -> None:
    """The newest load of a symbol counts: failed, its error is told; loaded since, it is not."""
    for state in ("loaded", "failed"):
        redis.lpush("refreshes", json.dumps({"symbol": "SPX", "state": state, "error": "401: key unknown"}))
    assert json.loads(cli("status", "--json").out)["symbols"]["SPX"]["detail"] == "401: key unknown"
    assert "SPX: 401: key unknown" in cli("status").out.splitlines()
    redis.lpush("refreshes", json.dumps({"symbol": "SPX", "state": "loaded"}))
    assert "detail" not in json.loads(cli("status", "--json").out)["symbols"]["SPX"]


def test_down_without_a_server(cli, environment) -> None:
    """With nobody at the address: exit code 4, still one document, with the reason, and the reason for people."""
    environment.setenv("MARKETSWARM_REDIS_URL", f"redis://:hidden@127.0.0.1:{free_port()}/0")
    done = cli("status", "--json")
    assert done.code == 4
    assert "not reachable" in json.loads(done.out)["error"]
    assert "not reachable" in done.err
    assert "hidden" not in done.out + done.err


def test_down_when_no_server_is_known(cli, environment) -> None:
    """With neither a setting nor a running `up`: exit code 4, and what to do."""
    environment.delenv("MARKETSWARM_REDIS_URL")
    done = cli("status")
    assert done.code == 4
    assert "marketswarm up" in done.out


def test_the_table_is_plain_without_a_terminal(cli, live_chain, environment) -> None:
    """Without a terminal there are no colours, and each symbol is one line."""
    live_chain(ladder())
    done = cli("status")
    assert "\x1b" not in done.out
    assert next(line for line in done.out.splitlines() if line.startswith("SPX")).split()[:3] == [
        "SPX",
        "live",
        "6,801.50",
    ]


def test_a_wrong_setting_is_wrong_use(cli, environment) -> None:
    """A setting that cannot be used: exit code 2 and one line that names it."""
    environment.setenv("MARKETSWARM_FLUSH_MS", "soon")
    done = cli("status", "--json")
    assert (done.code, done.out) == (2, "")
    assert "MARKETSWARM_FLUSH_MS" in done.err


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1"])
@pytest.mark.parametrize("words", ["status --json", "watch SPX", "chain SPX", "levels SPX", "events"])
def test_a_store_that_is_away_is_down_whoever_reads(cli, environment, url: str, words: str) -> None:
    """The same line and the same exit code, 4, where nothing runs and where nobody answers."""
    environment.setenv("MARKETSWARM_REDIS_URL", url)
    done = cli(*words.split())
    said = (
        "Redis at redis://127.0.0.1:1 is not reachable: " if url else "nothing runs; start it with `make up`"
    )
    assert done.code == 4
    assert done.err.startswith(f"marketswarm: {said}")
