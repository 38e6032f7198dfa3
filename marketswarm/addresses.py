"""Addresses: which ones may be used, how they are shown without their password, and how Celery spells them."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from pydantic import AfterValidator, SecretStr

_REDIS_SCHEMES = ("redis", "rediss", "unix")
_QUERY_SECRET = re.compile(r"(?i)([?&](?:password|apikey|token)=)[^&#]*")


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address stays on this machine."""
    if host in (None, "", "localhost"):
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


def reached_at(host: str) -> str:
    """Where this machine reaches what listens there: on loopback what listens on all addresses."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "::1"
    return str(address)


def web_address(host: str, port: int) -> str:
    """Where a browser of this machine finds what listens there."""
    name = reached_at(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def masked_url(url: str) -> str:
    """An address without its password, even if it is no proper address."""
    scheme, separator, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    shown = f"{user}:********@{place}" if at and colon else rest
    return _QUERY_SECRET.sub(r"\1********", f"{scheme}{separator}{shown}")


def celery_address(url: str, steps: int = 0) -> str:
    """The database that many steps behind the one at a Redis address, as Celery spells it. Keeps the password."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        database = int(dict(parse_qsl(parts.query)).get("db", 0)) + steps
        return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"
    return urlunsplit(parts._replace(path=f"/{int(parts.path.strip('/') or 0) + steps}"))


def _web_address(schemes: tuple[str, str]) -> AfterValidator:
    safe, plain = schemes

    def check(url: str) -> str:
        parts = _split_address(url)
        if parts is None or parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"{safe}://host, or {plain}://127.0.0.1:port")
        if parts.scheme == plain and not is_loopback(parts.hostname):
            raise ValueError(f"{safe}://…; {plain}:// only for loopback, the key would travel unencrypted")
        if parts.username or parts.password or parts.query:
            raise ValueError(f"{safe}://host without credentials or query")
        return url.rstrip("/")

    return AfterValidator(check)


def _redis_address(secret: SecretStr) -> SecretStr:
    parts = _split_address(secret.get_secret_value())
    if parts is None or parts.scheme not in _REDIS_SCHEMES or not _leads_somewhere(parts):
        raise ValueError("redis://host:port/db, rediss://… or unix:///path")
    return secret


def _leads_somewhere(parts: SplitResult) -> bool:
    if parts.scheme == "unix":
        database = dict(parse_qsl(parts.query)).get("db", "0")
        return bool(parts.path.strip("/")) and _is_number(database)
    return bool(parts.hostname) and _is_number(parts.path.strip("/") or "0")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _split_address(url: str) -> SplitResult | None:
    """The parts of an address; None when it has none, or an impossible port."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


RestAddress = Annotated[str, _web_address(("https", "http"))]
SocketAddress = Annotated[str, _web_address(("wss", "ws"))]
RedisAddress = Annotated[SecretStr, AfterValidator(_redis_address)]
