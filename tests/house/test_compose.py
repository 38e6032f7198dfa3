"""The Docker files, held against what they start. No engine is needed, and none is asked."""

import re
import shlex
import subprocess
import sys
import tomllib
from copy import copy
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from marketswarm.cli import commands
from marketswarm.errors import SettingsError
from marketswarm.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = YAML(typ="safe").load(COMPOSE_FILE)
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = [name for name in SERVICES if name != "redis"]
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-+])((?:[^{}]|\{[^{}]*\})*))?\}")
TOKEN = "a-token-of-the-test"
SECRET = re.compile(r"KEY|TOKEN|PASSWORD|AUTH")


def filled_in(text: str, environment: dict[str, str]) -> str:
    """The text with its variables filled in as Compose does."""

    def value(found: re.Match[str]) -> str:
        name, sign, word = found.groups()
        given = environment.get(name, "")
        if sign == ":+":
            return filled_in(word, environment) if given else ""
        return given or (filled_in(word, environment) if sign == ":-" else "")

    return VARIABLE.sub(value, text)


def service_environment(service: str, **environment: str) -> dict[str, str]:
    """What a service is given, by the environment of the person who starts it."""
    return {
        name: filled_in(text, environment) for name, text in SERVICES[service].get("environment", {}).items()
    }


def command_lines() -> list[tuple[str, list[str]]]:
    """Every command line of ours, with its place: commands and health checks of services, and the image's own."""
    found = [(f"{name} command", SERVICES[name]["command"]) for name in OURS]
    for name in OURS:
        check = SERVICES[name]["healthcheck"]
        if not check.get("disable"):
            assert check["test"][0] == "CMD"
            found.append((f"{name} health", check["test"][1:]))
    for place, words in re.findall(r"^(HEALTHCHECK|CMD)\b.*?(\[.*\])$", DOCKERFILE, re.MULTILINE):
        found.append((f"image {place}", YAML(typ="safe").load(words)))
    return [(place, [filled_in(word, {}) for word in words]) for place, words in found]


def check_words(command: click.Command, words: list[str]) -> None:
    """Parse the words without running the command; click raises for what it does not know."""
    command.make_parser(click.Context(command, info_name=command.name)).parse_args(list(words))


def celery_command(name: str) -> click.Command:
    """A command of `celery -A marketswarm`, with the options that the app adds."""
    if name == "flower":
        from flower.command import flower

        return flower
    from celery.bin.celery import celery

    from marketswarm.app import app

    command = celery.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    added = [option for option in app.user_options.get(name, ()) if not known & set(option.opts)]
    widened = copy(command)
    widened.params = [*command.params, *added]
    return widened


def test_schema() -> None:
    """The file is valid by the schema of the Compose specification."""
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", str(COMPOSE_FILE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(("place", "words"), command_lines(), ids=lambda value: str(value)[:40])
def test_command_lines(place: str, words: list[str]) -> None:
    """Each command line names a program of the image, a command that it has and options that the command knows."""
    program, *rest = words
    if program == "marketswarm":
        command = commands.get_command(click.Context(commands), rest[0])
        assert command is not None, f"{place}: marketswarm has no command {rest[0]}"
        check_words(command, rest[1:])
    elif program == "celery":
        assert rest[:2] == ["-A", "marketswarm"]
        check_words(celery_command(rest[2]), rest[3:])
    elif program == "python":
        compile(rest[1], place, "exec")
    else:
        assert words == ["sleep", "infinity"]


def test_queues() -> None:
    """Each queue of the configuration is consumed by exactly one service, and no other queue is named."""
    # Read, not imported: the configuration needs a server, and is taken once a process.
    configured = re.findall(r'Queue\("(\w+)"\)', (ROOT / "celeryconfig.py").read_text())
    consumed = [
        words[words.index("-Q") + 1]
        for words in (SERVICES[name]["command"] for name in OURS)
        if "-Q" in words
    ]
    assert sorted(consumed) == sorted(configured)


