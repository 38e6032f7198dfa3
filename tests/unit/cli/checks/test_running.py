"""Checks of what runs."""

import pytest

from marketswarm.announcement import RunningLock
from marketswarm.chain.audit import Comparison
from marketswarm.chain.tally import AuditTally
from marketswarm.cli.checks import running
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.builders import ladder
from tests.support.free_ports import free_port


def test_what_attends_is_seen(environment, redis, live_chain) -> None:
    """A stream that reports and a heartbeat of now are in order."""
    live_chain(ladder())
    swarm = Swarm(Settings.load())
    assert running.check_streams(swarm).verdict == "ok"
    assert running.check_heartbeat(swarm).verdict == "ok"


def test_what_does_not_run_fails(environment, redis) -> None:
    """No report and no heartbeat: failed, with the symbols, and what to start."""
    swarm = Swarm(Settings.load())
    streams, heartbeat = running.check_streams(swarm), running.check_heartbeat(swarm)
    assert (streams.verdict, heartbeat.verdict) == ("fail", "fail")
    assert "SPX" in streams.detail
    assert "--streams" in streams.fix
    assert "beat" in heartbeat.fix


def test_where_up_runs_it_need_not_be_started(environment, redis) -> None:
    """What does not go while an `up` runs: its logs are named, not the start of another."""
    swarm = Swarm(Settings.load())
    with RunningLock(swarm.settings.state_dir) as lock:
        lock.announce({"MARKETSWARM_SYMBOLS": "SPX"})
        found = [running.check_heartbeat(swarm), running.check_streams(swarm)]
    assert all(finding.verdict == "fail" for finding in found)
    assert all("logs" in finding.fix and "start" not in finding.fix for finding in found)


def test_a_frozen_stream_does_not_attend(environment, redis, live_chain) -> None:
    """A report of more than three seconds ago is no stream's."""
    live_chain(ladder())
    redis.hset("stream:SPX", "ts", 1_000)
    assert running.check_streams(Swarm(Settings.load())).verdict == "fail"


def test_an_old_heartbeat_fails(environment, redis) -> None:
    """A heartbeat that stopped is not alive."""
    redis.hset("heartbeat", "slot", 1_795_446_000_000 - 3_600_000_000)
    assert running.check_heartbeat(Swarm(Settings.load())).verdict == "fail"


@pytest.mark.parametrize(
    ("found", "verdict", "words"),
    [
        (
            {"SPX": {"rate": 0.0}, "SPY": {"rate": 0.001}},
            "ok",
            "as the vendor has it: SPX 100.00%, SPY 99.90%",
        ),
        ({"SPX": {"rate": 0.0}, "SPY": {"rate": 0.02}}, "warn", "SPY 2.00%"),
        ({"SPX": {"rate": 0.0, "error": "no answer"}}, "warn", "SPX: no answer"),
        ({"SPX": {}}, "skip", "nothing was compared"),
    ],
)
def test_mismatches_deserve_a_look(found: dict, verdict: str, words: str) -> None:
    """Up to one in a thousand is repaired in passing; more, or an audit that fails, deserves a look and has a fix."""
    finding = running.audit_finding(found)
    assert finding.verdict == verdict
    assert words in finding.detail
    assert bool(finding.fix) is (verdict == "warn")


def test_audits_are_read_from_the_store(environment, redis, live_chain) -> None:
    """What the last audits of each symbol have found; on a closed market nothing is asked."""
    live_chain(ladder())
    swarm = Swarm(Settings.load())
    assert running.check_audit(swarm).verdict == "skip"

    environment.setenv("MARKETSWARM_SESSION", "always")
    swarm = Swarm(Settings.load())
    tally = AuditTally(ts=swarm.clock.now_ms())
    tally.note(swarm.clock.now_ms(), Comparison(50, 100, 0, 0, ()), ())
    swarm.audits.write("SPX", tally, swarm.clock.now_ms())
    assert running.check_audit(swarm).detail == "as the vendor has it: SPX 100.00%"


def test_a_server_that_went_away_is_told(environment) -> None:
    """When the server is gone by then, the checks say so and raise nothing."""
    environment.setenv("MARKETSWARM_REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    swarm = Swarm(Settings.load())
    assert running.check_streams(swarm).verdict == "fail"
    assert running.check_heartbeat(swarm).verdict == "fail"
    assert running.check_audit(swarm).verdict == "fail"


def test_a_window_that_shrank_is_warned_of(environment, redis, live_chain) -> None:
    """Each chain with fewer strikes than were asked for is named, with what gives more."""
    live_chain(ladder())
    swarm = Swarm(Settings.load())
    found = running.check_windows(swarm)
    assert (found.verdict, found.detail) == ("ok", "18 contracts in 1 chain")

    redis.hset("chainmeta:SPX:2026-11-23", mapping={"strikes_asked": 50, "strikes_each_side": 30})

    found = running.check_windows(swarm)
    assert (found.verdict, found.detail) == ("warn", "SPX 2026-11-23 ±30 of ±50")
    assert "MARKETSWARM_CONNECTIONS" in found.fix


def test_windows_of_no_server_fail(environment) -> None:
    """Without an answer nothing is known of them."""
    environment.setenv("MARKETSWARM_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    assert running.check_windows(Swarm(Settings.load())).verdict == "fail"
