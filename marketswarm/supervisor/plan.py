"""What one run of `up` is to be: settings and options, resolved to ports and addresses before anything starts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from marketswarm.addresses import is_loopback, web_address
from marketswarm.errors import SettingsError
from marketswarm.settings import Settings
from marketswarm.supervisor.replay_plan import REPLAY_KEY, ReplayPlan
from marketswarm.supervisor.simulator_plan import SimulatorPlan

SIMULATOR_KEY: Final = "simulator"


@dataclass(frozen=True, slots=True)
class Plan:
    """One run, resolved.

    Attributes:
        run_id: new for each start; what a load at start-up is known by.
        server: binary and port of the embedded server, None with a server of the user's own.
        simulator: the one that takes the vendor's place, if one does.
        replay: the recording that takes the vendor's place, if one does.
        redis_url: where the data store is; may hold a password.
        key_is_filed: the vendor's key stands in `.env`, where each part reads it anew when it was refused.
    """

    settings: Settings
    run_id: str
    redis_url: str
    server: tuple[Path, int] | None = None
    simulator: SimulatorPlan | None = None
    replay: ReplayPlan | None = None
    with_flower: bool = True
    with_web: bool = True
    key_is_filed: bool = False

    @property
    def rest_url(self) -> str:
        """Where the vendor's REST API is, or its stand-in's."""
        port = self._stand_in_port
        return self.settings.massive_rest_url if port is None else f"http://127.0.0.1:{port}"

    @property
    def ws_url(self) -> str:
        """Where the vendor's WebSocket is, or its stand-in's."""
        port = self._stand_in_port
        return self.settings.massive_ws_url if port is None else f"ws://127.0.0.1:{port}"

    @property
    def source(self) -> str:
        """What the data is marked as. What the simulator makes is never marked as live."""
        return self.settings.data_source if self.simulator is None else "sim"

    def resolved(self) -> dict[str, str]:
        """Variable → value of what every part must know, addresses with their passwords."""
        settings = self.settings
        values = {
            "MARKETSWARM_CONNECTIONS": str(settings.connections),
            # Beyond loopback the token is needed beside it, which only the gateway is given.
            "MARKETSWARM_HTTP_HOST": settings.http_host if is_loopback(settings.http_host) else "127.0.0.1",
            "MARKETSWARM_REDIS_URL": self.redis_url,
            "MARKETSWARM_SOURCE": self.source,
            "MARKETSWARM_SYMBOLS": ",".join(settings.symbols),
            "MARKETSWARM_STATE_DIR": str(settings.state_dir.absolute()),
            "MASSIVE_REST_URL": self.rest_url,
            "MASSIVE_WS_URL": self.ws_url,
        }
        if self.replay is not None:
            values = {**self.replay.settings, **values}
        if self.simulator is not None:
            # The vendor's delayed host; the program moves there by itself when its key is one of delayed data.
            values |= {**self.simulator.settings, "MASSIVE_WS_DELAYED_URL": f"{self.ws_url}/delayed"}
        if self.with_web:
            values["MARKETSWARM_HTTP_PORT"] = str(settings.http_port)
        if settings.broker_url is not None:
            values["MARKETSWARM_BROKER_URL"] = settings.broker_url.get_secret_value()
        return values

    def announced(self) -> dict[str, str]:
        """What other programs of this user may know: all that is resolved, except what holds a password."""
        values = {name: value for name, value in self.resolved().items() if _is_public(value)}
        if self._stand_in_port is not None:
            values |= self.vendor_key()
        return values

    def web_access(self) -> dict[str, str]:
        """Variable → value of what only the gateway is given: the address on which it listens, and its token."""
        token = self.settings.api_token
        secret = {} if token is None else {"MARKETSWARM_API_TOKEN": token.get_secret_value()}
        return {"MARKETSWARM_HTTP_HOST": self.settings.http_host, **secret}

    def vendor_key(self) -> dict[str, str]:
        """Variable → value of what only those are given that talk to the vendor, or to its stand-in."""
        if self.simulator is not None:
            return {"MASSIVE_API_KEY": SIMULATOR_KEY}
        if self.replay is not None:
            return {"MASSIVE_API_KEY": REPLAY_KEY}
        key = self.settings.massive_api_key
        if key is None or self.key_is_filed:
            return {}
        return {"MASSIVE_API_KEY": key.get_secret_value()}

    @property
    def web_address(self) -> str:
        """Where a browser of this machine finds the page."""
        return web_address(self.settings.http_host, self.settings.http_port)

    @property
    def _stand_in_port(self) -> int | None:
        stand_in = self.simulator or self.replay
        return None if stand_in is None else stand_in.port


def _is_public(value: str) -> bool:
    parts = urlsplit(value)
    return parts.password is None and not (parts.scheme and parts.query)


def choose_simulator(settings: Settings, sim: bool, live: bool) -> bool:
    """Whether the run is simulated: as told, else when there is no key.

    Raises:
        SettingsError: live without a key.
    """
    if live and settings.massive_api_key is None:
        raise SettingsError(
            "MASSIVE_API_KEY", "", "your key of the vendor, which --live needs; --sim runs without one"
        )
    return sim or settings.massive_api_key is None