def test_pings_reach_their_node() -> None:
    """A worker's health check pings the node that its own command names."""
    pinged = [name for name in OURS if "ping" in SERVICES[name]["healthcheck"].get("test", [])]
    assert pinged == ["worker", "stream"]
    for name in pinged:
        command, check = SERVICES[name]["command"], SERVICES[name]["healthcheck"]["test"]
        assert command[command.index("-n") + 1] == check[check.index("-d") + 1]


def test_health_checks_are_rare() -> None:
    """Every service has a health check, and one that starts our code runs at most once a minute."""
    assert all("healthcheck" in service for service in SERVICES.values())
    for name in OURS:
        check = SERVICES[name]["healthcheck"]
        if check.get("test", ["", ""])[1] in ("celery", "marketswarm"):
            assert check["interval"] == "60s", name


def test_ports_on_loopback_only() -> None:
    """Nothing is published beyond the machine, and the data store not at all."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["gateway", "flower"]
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


@pytest.mark.parametrize("name", OURS)
def test_confined(name: str) -> None:
    """Each of our services runs on a read-only file system, without capabilities, under an init, with time to stop."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["stop_grace_period"].endswith("s")
    assert not service.keys() & {"privileged", "user", "pid", "ipc", "devices"}


def test_dependencies_wait_for_health() -> None:
    """Whoever needs a service with a health check waits until it is healthy."""
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            healthy = not SERVICES[needed]["healthcheck"].get("disable")
            assert how["condition"] == ("service_healthy" if healthy else "service_started")


def test_one_stream() -> None:
    """The stream runs once: the vendor allows one connection."""
    assert SERVICES["stream"]["deploy"]["replicas"] == 1


