"""The settings: one frozen model, read once from environment, `.env` and a running `up`, in that order.

A wrong value raises `SettingsError`, one line that names the variable, the value and what is allowed. Secrets are
`SecretStr` and addresses with passwords are masked wherever they are shown.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketswarm.addresses import (
    RedisAddress,
    RestAddress,
    SocketAddress,
    celery_address,
    is_loopback,
    masked_url,
)
from marketswarm.bounds import is_about_a_number, range_of
from marketswarm.errors import SettingsError, UnknownSymbol
from marketswarm.model.chain import Source
from marketswarm.model.ticker import Underlying
from marketswarm.setting_texts import PointsBySymbol, ReplayClock, SymbolOrder, SymbolSet

__all__ = ["Origin", "SessionMode", "Settings", "is_loopback", "masked", "masked_url", "settings_origin"]

SessionMode = Literal["calendar", "always"]

Origin = Literal["environment", ".env", "running up", "default"]

Port = Annotated[int, Field(ge=1, le=65535)]


def _default_state_dir() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "marketswarm"


class Settings(BaseSettings):
    """Every setting. The description of a field is its entry in docs/settings.md."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        populate_by_name=False,
        validate_default=False,
        hide_input_in_errors=True,
    )

    massive_api_key: SecretStr | None = Field(
        None,
        alias="MASSIVE_API_KEY",
        description="the vendor's key. Set: live. Unset: `up` runs on the built-in simulator",
    )
    massive_rest_url: RestAddress = Field(
        "https://api.massive.com",
        alias="MASSIVE_REST_URL",
        description="REST base; plain http for loopback only",
    )
    massive_ws_url: SocketAddress = Field(
        "wss://socket.massive.com",
        alias="MASSIVE_WS_URL",
        description="WebSocket base; the cluster (`/options`, …) is appended",
    )
    massive_ws_delayed_url: SocketAddress | None = Field(
        None,
        alias="MASSIVE_WS_DELAYED_URL",
        description="WebSocket base for a key that stays without any answer at MASSIVE_WS_URL. Unset: the vendor's delayed host, "
        "beside the vendor's own hosts only",
    )
    source: Source | None = Field(
        None,
        alias="MARKETSWARM_SOURCE",
        description="what the data is marked as: live, sim or replay. Unset: `sim` when MASSIVE_REST_URL is loopback",
    )
    redis_url: RedisAddress | None = Field(
        None,
        alias="MARKETSWARM_REDIS_URL",
        description="the data store. Unset: the embedded server that `up` starts on loopback",
    )
    broker_url: RedisAddress | None = Field(
        None,
        alias="MARKETSWARM_BROKER_URL",
        description="Celery's broker. Unset: the data store's server, db 1; results are kept on the same server, db 2",
    )
    symbols: SymbolOrder = Field(
        ("SPX", "SPY", "QQQ", "NDX"),
        alias="MARKETSWARM_SYMBOLS",
        description="comma separated; any optionable underlying of the vendor",
    )
    indices: SymbolSet = Field(
        frozenset({"SPX", "NDX", "XSP", "RUT", "VIX", "DJX", "OEX"}),
        alias="MARKETSWARM_INDICES",
        description="which symbols are indices (the vendor's `I:` prefix)",
    )
    strikes_each_side: int = Field(
        50,
        alias="MARKETSWARM_STRIKES_EACH_SIDE",
        ge=1,
        le=500,
        description="N of ±N strikes around spot; all chains shrink alike where the connections have no room for it",
    )
    expirations: int = Field(
        1,
        alias="MARKETSWARM_EXPIRATIONS",
        ge=1,
        le=12,
        description="how many of the next expirations to hold per symbol",
    )
    session: SessionMode | None = Field(
        None,
        alias="MARKETSWARM_SESSION",
        description="`calendar`: the exchange calendar says when the market is open; `always`: it is. "
        "Unset: `calendar` live, `always` on the simulator",
    )
    flush_ms: int = Field(
        50,
        alias="MARKETSWARM_FLUSH_MS",
        ge=0,
        le=5_000,
        description="conflation window of the stream in ms; 0 applies each frame as it comes",
    )
    poll_s: int = Field(
        5,
        alias="MARKETSWARM_POLL_S",
        ge=5,
        le=300,
        description="seconds between two snapshots of a chain whose quotes the plan does not stream, in steps of five",
    )
    connections: int = Field(
        1,
        alias="MARKETSWARM_CONNECTIONS",
        ge=1,
        le=16,
        description="how many WebSocket connections the account allows per cluster",
    )
    drift_strikes: float | None = Field(
        None,
        alias="MARKETSWARM_DRIFT_STRIKES",
        gt=0,
        allow_inf_nan=False,
        description="how many strikes spot may move from the window's centre before strikes are loaded. Unset: 0.2 × N in force",
    )
    drift_points: PointsBySymbol = Field(
        default_factory=dict,
        alias="MARKETSWARM_DRIFT_POINTS",
        description="per symbol, in points, overrides the strikes: `SPX=20,NDX=80`",
    )
    vigil_thresholds: Path | None = Field(
        None,
        alias="MARKETSWARM_VIGIL_THRESHOLDS",
        description="a TOML file with a table for each of Vigil's detectors, read at start; what it leaves out keeps its default",
    )
    http_host: str = Field(
        "127.0.0.1", alias="MARKETSWARM_HTTP_HOST", description="where gateway and page listen"
    )
    http_port: Port = Field(8787, alias="MARKETSWARM_HTTP_PORT", description="port of gateway and page")
    flower_port: Port = Field(
        5555, alias="MARKETSWARM_FLOWER_PORT", description="port of Flower, on loopback"
    )
    flower_password: SecretStr | None = Field(
        None,
        alias="MARKETSWARM_FLOWER_PASSWORD",
        description="password of Flower's user `marketswarm`. Unset: made once and kept in the state directory",
    )
    api_token: SecretStr | None = Field(
        None,
        alias="MARKETSWARM_API_TOKEN",
        description="needed for actions from other hosts; binding anything but loopback without it is refused",
    )
    state_dir: Path = Field(
        default_factory=_default_state_dir,
        alias="MARKETSWARM_STATE_DIR",
        description="where a running `up` keeps its lock, its addresses and Flower's history",
    )
    replay_clock: ReplayClock = Field(
        None,
        alias="MARKETSWARM_REPLAY_CLOCK",
        description="set by `up` for its parts, on a recording or a simulated time: START,SINCE,SPEED, a clock that showed START ms when the machine's "
        "showed SINCE ms, and runs SPEED times as fast",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", alias="MARKETSWARM_LOG_LEVEL", description="what is logged: DEBUG, INFO, WARNING or ERROR"
    )

    @field_validator("api_token")
    @classmethod
    def _token_is_not_empty(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("at least 16 characters")
        return value

    @field_validator("http_host")
    @classmethod
    def _host_is_a_name(cls, value: str) -> str:
        if not value or any(character.isspace() or character == "/" for character in value):
            raise ValueError("a host name or address such as 127.0.0.1")
        return value

    @field_validator("state_dir", "vigil_thresholds")
    @classmethod
    def _expand_home(cls, value: Path | None) -> Path | None:
        return value and value.expanduser()

    @classmethod
    def load(cls, announced: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Args:
            announced: what a running `up` announced, variable → value; used where nothing else is set.
            given: what a command line gave, variable → value; goes before everything else.

        Raises:
            SettingsError: for the first variable with a value that cannot be used.
        """
        unset: dict[str, Any] = {
            name: value
            for name, value in (announced or {}).items()
            if _origin(name) is None and name not in (given or {})
        }
        try:
            settings = cls(**unset | dict(given or {}))
        except ValidationError as error:
            raise _first_problem(error) from None
        settings.check_together()
        return settings

    def check_together(self) -> None:
        """Check what only the settings together can show.

        Raises:
            SettingsError: when two of them contradict each other.
        """
        if not is_loopback(self.http_host) and self.api_token is None:
            raise SettingsError(
                "MARKETSWARM_HTTP_HOST",
                self.http_host,
                "loopback, or any address with MARKETSWARM_API_TOKEN set",
            )

    @property
    def data_source(self) -> Source:
        """What the data is marked as."""
        if self.source is not None:
            return self.source
        return "sim" if is_loopback(urlsplit(self.massive_rest_url).hostname) else "live"

    @property
    def session_mode(self) -> SessionMode:
        """Whether the calendar says when the market is open, or it always is."""
        if self.session is not None:
            return self.session
        return "always" if self.data_source == "sim" else "calendar"

    @property
    def store_url(self) -> SecretStr:
        """The data store.

        Raises:
            SettingsError: when none is known.
        """
        if self.redis_url is None:
            allowed = "the address of a Redis or Valkey; or start `marketswarm up`, which brings one"
            raise SettingsError("MARKETSWARM_REDIS_URL", "", allowed)
        return self.redis_url

    @property
    def celery_broker_url(self) -> str:
        """Where Celery's messages go, in Celery's words; holds the password, if there is one.

        Raises:
            SettingsError: when neither broker nor data store is known. Celery itself would turn to RabbitMQ.
        """
        if self.broker_url is not None:
            return _celery_address(self.broker_url, 0)
        return _celery_address(self.store_url, 1)

    @property
    def celery_result_url(self) -> str:
        """Where Celery's results go: the second database behind the data's, or the one behind a broker of its own.

        Raises:
            SettingsError: when neither broker nor data store is known.
        """
        if self.broker_url is not None:
            return _celery_address(self.broker_url, 1)
        return _celery_address(self.store_url, 2)

    def underlying(self, symbol: str) -> Underlying:
        """The configured underlying of that symbol.

        Raises:
            UnknownSymbol: when it is not configured.
        """
        name = symbol.upper() if isinstance(symbol, str) else symbol
        if name not in self.symbols:
            raise UnknownSymbol("symbol", symbol, ", ".join(self.symbols))
        return Underlying(name, name in self.indices)

    def drift_strikes_allowed(self, each_side: int | None = None) -> float:
        """How many strikes spot may move from the centre of a window of so many strikes each side; of the settings' unless given."""
        if self.drift_strikes is not None:
            return self.drift_strikes
        return 0.2 * (self.strikes_each_side if each_side is None else each_side)


def settings_origin(announced: Mapping[str, str] | None = None) -> dict[str, Origin]:
    """Variable → where its value comes from."""
    names = [str(field.alias) for field in Settings.model_fields.values()]
    return {
        name: _origin(name) or ("running up" if name in (announced or {}) else "default") for name in names
    }


def _origin(variable: str) -> Literal["environment", ".env"] | None:
    if os.environ.get(variable):
        return "environment"
    return ".env" if dotenv_values(".env").get(variable) else None


def masked(value: Any) -> str:
    """A setting's value as it may be shown: secrets as stars, passwords of addresses as stars."""
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        return masked_url(text) if "://" in text else "********"
    if isinstance(value, (tuple, frozenset, list)):
        return ",".join(map(str, sorted(value) if isinstance(value, frozenset) else value))
    if isinstance(value, Mapping):
        return ",".join(f"{name}={number:g}" for name, number in value.items())
    return "" if value is None else str(value)


def _celery_address(secret: SecretStr, steps: int) -> str:
    return celery_address(secret.get_secret_value(), steps)


def _first_problem(error: ValidationError) -> SettingsError:
    problem = error.errors(include_url=False)[0]
    variable = str(problem["loc"][0])
    field = next(field for field in Settings.model_fields.values() if field.alias == variable)
    raw = problem.get("input", "")
    if "SecretStr" in repr(field.annotation):
        raw = masked(raw if isinstance(raw, SecretStr) else SecretStr(str(raw)))
    shown = masked_url(raw) if isinstance(raw, str) else json.dumps(raw, default=str)
    return SettingsError(variable, shown, _allowed(problem, field))


def _allowed(problem: Mapping[str, Any], field: FieldInfo) -> str:
    if is_about_a_number(problem["type"]) and (words := range_of(field.annotation, field)):
        return words
    choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
    text = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return ", ".join(choices) if choices else text
