"""Where the gateway is: as it was told, or as a running `up` and the settings say."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from marketswarm.addresses import is_loopback, masked_url, web_address
from marketswarm.announcement import read_announcement
from marketswarm.errors import BadArgument
from marketswarm.settings import Settings

_ALLOWED: Final = "http://host:port or https://host, without credentials, query and fragment"


@dataclass(frozen=True, slots=True)
class Place:
    """The gateway's base address and what opens it.

    Attributes:
        url: scheme, host and port, without a slash at the end.
    """

    url: str
    token: str | None = field(default=None, repr=False)

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(urlsplit(self.url).hostname)


def find_place(url: str | None = None, token: str | None = None) -> Place:
    """The gateway at that address; without one, that of a running `up`, or where the settings say that it listens.

    The token of the settings is sent to the gateway of the settings only, never to an address that was given.

    Raises:
        BadArgument: for an address or a token that cannot be used.
        SettingsError: for a wrong setting.
    """
    if token is not None and not _is_sendable(token):
        raise BadArgument("token", "********", "visible ASCII characters, at least one")
    if url is not None:
        return Place(_checked(url), token)
    settings = _settings()
    known = settings.api_token.get_secret_value() if settings.api_token else None
    return Place(web_address(settings.http_host, settings.http_port), known if token is None else token)


def _settings() -> Settings:
    settings = Settings.load()
    announced = read_announcement(settings.state_dir)
    return Settings.load(announced) if announced else settings


def _checked(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadArgument("url", masked_url(str(url)), _ALLOWED)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadArgument("url", masked_url(url).partition("?")[0], _ALLOWED)
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except (ValueError, AttributeError):
        return None
    return parts


def _is_sendable(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token
