"""Who may ask what: names of the gateway, origins, the token, and the cookie that stands for it. Pure.

A page of another site that runs in the user's browser can reach loopback, too. Three rules keep it out: the name in `Host` must
be one of the gateway's (else a name that an attacker points at 127.0.0.1 would do), an `Origin` must be the gateway's own, and
what a browser marks as sent by another site is refused.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

COOKIE: Final = "marketswarm_session"
SESSION_MS: Final = 12 * 3_600_000
CHANGES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# What is the same for everybody, or is how one gets in.
_OPEN_PATHS: Final = frozenset({"/", "/healthz", "/readyz", "/api/v1/session", "/favicon.ico"})
_OPEN_FOLDER: Final = "/static/"
_OWN_SITES: Final = frozenset({"same-origin", "none"})


class Refusal(NamedTuple):
    """Why a request is not served: status, kind, and one line."""

    status: int
    error: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as far as access goes. Header names are lower case.

    Attributes:
        peer: the address that it comes from; empty when unknown.
        now_ms: when it came.
    """

    method: str
    path: str
    peer: str
    headers: Mapping[str, str]
    now_ms: int


@dataclass(frozen=True, slots=True)
class AccessRules:
    """The rules of one gateway.

    Attributes:
        host: where it listens.
        names: further names of this machine, that a gateway which listens beyond loopback is called by.
        token: what others than this machine need; None: they may change nothing.
    """

    host: str
    names: frozenset[str] = frozenset()
    token: str | None = None

    def refusal(self, asked: Asked) -> Refusal | None:
        """Why a request is refused; None when it is not."""
        return self._foreign_host(asked) or self._foreign_origin(asked) or self._without_token(asked)

    def is_token(self, given: str) -> bool:
        """Whether that is the token; takes as long for a wrong one as for the right one."""
        return self.token is not None and _same(given, self.token)

    def session(self, now_ms: int) -> str:
        """A cookie's value that stands for the token until its time is over. The token cannot be found from it."""
        until = str(now_ms + SESSION_MS)
        return f"{until}.{self._signed(until)}"

    def is_session(self, value: str, now_ms: int) -> bool:
        """Whether a cookie's value was given out for this token and is not over."""
        until, _, signature = value.partition(".")
        if self.token is None or not _same(signature, self._signed(until)):
            return False
        return now_ms < int(until)

    # -- inside -------------------------------------------------------------

    def _foreign_host(self, asked: Asked) -> Refusal | None:
        given = asked.headers.get("host", "")
        name = _name_of(given)
        if name and (is_own(name) or name == self.host.lower() or (self._is_wide and self._is_ours(name))):
            return None
        return Refusal(403, "foreign-host", f"Host is {given[:80]!r}; allowed: {self._allowed_names()}")

    def _foreign_origin(self, asked: Asked) -> Refusal | None:
        headers = asked.headers
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            return Refusal(403, "foreign-origin", f"Origin is {origin[:80]!r}; allowed: the gateway's own")
        site = headers.get("sec-fetch-site")
        follows_link = asked.method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if site is None or site in _OWN_SITES or follows_link:
            return None
        return Refusal(403, "foreign-origin", f"Sec-Fetch-Site is {site[:20]!r}; allowed: same-origin")

    def _without_token(self, asked: Asked) -> Refusal | None:
        is_change = asked.method in CHANGES
        if is_own(asked.peer) or _is_open(asked.path) or (self.token is None and not is_change):
            return None
        if self.is_token(_bearer(asked.headers)) or self._has_session(asked):
            return None
        needed = (
            "set MARKETSWARM_API_TOKEN on the gateway; without it nothing is changed from another machine"
            if self.token is None
            else "send MARKETSWARM_API_TOKEN as Authorization: Bearer, or log in by POST /api/v1/session"
        )
        return Refusal(401, "token-needed", needed)

    def _has_session(self, asked: Asked) -> bool:
        return self.is_session(_cookie(asked.headers), asked.now_ms)

    def _signed(self, until: str) -> str:
        key = (self.token or "").encode()
        return hmac.new(key, f"marketswarm session until {until}".encode(), hashlib.sha256).hexdigest()

    @property
    def _is_wide(self) -> bool:
        return not is_own(self.host)

    def _is_ours(self, name: str) -> bool:
        """An address cannot be pointed elsewhere, as a name can: whoever writes it means this machine."""
        return _is_address(name) or name in self.names

    def _allowed_names(self) -> str:
        own = "127.0.0.1, localhost, [::1]"
        return f"{own}, this machine's addresses and name" if self._is_wide else own


def is_own(name: str) -> bool:
    """Whether a host name or an address is this machine's loopback."""
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _is_open(path: str) -> bool:
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDER)


def _name_of(host: str) -> str:
    """The name in a Host header, lower case, without its port; empty when there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if "@" not in host and "/" not in host else ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
