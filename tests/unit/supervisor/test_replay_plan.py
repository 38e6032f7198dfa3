"""A run on a recording: its settings and its clock."""

import pytest

from marketswarm.clock import ManualClock, clock_of
from marketswarm.errors import BadArgument, RecordingError
from marketswarm.settings import Settings
from marketswarm.supervisor.parts import parts_of
from marketswarm.supervisor.plan import Plan
from marketswarm.supervisor.replay_plan import REPLAY_KEY, ReplayPlan, plan_replay
from tests.support.recordings import BEGUN_US, frames, make_recording

NOW_MS = 1_800_000_003_210


@pytest.fixture
def folder(tmp_path):
    """A recording of SPX and SPY."""
    return make_recording(tmp_path / "recording", [frames(7, b"[]")], symbols=("SPX", "SPY"))


def planned(folder, speed="1", symbols=None) -> ReplayPlan:
    """A run that is planned at that moment."""
    return plan_replay(folder, speed, symbols, clock=ManualClock(NOW_MS), port=7002)


def test_it_begins_within_ten_seconds_on_the_slots_of_the_heartbeat(folder):
    """So that a tick that beat sends on its mark has its mark in the recording, too."""
    plan = planned(folder)
    assert plan.start_ms == BEGUN_US // 1000 + 7
    assert NOW_MS <= plan.since_ms < NOW_MS + 10_000
    assert (plan.since_ms - plan.start_ms) % 10_000 == 0


def test_all_parts_share_clock_settings_and_stand_in(folder, tmp_path):
    """The recording stands where the vendor would; nothing that it gives is ever marked as live."""
    plan = planned(folder, "2", "spx")
    settings = Settings.load(given=plan.settings | {"MARKETSWARM_STATE_DIR": str(tmp_path / "state")})
    run = Plan(settings, run_id="run-1", redis_url="redis://127.0.0.1:7001/0", replay=plan)
    parts = {part.name: part for part in parts_of(run, {"PATH": "/bin", "MASSIVE_API_KEY": "vendor-key"})}
    assert list(parts) == ["replay", "gateway", "flower", "worker", "stream", "beat"]
    command = parts["replay"].argv[3:]
    assert command[:4] == ("replay", str(folder), "--port", "7002")
    assert command[4:8] == ("--speed", "2", "--since", str(plan.since_ms))
    for name in ("worker", "stream", "beat"):
        env = parts[name].env
        assert env["MARKETSWARM_REPLAY_CLOCK"] == f"{plan.start_ms},{plan.since_ms},2"
        assert (env["MARKETSWARM_SOURCE"], env["MARKETSWARM_SYMBOLS"]) == ("replay", "SPX")
        assert env["MARKETSWARM_STRIKES_EACH_SIDE"] == "2"
        assert env["MASSIVE_REST_URL"] == "http://127.0.0.1:7002"
    assert parts["stream"].env["MASSIVE_API_KEY"] == REPLAY_KEY
    assert run.announced()["MASSIVE_API_KEY"] == REPLAY_KEY
    assert clock_of(settings.replay_clock).speed == 2


@pytest.mark.parametrize("speed", ["max", "0.01", "100", "fast"])
def test_speeds_at_which_no_spine_can_run_are_refused(folder, speed):
    """One line that says what is allowed."""
    with pytest.raises(BadArgument, match="speed is"):
        planned(folder, speed)


def test_what_was_not_recorded_cannot_be_replayed(folder, tmp_path):
    """Neither a symbol nor a folder without a recording."""
    with pytest.raises(BadArgument, match="symbols is 'IWM'; allowed: what was recorded: SPX, SPY"):
        planned(folder, symbols="SPX,IWM")
    with pytest.raises(RecordingError):
        planned(tmp_path / "none")
