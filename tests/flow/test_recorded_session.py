"""A running spine is recorded, and the recording gives the same chains again."""

import json
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from marketswarm.announcement import read_announcement
from marketswarm.recorder.entries import Deed, Exchange
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.session import read_session
from marketswarm.recorder.stored import read_snapshots
from tests.support.free_ports import free_port
from tests.support.simulator import running_simulator
from tests.support.spine import Spine, spine

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

KEY = "flow-test-key-0123456789"
SYMBOLS = ("SPX", "SPY")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The spine, live."""
    folder = tmp_path_factory.mktemp("spine")
    told = {"MASSIVE_API_KEY": KEY, "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS)}
    with ExitStack() as stack:
        simulator = stack.enter_context(running_simulator(seed=7, symbols=SYMBOLS))
        made = stack.enter_context(spine(folder, simulator.rest, simulator.ws, **told))
        made.start_all()
        made.wait_live(*SYMBOLS)
        yield made


@pytest.fixture(scope="module")
def recorded(running: Spine, tmp_path_factory) -> Path:
    """A recording of three seconds, and what the command said."""
    folder = tmp_path_factory.mktemp("recorded") / "recording"
    done = running.run("-m", "marketswarm", "record", str(folder), "--seconds", "3", "--json", timeout_s=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["processes"], told["unrecorded"], told["failed"]) == (2, 0, [])
    assert min(told["frames"], told["exchanges"], told["bytes"]) > 0
    return folder


def check(running: Spine, folder: Path) -> dict:
    """What the check says of a recording."""
    done = running.run("-m", "marketswarm", "replay", str(folder), "--check", "--json", timeout_s=120)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_a_recording_gives_the_recorded_chains_again(running: Spine, recorded: Path):
    """Every vendor section byte for byte, and twice the same feed, entry by entry."""
    first, second = check(running, recorded), check(running, recorded)
    assert first["differences"] == []
    assert (first["chains"], first["contracts"]) == (2, 404)
    assert first["feed_entries"] > 50
    assert second == first


def test_a_recording_holds_all_that_a_replay_needs_and_no_secret(running: Spine, recorded: Path):
    """Chains of both ends with their cursors, answers of a whole load, and the key nowhere."""
    recording = Recording(recorded)
    assert recording.contents.notes() == []
    begin, end = read_snapshots(recorded, "begin"), read_snapshots(recorded, "end")
    assert {chain.symbol for chain in begin.chains} == {chain.symbol for chain in end.chains} == set(SYMBOLS)
    assert all(two.seq > one.seq for one, two in zip(begin.chains, end.chains, strict=True))
    entries = list(recording.entries())
    targets = [entry.target for entry in entries if isinstance(entry, Exchange)]
    for symbol in ("I:SPX", "SPY"):
        assert any(target.startswith(f"/v3/snapshot/options/{symbol}?") for target in targets)
    loads = {
        entry.arguments["symbol"] for entry in entries if isinstance(entry, Deed) and entry.name == "load"
    }
    assert set(SYMBOLS) <= loads
    assert not [path for path in recorded.iterdir() if KEY.encode() in path.read_bytes()]
    assert not any(KEY in repr(entry) for entry in entries)


def test_loads_within_a_recording_are_played_again(running: Spine, tmp_path: Path):
    """A reload goes through the real loader, with the answers that it got; twice the same."""
    folder = tmp_path / "recording"
    recording = start_record(running, folder)
    wait_for_frames(running, folder)
    assert running.run("-m", "marketswarm", "refresh", "SPX").returncode == 0
    recording.send_signal(signal.SIGINT)
    assert recording.wait(60) == 0
    first, second = check(running, folder), check(running, folder)
    assert first["unplayed"] == []
    assert first["done"] >= 1
    assert second == first


def test_a_killed_command_ends_the_recording_whole(running: Spine, tmp_path: Path):
    """The order runs out, and every process writes its end."""
    folder = tmp_path / "recording"
    recording = start_record(running, folder)
    wait_for_frames(running, folder)
    recording.kill()
    recording.wait(20)
    running.wait_for("the end of the recording", (folder / "chains-end.json.zst").is_file)
    running.wait_for(
        "the last block", lambda: {told["state"] for told in told_by(running, folder)} == {"ended"}
    )
    assert check(running, folder)["differences"] == []
    assert not json.loads((folder / "session.json").read_text())["summary"]


def test_the_spine_runs_on_a_recording(running: Spine, recorded: Path, tmp_path: Path):
    """`up --replay` makes its chains live, marked as a replay, by the recording's clock; no key is needed."""
    ours = ("MARKETSWARM_", "MASSIVE_")
    env = {name: value for name, value in running.env.items() if not name.startswith(ours)}
    env |= {"MARKETSWARM_STATE_DIR": str(tmp_path / "state"), "MARKETSWARM_HTTP_PORT": str(free_port())}
    command = [sys.executable, "-m", "marketswarm", "up", "--replay", str(recorded), "--no-flower"]
    up = subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        url = running.wait_for("an address", lambda: read_announcement(tmp_path / "state"))
        redis = Redis.from_url(url["MARKETSWARM_REDIS_URL"], decode_responses=True)
        metas = running.wait_for("live chains", lambda: live_metas(redis), timeout_s=60)
    finally:
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
    session = read_session(recorded)
    assert {meta["source"] for meta in metas} == {"replay"}
    begun_s = [(int(meta["applied_ms"]) - session.begun_ms) / 1000 for meta in metas]
    assert all(-10 <= late_s < 60 for late_s in begun_s), (
        begun_s
    )  # slots fall together: it may begin a slot early


def live_metas(redis: Redis) -> list[dict[str, str]]:
    """Those of all chains, once all are live."""
    try:
        metas = [redis.hgetall(f"chainmeta:{name}:{redis.hget('chaincurrent', name)}") for name in SYMBOLS]
    except RedisError:
        return []
    return metas if all(meta.get("state") == "live" for meta in metas) else []


def start_record(running: Spine, folder: Path) -> "subprocess.Popen[bytes]":
    """The command, until it is ended."""
    return subprocess.Popen(
        [sys.executable, "-m", "marketswarm", "record", str(folder)],
        env=running.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_frames(running: Spine, folder: Path) -> None:
    """Wait until the stream records."""
    running.wait_for("the chains of the beginning", (folder / "chains-begin.json.zst").is_file)
    running.wait_for("recorded frames", lambda: any(told["frames"] for told in told_by(running, folder)))


def told_by(running: Spine, folder: Path) -> list[dict]:
    """What the processes tell of that recording."""
    known = read_session(folder).id
    parts = [json.loads(told) for told in running.redis.hgetall("recording:parts").values()]
    return [told for told in parts if told["id"] == known]