@pytest.mark.parametrize("name", ["worker", "stream", "beat", "gateway", "flower"])
@pytest.mark.parametrize(("profiles", "source"), [("", "live"), ("sim", "sim")])
def test_live_and_simulated(name: str, profiles: str, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the profile the settings point at the vendor, with it at the simulator; both are accepted settings."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    given = {"COMPOSE_PROFILES": profiles, "MARKETSWARM_API_TOKEN": TOKEN}
    for variable, text in service_environment(name, **given).items():
        monkeypatch.setenv(variable, text)
    monkeypatch.chdir(ROOT / "tests")  # where there is no .env
    settings = Settings.load()
    assert settings.data_source == source
    assert settings.celery_broker_url == "redis://redis:6379/1"


def test_simulator_is_where_it_is_looked_for() -> None:
    """The simulator listens in the namespace of those that look for it, on the port that they are told."""
    command = SERVICES["simulator"]["command"]
    port = command[command.index("--port") + 1]
    told = service_environment("worker", COMPOSE_PROFILES="sim")
    assert told["MASSIVE_REST_URL"] == f"http://127.0.0.1:{port}"
    assert told["MASSIVE_WS_URL"] == f"ws://127.0.0.1:{port}"
    assert {SERVICES[name]["network_mode"] for name in ("simulator", "worker", "stream")} == {"service:pod"}
    assert SERVICES["simulator"]["profiles"] == ["sim"]
    assert SERVICES["worker"]["depends_on"]["simulator"]["required"] is False


def test_every_setting_reaches_the_services() -> None:
    """Each setting can be given through Compose, but for where a container listens, one's own files and a replay."""
    used = set(re.findall(r"\$\{(\w+)", COMPOSE_FILE.read_text())) | set(SERVICES["worker"]["environment"])
    settings = {str(field.alias) for field in Settings.model_fields.values()}
    not_here = {"HTTP_HOST", "STATE_DIR", "REPLAY_CLOCK"}
    assert settings - used == {f"MARKETSWARM_{name}" for name in not_here}
    assert used - settings == {"COMPOSE_PROFILES", "MARKETSWARM_IMAGE", "MARKETSWARM_REDIS_IMAGE"}


def test_key_only_where_it_is_used() -> None:
    """The vendor's key goes to the two services that talk to the vendor, Flower's password and the token to one each."""
    holders = {
        variable: [name for name in SERVICES if variable in SERVICES[name].get("environment", {})]
        for variable in ("MASSIVE_API_KEY", "MARKETSWARM_FLOWER_PASSWORD", "MARKETSWARM_API_TOKEN")
    }
    assert holders == {
        "MASSIVE_API_KEY": ["worker", "stream"],
        "MARKETSWARM_FLOWER_PASSWORD": ["flower"],
        "MARKETSWARM_API_TOKEN": ["gateway"],
    }


def test_the_gateway_needs_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its container it listens beyond loopback, which is refused without a token: in one line that names it."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    for variable, text in service_environment("gateway").items():
        monkeypatch.setenv(variable, text)
    monkeypatch.chdir(ROOT / "tests")
    with pytest.raises(SettingsError, match="MARKETSWARM_API_TOKEN"):
        Settings.load()
    assert SERVICES["gateway"]["restart"] == "on-failure:3"


def test_no_secret_in_the_files() -> None:
    """A secret comes from the environment only; what is written here is no more than the word for the simulator."""
    key = service_environment("worker", MASSIVE_API_KEY="", COMPOSE_PROFILES="")["MASSIVE_API_KEY"]
    assert key == ""
    assert service_environment("worker", COMPOSE_PROFILES="sim")["MASSIVE_API_KEY"] == "simulator"
    assert service_environment("worker", MASSIVE_API_KEY="mine")["MASSIVE_API_KEY"] == "mine"
    assert service_environment("flower")["MARKETSWARM_FLOWER_PASSWORD"] == ""
    variables = re.findall(r"^\s*(?:ENV|ARG)?\s*(\w+)=", DOCKERFILE, re.MULTILINE)
    assert not [name for name in variables if SECRET.search(name)]
    example = (ROOT / ".env.example").read_text()
    assert not [line for line in example.splitlines() if re.match(r"#?\w*(KEY|TOKEN|PASSWORD)=.", line)]


def test_flower_asks_for_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flower has a log-in whether a password is given or not, and only its address and port differ from those under `up`."""
    from marketswarm.supervisor.flower_env import flower_env

    monkeypatch.setenv("MARKETSWARM_STATE_DIR", str(tmp_path))
    environment = service_environment("flower")
    options = {name for name in environment if name.startswith("FLOWER_")}
    assert options == {"FLOWER_ADDRESS", "FLOWER_PORT"}
    for password in ("", "given"):
        monkeypatch.setenv("MARKETSWARM_FLOWER_PASSWORD", password)
        ours = flower_env(Settings.load())
        assert options <= ours.keys()
        assert re.fullmatch(r"marketswarm:.{5,}", ours["FLOWER_BASIC_AUTH"])


def test_flower_can_write_its_state() -> None:
    """Flower's volume lies where the image says that state is kept, in a directory made for the image's user."""
    state_dir = re.findall(r"MARKETSWARM_STATE_DIR=(\S+)", DOCKERFILE)
    assert SERVICES["flower"]["volumes"] == [f"state:{state_dir[0]}"]
    assert re.search(rf"install .*--owner=marketswarm .*{state_dir[0]}$", DOCKERFILE, re.MULTILINE)


def test_image_is_not_root() -> None:
    """The image runs as a numbered user that is not root, tells its health and stops on SIGTERM."""
    last_stage = re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)[-1]
    assert re.findall(r"^USER (.*)$", last_stage, re.MULTILINE) == ["10001:10001"]
    assert re.search(r"^HEALTHCHECK .*CMD \[", last_stage, re.MULTILINE)
    assert re.search(r"^STOPSIGNAL SIGTERM$", last_stage, re.MULTILINE)


def test_image_holds_what_the_wheel_needs() -> None:
    """What the wheel is made of is copied into the first stage, let through by .dockerignore, and nothing else is."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["only-include"], *wheel["force-include"], "pyproject.toml", "README.md"}
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE)
        for word in shlex.split(line)[:-1]
    }
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    assert needed == copied == let_through
    assert "*" in ignore
    assert all((ROOT / name).exists() for name in needed)


def test_env_example_is_up_to_date() -> None:
    """.env.example is what the settings say now, and as it stands it sets nothing."""
    sys.path.insert(0, str(ROOT / "tools"))
    from make_env_example import env_example

    written = (ROOT / ".env.example").read_text()
    assert written == env_example()
    assert all(line.startswith("#") for line in written.splitlines() if line)
