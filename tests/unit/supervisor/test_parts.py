"""The parts of a run: which, in which order, and who is told which secret."""

from dataclasses import replace
from pathlib import Path

import pytest

from marketswarm.errors import SettingsError
from marketswarm.settings import Settings
from marketswarm.supervisor.part import Part
from marketswarm.supervisor.parts import parts_of
from marketswarm.supervisor.plan import Plan, choose_simulator
from marketswarm.supervisor.simulator_plan import SimulatorPlan

KEY, TOKEN, FLOWER, REDIS = "vendor-key-1", "api-token-16-letters", "flower-password-1", "redis-password-1"
SURROUNDINGS = {
    "PATH": "/bin",
    "MASSIVE_API_KEY": KEY,
    "MARKETSWARM_API_TOKEN": TOKEN,
    "MARKETSWARM_FLOWER_PASSWORD": FLOWER,
    "FLOWER_BASIC_AUTH": "somebody:else",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)


def settings(tmp_path: Path, **given: str) -> Settings:
    """Settings with nothing set but what is given."""
    return Settings.load(given={"MARKETSWARM_STATE_DIR": str(tmp_path / "state"), **given})


def simulated(tmp_path: Path, **given: str) -> Plan:
    """A run on the embedded server and the simulator."""
    return Plan(
        settings(tmp_path, **given),
        run_id="run-1",
        redis_url="redis://127.0.0.1:7001/0",
        server=(Path("/bin/server"), 7001),
        simulator=SimulatorPlan(7002),
    )


def live(tmp_path: Path, **given: str) -> Plan:
    """A run on the vendor's data and a server of one's own."""
    url = f"redis://:{REDIS}@redis.example:6379/0"
    return Plan(settings(tmp_path, MASSIVE_API_KEY=KEY, **given), run_id="run-1", redis_url=url)


def names(parts: list[Part]) -> list[str]:
    """The names, in order."""
    return [part.name for part in parts]


def test_a_simulated_run_brings_its_own_server_and_market(tmp_path: Path) -> None:
    """Server and simulator start first, the rest after both; beat is the last to start and so the first to stop."""
    parts = parts_of(simulated(tmp_path), SURROUNDINGS)
    assert names(parts) == ["server", "simulator", "gateway", "flower", "worker", "stream", "beat"]
    assert {part.after for part in parts[:2]} == {()}
    assert {part.after for part in parts[2:]} == {("server", "simulator")}


def test_a_live_run_on_a_server_of_ones_own_starts_neither(tmp_path: Path) -> None:
    """With a key and a Redis address only Celery's processes are started, and they wait for nothing."""
    parts = parts_of(live(tmp_path), SURROUNDINGS)
    assert names(parts) == ["gateway", "flower", "worker", "stream", "beat"]
    assert {part.after for part in parts} == {()}


@pytest.mark.parametrize("allowed", ["1", "3"])
def test_the_simulator_allows_as_many_connections_as_the_settings_say(tmp_path: Path, allowed: str) -> None:
    """What stands for the vendor has the vendor's limit, so that streams which connect twice are not evicted."""
    parts = parts_of(simulated(tmp_path, MARKETSWARM_CONNECTIONS=allowed), SURROUNDINGS)
    arguments = parts[1].argv
    assert arguments[arguments.index("--connections") + 1] == allowed


def test_every_part_waits_for_parts_that_exist_and_start_before_it(tmp_path: Path) -> None:
    """What a part comes after is listed before it."""
    parts = parts_of(simulated(tmp_path), SURROUNDINGS)
    for number, part in enumerate(parts):
        assert set(part.after) <= set(names(parts[:number]))


def test_the_gateway_can_be_left_out(tmp_path: Path) -> None:
    """Without it no part has its name, and no port of it is announced."""
    plan = replace(simulated(tmp_path), with_web=False)
    assert "gateway" not in names(parts_of(plan, SURROUNDINGS))
    assert "MARKETSWARM_HTTP_PORT" not in plan.announced()


def test_a_gateway_beyond_loopback_is_the_only_one_to_know(tmp_path: Path) -> None:
    """It alone is told that address, which needs the token; the others, and who reads the announcement, are told loopback."""
    wide = {"MARKETSWARM_HTTP_HOST": "0.0.0.0", "MARKETSWARM_HTTP_PORT": "9", "MARKETSWARM_API_TOKEN": TOKEN}
    plan = simulated(tmp_path, **wide)
    parts = [part for part in parts_of(plan, SURROUNDINGS | wide) if part.name != "server"]
    hosts = {part.name: part.env["MARKETSWARM_HTTP_HOST"] for part in parts}
    assert hosts.pop("gateway") == "0.0.0.0"
    assert set(hosts.values()) == {plan.announced()["MARKETSWARM_HTTP_HOST"]} == {"127.0.0.1"}
    assert plan.web_address == "http://127.0.0.1:9"


