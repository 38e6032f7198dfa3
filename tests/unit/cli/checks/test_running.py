"""Checks of what runs."""

from marketswarm.announcement import RunningLock
from marketswarm.cli.checks import running
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.builders import ladder
from tests.support.valkey import free_port


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


def test_a_server_that_went_away_is_told(environment) -> None:
    """When the server is gone by then, the checks say so and raise nothing."""
    environment.setenv("MARKETSWARM_REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    swarm = Swarm(Settings.load())
    assert running.check_streams(swarm).verdict == "fail"
    assert running.check_heartbeat(swarm).verdict == "fail"
