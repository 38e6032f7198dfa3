"""A run on a simulator that was told something: its command, its settings and its clock."""

import pytest

from marketswarm.clock import ManualClock, clock_of
from marketswarm.errors import BadArgument
from marketswarm.settings import Settings
from marketswarm.supervisor.parts import parts_of
from marketswarm.supervisor.plan import Plan
from marketswarm.supervisor.simulator_plan import Asked, SimulatorPlan, plan_simulator
from tests.support.simulated_market import new_york_ms

NOW_MS = new_york_ms("2026-11-23 11:00") + 3_210
STRANGE = {"speed": [0.0, 20_000.0, float("nan")], "scenario": ["crush"], "plan": ["gold"], "start": ["noon"]}


def settings(tmp_path, **given: str) -> Settings:
    """Settings with nothing set but what is given."""
    return Settings.load(given={"MARKETSWARM_STATE_DIR": str(tmp_path / "state"), **given})


def planned(tmp_path, asked: Asked, **given: str) -> SimulatorPlan:
    """A run that is planned at that moment."""
    return plan_simulator(settings(tmp_path, **given), asked, clock=ManualClock(NOW_MS), port=7002)


def parts(tmp_path, asked: Asked, **given: str):
    """The parts of that run, by name."""
    plan = planned(tmp_path, asked, **given)
    run = Plan(
        settings(tmp_path, **given), run_id="run-1", redis_url="redis://127.0.0.1:7001/0", simulator=plan
    )
    return {part.name: part for part in parts_of(run, {"PATH": "/bin"})}


def test_nothing_asked_is_nothing_told(tmp_path):
    """The usual simulator goes by the machine's clock."""
    assert planned(tmp_path, Asked()) == SimulatorPlan(7002)


def test_what_was_asked_is_told_to_the_simulator(tmp_path):
    """Its command has the options as they were given, faults in their order."""
    asked = Asked(scenario="crash", plan="developer", faults=("cut@30s", "mute@1m+10s"))
    command = parts(tmp_path, asked)["simulator"].argv
    said = ("--scenario", "crash", "--plan", "developer", "--faults", "cut@30s", "--faults", "mute@1m+10s")
    assert " ".join(said) in " ".join(command)
    assert "--clock" not in command


def test_a_time_of_its_own_is_shared_by_all_parts(tmp_path):
    """It begins on a slot of the heartbeat, at the machine's next mark, and everybody reads it off the same clock."""
    made = parts(tmp_path, Asked(speed=4.0))
    start_ms, since_ms = NOW_MS - 3_210, NOW_MS + 6_790
    shared = f"{start_ms},{since_ms},4"
    assert f"--speed 4.0 --clock {start_ms} {since_ms}" in " ".join(made["simulator"].argv)
    for name in ("worker", "stream", "beat"):
        assert made[name].env["MARKETSWARM_REPLAY_CLOCK"] == shared
    clock = clock_of(settings(tmp_path, MARKETSWARM_REPLAY_CLOCK=shared).replay_clock)
    assert clock.speed == 4.0


def test_a_scenario_brings_its_day(tmp_path):
    """A half day begins shortly before its close; the parts go by the calendar, as it does."""
    made = parts(tmp_path, Asked(scenario="half-day"))
    command = made["simulator"].argv
    begin_ms = new_york_ms("2026-11-27 12:55")
    assert command[command.index("--session") + 1] == "calendar"
    assert command[command.index("--clock") + 1] == str(begin_ms)
    assert made["worker"].env["MARKETSWARM_SESSION"] == "calendar"
    assert made["worker"].env["MARKETSWARM_REPLAY_CLOCK"].startswith(f"{begin_ms},")


def test_a_start_is_the_clock_of_all(tmp_path):
    """A day that is long over, by the machine's clock; the seconds of it are as long as real ones unless asked otherwise."""
    made = parts(tmp_path, Asked(start="2026-10-06 10:30"), MARKETSWARM_SESSION="calendar")
    begin_ms = new_york_ms("2026-10-06 10:30")
    command = made["simulator"].argv
    assert command[command.index("--clock") + 1] == str(begin_ms)
    assert made["stream"].env["MARKETSWARM_REPLAY_CLOCK"] == f"{begin_ms},{NOW_MS + 6_790},1"


def test_a_start_that_the_scenario_cannot_use_is_refused(tmp_path):
    """With a moment that it can use."""
    with pytest.raises(BadArgument, match="such as 2026-11-27 12:55"):
        planned(tmp_path, Asked(scenario="half-day", start="2026-11-24 10:30"))


def test_a_half_day_around_the_clock_is_refused(tmp_path):
    """In the words of the simulator's own command."""
    with pytest.raises(BadArgument, match="session is 'always'; allowed: calendar with scenario half-day"):
        planned(tmp_path, Asked(scenario="half-day"), MARKETSWARM_SESSION="always")


@pytest.mark.parametrize(
    ("name", "value"), [(name, one) for name, values in STRANGE.items() for one in values]
)
def test_what_the_simulator_would_refuse_is_refused(tmp_path, name, value):
    """Before anything starts, in its words."""
    from marketswarm.simulator.config import SimulatorConfig

    with pytest.raises(BadArgument) as there:
        SimulatorConfig(**{name: value})
    with pytest.raises(BadArgument) as here:
        planned(tmp_path, Asked(**{name: value}))
    assert str(here.value) == str(there.value)


@pytest.mark.parametrize("speed", [0.05, 100.0])
def test_speeds_at_which_no_spine_can_run_are_refused(tmp_path, speed):
    """The simulator alone would take them."""
    with pytest.raises(BadArgument, match=r"allowed: 0\.1 to 60 with up; `marketswarm simulator` alone"):
        planned(tmp_path, Asked(speed=speed))


def test_faults_are_refused_in_the_words_of_their_grammar(tmp_path):
    """One that there is not, and two that exclude each other."""
    for faults in (("cutt@3s",), ("refuse@1s", "half-open@2s+1s")):
        with pytest.raises(BadArgument, match=r"^faults is "):
            planned(tmp_path, Asked(faults=faults))


def test_delayed_data_has_its_own_address(tmp_path):
    """All parts know the simulator's stand-in for the vendor's delayed host, whatever the environment names."""
    made = parts(tmp_path, Asked(), MASSIVE_WS_DELAYED_URL="wss://elsewhere.example")
    for name in ("worker", "stream", "beat"):
        assert made[name].env["MASSIVE_WS_DELAYED_URL"] == "ws://127.0.0.1:7002/delayed"