def test_flower_can_be_left_out(tmp_path: Path) -> None:
    """Without Flower no part has its name, and no password is made."""
    plan = Plan(settings(tmp_path), run_id="run-1", redis_url="redis://127.0.0.1/0", with_flower=False)
    assert "flower" not in names(parts_of(plan, SURROUNDINGS))
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("secret", [KEY, TOKEN, FLOWER, REDIS])
def test_no_secret_is_on_a_command_line(tmp_path: Path, secret: str) -> None:
    """Neither an argument nor an address nor the description of a part shows a secret."""
    for part in parts_of(live(tmp_path, MARKETSWARM_FLOWER_PASSWORD=FLOWER), SURROUNDINGS):
        assert secret not in " ".join(part.argv) + part.address + repr(part)


@pytest.mark.parametrize(
    ("secret", "knowers"),
    [(KEY, {"worker", "stream"}), (TOKEN, {"gateway"}), (FLOWER, {"flower"}), ("somebody:else", set())],
)
def test_a_secret_goes_only_to_those_that_need_it(tmp_path: Path, secret: str, knowers: set[str]) -> None:
    """The vendor's key is for the workers, Flower's password for Flower, the token for the gateway."""
    given = {"MARKETSWARM_FLOWER_PASSWORD": FLOWER, "MARKETSWARM_API_TOKEN": TOKEN}
    parts = parts_of(live(tmp_path, **given), SURROUNDINGS)
    assert {part.name for part in parts if secret in " ".join(part.env.values())} == knowers


def test_a_simulated_run_never_sees_the_real_key(tmp_path: Path) -> None:
    """On the simulator the workers are given the word `simulator` for a key, and the data is marked `sim`."""
    plan = simulated(tmp_path, MASSIVE_API_KEY=KEY, MARKETSWARM_SOURCE="live")
    parts = parts_of(plan, SURROUNDINGS)
    assert not any(KEY in " ".join(part.env.values()) for part in parts)
    worker = next(part for part in parts if part.name == "worker")
    assert (
        worker.env.items()
        >= {
            "MASSIVE_API_KEY": "simulator",
            "MARKETSWARM_SOURCE": "sim",
            "MASSIVE_REST_URL": "http://127.0.0.1:7002",
            "MASSIVE_WS_URL": "ws://127.0.0.1:7002",
            "MARKETSWARM_REDIS_URL": "redis://127.0.0.1:7001/0",
            "MARKETSWARM_RUN_ID": "run-1",
        }.items()
    )


def test_a_key_in_the_file_is_left_there(tmp_path: Path) -> None:
    """The workers read `.env` themselves, and find another key there when somebody has put one in."""
    plan = replace(live(tmp_path), key_is_filed=True)
    parts = parts_of(plan, SURROUNDINGS)
    assert not any("MASSIVE_API_KEY" in part.env for part in parts)


@pytest.mark.parametrize(
    "url", [f"redis://:{REDIS}@redis.example/0", f"redis://redis.example/0?password={REDIS}"]
)
def test_what_is_announced_holds_no_secret(tmp_path: Path, url: str) -> None:
    """An address with a password, wherever in it, is not announced, nor is a key; the plain values are."""
    run = Plan(settings(tmp_path, MASSIVE_API_KEY=KEY), run_id="run-1", redis_url=url)
    said = run.announced()
    assert REDIS not in repr(said)
    assert KEY not in repr(said)
    assert said["MARKETSWARM_SYMBOLS"] == "SPX,SPY,QQQ,NDX"
    assert simulated(tmp_path).announced()["MARKETSWARM_REDIS_URL"] == "redis://127.0.0.1:7001/0"


@pytest.mark.parametrize(
    ("key", "sim", "live_", "simulator"),
    [
        (None, False, False, True),
        (None, True, False, True),
        (KEY, False, False, False),
        (KEY, True, False, True),
        (KEY, False, True, False),
    ],
)
def test_the_key_decides_unless_told(
    tmp_path: Path, key: str | None, sim: bool, live_: bool, simulator: bool
) -> None:
    """Without a key, or when told so, the run is simulated."""
    given = {"MASSIVE_API_KEY": key} if key else {}
    assert choose_simulator(settings(tmp_path, **given), sim, live_) is simulator


def test_live_needs_a_key(tmp_path: Path) -> None:
    """Told to run live without a key, the error names the variable."""
    with pytest.raises(SettingsError, match="MASSIVE_API_KEY"):
        choose_simulator(settings(tmp_path), sim=False, live=True)
