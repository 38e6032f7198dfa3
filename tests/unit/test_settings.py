"""The settings: each variable, and where its value may come from."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import SecretStr

from marketswarm.errors import SettingsError, UnknownSymbol
from marketswarm.model.ticker import Underlying
from marketswarm.settings import Settings, masked, settings_origin


class Variable(NamedTuple):
    """One variable: the model's name for it, what it is when unset, and texts that work and that do not."""

    field: str
    default: Any
    good: tuple[str, Any]
    bad: tuple[str, ...]


SECRET = "hunter2-hunter2-hunter2"
VARIABLES = {
    "MASSIVE_API_KEY": Variable("massive_api_key", None, (SECRET, SecretStr(SECRET)), ()),
    "MASSIVE_REST_URL": Variable(
        "massive_rest_url",
        "https://api.massive.com",
        ("http://127.0.0.1:8700/", "http://127.0.0.1:8700"),
        (
            "api.massive.com",
            "http://api.massive.com",
            "ftp://127.0.0.1",
            "https://host:port",
            "https://[host",
        ),
    ),
    "MASSIVE_WS_URL": Variable(
        "massive_ws_url",
        "wss://socket.massive.com",
        ("ws://localhost:8700", "ws://localhost:8700"),
        ("https://socket.massive.com", "ws://socket.massive.com", "wss://", "wss://host:70000"),
    ),
    "MASSIVE_WS_DELAYED_URL": Variable(
        "massive_ws_delayed_url",
        None,
        ("wss://delayed.example/", "wss://delayed.example"),
        ("https://delayed.massive.com", "ws://delayed.massive.com"),
    ),
    "MARKETSWARM_POLL_S": Variable("poll_s", 5, ("30", 30), ("4", "301", "2.5", "soon")),
    "MARKETSWARM_SOURCE": Variable("source", None, ("replay", "replay"), ("LIVE", "simulated")),
    "MARKETSWARM_REDIS_URL": Variable(
        "redis_url",
        None,
        ("redis://host:6379/3", SecretStr("redis://host:6379/3")),
        ("host:6379", "http://host:6379", "redis://", "redis://host/first", "redis://host:port", "unix://"),
    ),
    "MARKETSWARM_BROKER_URL": Variable(
        "broker_url",
        None,
        ("unix:///run/redis.sock", SecretStr("unix:///run/redis.sock")),
        ("amqp://host", "redis://[host", "unix:///run/redis.sock?db=first"),
    ),
    "MARKETSWARM_SYMBOLS": Variable(
        "symbols",
        ("SPX", "SPY", "QQQ", "NDX"),
        (" spx, BRK.B ", ("SPX", "BRK.B")),
        ("SPX,,SPY", "SPX;SPY", "SPX,spx", "I:SPX", "ΣPX", ","),
    ),
    "MARKETSWARM_INDICES": Variable(
        "indices",
        frozenset({"SPX", "NDX", "XSP", "RUT", "VIX", "DJX", "OEX"}),
        ("SPX,vix", frozenset({"SPX", "VIX"})),
        ("SPX VIX", "SPX,SPX"),
    ),
    "MARKETSWARM_STRIKES_EACH_SIDE": Variable(
        "strikes_each_side", 50, ("500", 500), ("0", "501", "many", "1.5")
    ),
    "MARKETSWARM_EXPIRATIONS": Variable("expirations", 1, ("12", 12), ("0", "13", "all")),
    "MARKETSWARM_SESSION": Variable("session", None, ("always", "always"), ("never", "Calendar")),
    "MARKETSWARM_FLUSH_MS": Variable("flush_ms", 50, ("0", 0), ("-1", "5001", "50ms")),
    "MARKETSWARM_CONNECTIONS": Variable("connections", 1, ("2", 2), ("0", "17")),
    "MARKETSWARM_DRIFT_STRIKES": Variable(
        "drift_strikes", None, ("2.5", 2.5), ("0", "-1", "inf", "nan", "far")
    ),
    "MARKETSWARM_DRIFT_POINTS": Variable(
        "drift_points",
        {},
        ("spx=20, NDX=80.5", {"SPX": 20.0, "NDX": 80.5}),
        ("SPX", "SPX=20,NDX", "SPX=0", "SPX=nan", "SPX=inf", "=20"),
    ),
    "MARKETSWARM_VIGIL_THRESHOLDS": Variable(
        "vigil_thresholds", None, ("~/mine.toml", Path.home() / "mine.toml"), ()
    ),
    "MARKETSWARM_HTTP_HOST": Variable(
        "http_host", "127.0.0.1", ("::1", "::1"), ("my host", "http://127.0.0.1")
    ),
    "MARKETSWARM_HTTP_PORT": Variable("http_port", 8787, ("65535", 65535), ("0", "65536", "http")),
    "MARKETSWARM_FLOWER_PORT": Variable("flower_port", 5555, ("1", 1), ("0", "65536")),
    "MARKETSWARM_FLOWER_PASSWORD": Variable("flower_password", None, (SECRET, SecretStr(SECRET)), ()),
    "MARKETSWARM_API_TOKEN": Variable("api_token", None, (SECRET, SecretStr(SECRET)), ("fifteen-letters",)),
    "MARKETSWARM_STATE_DIR": Variable(
        "state_dir", Path.home() / ".local/state/marketswarm", ("~/swarm", Path.home() / "swarm"), ()
    ),
    "MARKETSWARM_REPLAY_CLOCK": Variable(
        "replay_clock",
        None,
        ("1795449600000,1800000000000,2.5", (1795449600000, 1800000000000, 2.5)),
        ("now", "1,2", "0,1,1", "1,1,-1", "1,1,inf", "1,1,nan"),
    ),
    "MARKETSWARM_LOG_LEVEL": Variable("log_level", "INFO", ("DEBUG", "DEBUG"), ("debug", "LOUD")),
}
SECRETS = {
    "MASSIVE_API_KEY": SECRET,
    "MARKETSWARM_API_TOKEN": SECRET,
    "MARKETSWARM_FLOWER_PASSWORD": SECRET,
    "MARKETSWARM_REDIS_URL": f"redis://:{SECRET}@host:6379/0",
    "MARKETSWARM_BROKER_URL": f"rediss://user:{SECRET}@host/1",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours is set, and there is no `.env`."""
    for name in [*VARIABLES, "XDG_STATE_HOME"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def load(**given: str) -> Settings:
    """The settings with these variables in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        return Settings.load()


def refusal(**given: str) -> SettingsError:
    """Why the settings are refused with these variables in the environment."""
    with pytest.raises(SettingsError) as caught:
        load(**given)
    return caught.value


def test_every_variable_is_tried_here() -> None:
    """The table of this file holds every variable there is."""
    assert {field.alias: name for name, field in Settings.model_fields.items()} == {
        variable: row.field for variable, row in VARIABLES.items()
    }
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize("variable", VARIABLES)
def test_an_unset_variable_has_its_default(variable: str) -> None:
    """Unset, or set to nothing, a variable has its default."""
    row = VARIABLES[variable]
    assert getattr(load(), row.field) == row.default
    assert getattr(load(**{variable: ""}), row.field) == row.default


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_good_value_is_taken(variable: str) -> None:
    """A value in the environment is read as what it means."""
    row = VARIABLES[variable]
    assert getattr(load(**{variable: row.good[0]}), row.field) == row.good[1]


@pytest.mark.parametrize(
    ("variable", "value"), [(name, value) for name, row in VARIABLES.items() for value in row.bad]
)
def test_a_bad_value_is_one_line(variable: str, value: str) -> None:
    """A wrong value is one line that names the variable, the value and what is allowed."""
    error = refusal(**{variable: value})
    named, shown, allowed = error.args
    assert named == variable
    assert shown == ("********" if variable in SECRETS and "://" not in value else value)
    assert allowed
    assert str(error) == f"{variable} is {shown!r}; allowed: {allowed}"
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("variable", "values", "allowed"),
    [
        ("MARKETSWARM_FLUSH_MS", ("abc", "-1", "5001", "5.5"), "a whole number from 0 to 5000"),
        ("MARKETSWARM_STRIKES_EACH_SIDE", ("6000", "0"), "a whole number from 1 to 500"),
        ("MARKETSWARM_DRIFT_STRIKES", ("x", "0"), "a number above 0"),
        ("MARKETSWARM_HTTP_PORT", ("x", "0", "70000"), "a whole number from 1 to 65535"),
    ],
)
def test_a_wrong_number_is_told_the_whole_range(variable: str, values: tuple[str, ...], allowed: str) -> None:
    """Both ends, whatever is wrong with it."""
    assert {refusal(**{variable: value}).args[2] for value in values} == {allowed}


@pytest.mark.parametrize("variable", ["MASSIVE_REST_URL", "MASSIVE_WS_URL"])
@pytest.mark.parametrize("rest", ["user:{}@host", "host/?apiKey={}", ":{}@[host"])
def test_a_key_in_an_address_is_refused_unseen(variable: str, rest: str) -> None:
    """An address with credentials is refused, without showing them."""
    scheme = "https" if "REST" in variable else "wss"
    error = refusal(**{variable: f"{scheme}://{rest.format(SECRET)}"})
    assert error.args[0] == variable
    assert SECRET not in f"{error} {error!r}"


@pytest.mark.parametrize(
    "wrong", ["{}", "redis:{}", "http://u:{}@host", "redis://:a/{}@host:1", "redis://:{}@[host"]
)
@pytest.mark.parametrize("variable", ["MARKETSWARM_REDIS_URL", "MARKETSWARM_BROKER_URL"])
def test_a_wrong_redis_address_hides_its_password(variable: str, wrong: str) -> None:
    """However an address of Redis is mistyped, the error does not show its password."""
    error = refusal(**{variable: wrong.format(SECRET)})
    assert error.args[0] == variable
    assert SECRET not in f"{error} {error!r}"


def test_secrets_show_nowhere() -> None:
    """No secret is in the text of the settings, of a dump of them, or in their values as they are shown."""
    settings = load(**SECRETS)
    dump = settings.model_dump()
    shown = [masked(getattr(settings, VARIABLES[name].field)) for name in SECRETS]
    assert SECRET not in f"{settings!r} {settings} {dump} {settings.model_dump_json()} {shown}"
    assert "redis://:********@host:6379/0" in shown


def test_the_settings_are_frozen() -> None:
    """Nobody changes a setting after the start."""
    with pytest.raises(ValueError, match="frozen"):
        load().flush_ms = 1  # type: ignore[misc]


def test_shown_values_are_what_one_would_type() -> None:
    """A value is shown as it would be written into the environment."""
    settings = load(MARKETSWARM_DRIFT_POINTS="SPX=20,NDX=80.5", MARKETSWARM_INDICES="VIX,SPX")
    assert masked(settings.symbols) == "SPX,SPY,QQQ,NDX"
    assert masked(settings.indices) == "SPX,VIX"
    assert masked(settings.drift_points) == "SPX=20,NDX=80.5"
    assert (masked(None), masked(50)) == ("", "50")


# -- where a value comes from ------------------------------------------------


def test_a_value_in_the_file_is_honoured(tmp_path: Path) -> None:
    """A `.env` in the working directory sets what the environment does not."""
    (tmp_path / ".env").write_text("MARKETSWARM_EXPIRATIONS=3\nMARKETSWARM_FLUSH_MS='20'\n")
    settings = load(MARKETSWARM_FLUSH_MS="10")
    assert (settings.expirations, settings.flush_ms) == (3, 10)


def test_a_bad_value_in_the_file_is_refused_the_same(tmp_path: Path) -> None:
    """A wrong value in `.env` gives the same line as one in the environment."""
    (tmp_path / ".env").write_text("MARKETSWARM_EXPIRATIONS=13\n")
    assert str(refusal()).startswith("MARKETSWARM_EXPIRATIONS is '13'; allowed: ")


def test_the_order_of_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line goes before the environment, that before `.env`, that before a running `up`, that before the default."""
    (tmp_path / ".env").write_text("MARKETSWARM_HTTP_PORT=2\nMARKETSWARM_FLUSH_MS=2\n")
    monkeypatch.setenv("MARKETSWARM_HTTP_PORT", "1")
    announced = dict.fromkeys(
        ("MARKETSWARM_HTTP_PORT", "MARKETSWARM_FLUSH_MS", "MARKETSWARM_EXPIRATIONS"), "3"
    )
    settings = Settings.load(announced, given={"MARKETSWARM_STRIKES_EACH_SIDE": "4"})
    assert (settings.http_port, settings.flush_ms, settings.expirations) == (1, 2, 3)
    assert (settings.strikes_each_side, settings.connections) == (4, 1)
    assert Settings.load(announced, given=dict.fromkeys(announced, "5")).http_port == 5
    origin = settings_origin(announced)
    assert {name: origin[name] for name in (*announced, "MARKETSWARM_CONNECTIONS")} == {
        "MARKETSWARM_HTTP_PORT": "environment",
        "MARKETSWARM_FLUSH_MS": ".env",
        "MARKETSWARM_EXPIRATIONS": "running up",
        "MARKETSWARM_CONNECTIONS": "default",
    }
    assert set(origin) == set(VARIABLES)


def test_an_empty_variable_gives_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable set to nothing counts as unset: what the running `up` announced is taken."""
    (tmp_path / ".env").write_text("MARKETSWARM_HTTP_PORT=\n")
    monkeypatch.setenv("MARKETSWARM_HTTP_PORT", "")
    assert Settings.load({"MARKETSWARM_HTTP_PORT": "3"}).http_port == 3


def test_the_state_directory_follows_the_desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where XDG_STATE_HOME is set, the state lies below it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert Settings.load().state_dir == tmp_path / "marketswarm"


# -- what follows from several -----------------------------------------------


@pytest.mark.parametrize(
    ("redis", "broker", "celery_broker", "celery_results"),
    [
        ("redis://a:1/0", "", "redis://a:1/1", "redis://a:1/2"),
        ("redis://:p@a/3", "", "redis://:p@a/4", "redis://:p@a/5"),
        ("redis://a:1/0", "redis://b:1/0", "redis://b:1/0", "redis://b:1/1"),
        ("", "redis://b", "redis://b/0", "redis://b/1"),
        ("unix:///s", "", "redis+socket:///s?virtual_host=1", "redis+socket:///s?virtual_host=2"),
        ("", "unix:///s?db=4", "redis+socket:///s?virtual_host=4", "redis+socket:///s?virtual_host=5"),
    ],
)
def test_broker_and_results_have_databases_of_their_own(
    redis: str, broker: str, celery_broker: str, celery_results: str
) -> None:
    """Celery's messages and results lie in the databases behind the data's, or in a broker's own and the one behind it."""
    settings = load(MARKETSWARM_REDIS_URL=redis, MARKETSWARM_BROKER_URL=broker)
    assert (settings.celery_broker_url, settings.celery_result_url) == (celery_broker, celery_results)


@pytest.mark.parametrize("address", ["store_url", "celery_broker_url", "celery_result_url"])
def test_without_a_server_the_error_says_how_to_get_one(address: str) -> None:
    """No server known: one line that names the variable, rather than Celery's own idea of a broker."""
    with pytest.raises(SettingsError, match=r"MARKETSWARM_REDIS_URL is ''; allowed: .*`marketswarm up`"):
        getattr(load(MARKETSWARM_REDIS_URL="", MARKETSWARM_BROKER_URL=""), address)


@pytest.mark.parametrize(
    ("given", "source", "session"),
    [
        ({}, "live", "calendar"),
        ({"MASSIVE_REST_URL": "http://127.0.0.1:8700"}, "sim", "always"),
        ({"MASSIVE_REST_URL": "http://127.0.0.1:8700", "MARKETSWARM_SOURCE": "live"}, "live", "calendar"),
        ({"MARKETSWARM_SOURCE": "sim"}, "sim", "always"),
        ({"MARKETSWARM_SOURCE": "replay"}, "replay", "calendar"),
        ({"MARKETSWARM_SOURCE": "sim", "MARKETSWARM_SESSION": "calendar"}, "sim", "calendar"),
        ({"MARKETSWARM_SESSION": "always"}, "live", "always"),
    ],
)
def test_source_and_session_follow_the_provider(given: dict[str, str], source: str, session: str) -> None:
    """Data from this machine is marked `sim` and always in session; other data is live and follows the calendar."""
    settings = load(**given)
    assert (settings.data_source, settings.session_mode) == (source, session)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "box.example"])
def test_an_open_port_needs_a_token(host: str) -> None:
    """Binding anything but loopback is refused without a token, and possible with one."""
    error = refusal(MARKETSWARM_HTTP_HOST=host)
    assert str(error).startswith(f"MARKETSWARM_HTTP_HOST is '{host}'; allowed: loopback")
    assert load(MARKETSWARM_HTTP_HOST=host, MARKETSWARM_API_TOKEN=SECRET).http_host == host


def test_drift_is_a_share_of_the_window_unless_told() -> None:
    """Without a setting, spot may move by a fifth of the strikes on a side."""
    assert load(MARKETSWARM_STRIKES_EACH_SIDE="40").drift_strikes_allowed() == 8
    assert load(MARKETSWARM_DRIFT_STRIKES="3").drift_strikes_allowed() == 3


def test_an_underlying_is_a_configured_symbol() -> None:
    """A configured symbol is found however it is spelled, and is an index if it is listed as one; others are refused."""
    settings = load(MARKETSWARM_SYMBOLS="SPX,IWM")
    assert settings.underlying("spx") == Underlying("SPX", is_index=True)
    assert settings.underlying("IWM").provider_ticker == "IWM"
    for unknown in ("NDX", "", 5):
        with pytest.raises(UnknownSymbol, match="SPX, IWM"):
            settings.underlying(unknown)  # type: ignore[arg-type]


def test_variables_of_others_are_none_of_our_business() -> None:
    """A variable that is not ours changes nothing."""
    assert os.environ.get("PATH")
    assert load(MARKETSWARM_NO_SUCH_THING="1") == load()
