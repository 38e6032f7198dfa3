"""Who may ask what: hosts, origins, the token, and the cookie that stands for it."""

import pytest

from marketswarm.outlets.gateway.access import (
    COOKIE,
    SESSION_MS,
    AccessRules,
    Asked,
    is_own,
)

NOW = 1_795_446_000_000
TOKEN = "a-token-of-sixteen-letters"
HERE, THERE = "127.0.0.1", "203.0.113.9"
CLOSED = AccessRules("127.0.0.1")
NARROW = AccessRules("127.0.0.1", token=TOKEN)
WIDE = AccessRules("0.0.0.0", frozenset({"desk.example"}), TOKEN)


def asked(
    method: str = "GET", path: str = "/api/v1/status", peer: str = HERE, *, now: int = NOW, **headers: str
) -> Asked:
    """A request; headers by their names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asked(method, path, peer, {"host": "127.0.0.1:8787", **named}, now)


def refused(rules: AccessRules, request: Asked) -> tuple[int, str] | None:
    """Status and kind, or None when it is served."""
    found = rules.refusal(request)
    return found and (found.status, found.error)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8787", "localhost:9000", "LOCALHOST", "[::1]:8787", "127.8.9.1"]
)
def test_loopback_by_any_of_its_names(host: str) -> None:
    """Whatever port a tunnel gives it, loopback is loopback."""
    assert refused(CLOSED, asked(host=host)) is None


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "evil.example:8787", "localhost.evil.example", "127.0.0.1.nip.example"),
        *("192.168.1.5:8787", "desk.example", "me@127.0.0.1", "127.0.0.1/x", "[::1", "[zz]", "0.0.0.0"),
    ],
)
def test_a_foreign_host(host: str) -> None:
    """On loopback every other name is refused, whoever has pointed it here."""
    assert refused(CLOSED, asked(host=host)) == (403, "foreign-host")


@pytest.mark.parametrize(
    ("host", "served"),
    [
        *[("192.168.1.5:8787", True), ("[fe80::1]:8787", True), ("desk.example", True), ("localhost", True)],
        *[("evil.example", False), ("", False)],
    ],
)
def test_hosts_beyond_loopback(host: str, served: bool) -> None:
    """There addresses and this machine's own name will do, and no other name."""
    found = refused(WIDE, asked(host=host))
    assert found is None if served else found == (403, "foreign-host")


def test_the_configured_name_is_one() -> None:
    """A gateway that was told to listen on a name is called by it."""
    rules = AccessRules("Desk.Local", token=TOKEN)
    assert refused(rules, asked(host="desk.local:8787")) is None


@pytest.mark.parametrize(
    ("headers", "served"),
    [
        ({"origin": "http://127.0.0.1:8787"}, True),
        ({"origin": "http://127.0.0.1:3000"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}, False),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}, True),
    ],
)
def test_origins(headers: dict[str, str], served: bool) -> None:
    """What a page of another origin sends is refused, be it another port; a link that is followed is not."""
    found = refused(CLOSED, asked(**headers))
    assert found is None if served else found == (403, "foreign-origin")


def test_a_form_of_another_site_is_no_link() -> None:
    """A change is refused even when the browser goes there with it."""
    request = asked("POST", sec_fetch_site="cross-site", sec_fetch_mode="navigate")
    assert refused(CLOSED, request) == (403, "foreign-origin")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("rules", [CLOSED, NARROW, WIDE])
def test_this_machine_needs_no_token(rules: AccessRules, method: str) -> None:
    """Whoever is on loopback may read and change."""
    for peer in (HERE, "::1", "::ffff:127.0.0.1"):
        assert refused(rules, asked(method, peer=peer)) is None


@pytest.mark.parametrize("peer", [THERE, "10.0.0.8", "fe80::1", "::ffff:10.0.0.8", ""])
def test_another_machine_needs_the_token(peer: str) -> None:
    """Also to read; without a token set it may read, and change nothing."""
    for method in ("GET", "POST"):
        assert refused(WIDE, asked(method, peer=peer)) == (401, "token-needed")
    assert refused(CLOSED, asked(peer=peer)) is None
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert refused(CLOSED, asked(method, peer=peer)) == (401, "token-needed")


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/static/js/main.js", "/api/v1/session"])
def test_what_is_open(path: str) -> None:
    """The page's files, health, and the way in."""
    assert refused(WIDE, asked(path=path, peer=THERE)) is None
    assert refused(WIDE, asked(path=f"{path.rstrip('/')}x", peer=THERE)) in (
        (401, "token-needed"),
        None if path.startswith("/static/") else (401, "token-needed"),
    )


@pytest.mark.parametrize(
    ("sent", "served"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer  {TOKEN} ", True),
        (f"Basic {TOKEN}", False),
        (TOKEN, False),
        (f"Bearer {TOKEN}x", False),
        (f"Bearer {TOKEN[:-1]}", False),
        ("Bearer ", False),
        ("Bearer é", False),
    ],
)
def test_the_token_as_a_header(sent: str, served: bool) -> None:
    """It is the whole token, as a bearer's."""
    found = refused(WIDE, asked("POST", peer=THERE, authorization=sent))
    assert found is None if served else found == (401, "token-needed")


def test_no_token_is_no_empty_token() -> None:
    """Where none is set, nothing that is sent is it."""
    assert not CLOSED.is_token("")
    assert not CLOSED.is_session(CLOSED.session(NOW), NOW)
    assert refused(CLOSED, asked("POST", peer=THERE, authorization="Bearer ")) == (401, "token-needed")


def test_the_cookie_stands_for_the_token() -> None:
    """Until its time is over; the token is not in it."""
    value = WIDE.session(NOW)
    cookie = f"other=1; {COOKIE}={value}"
    assert TOKEN not in value
    assert refused(WIDE, asked("POST", peer=THERE, cookie=cookie)) is None
    assert refused(WIDE, asked(peer=THERE, cookie=cookie, now=NOW + SESSION_MS - 1)) is None
    assert refused(WIDE, asked(peer=THERE, cookie=cookie, now=NOW + SESSION_MS)) == (401, "token-needed")


@pytest.mark.parametrize("value", ["", ".", "x", "99999999999999.", "99999999999999.00", '"', "=;=", "é.é"])
def test_a_cookie_that_was_made_up(value: str) -> None:
    """What was not given out for this token opens nothing, and breaks nothing."""
    assert refused(WIDE, asked(peer=THERE, cookie=f"{COOKIE}={value}")) == (401, "token-needed")
    assert not WIDE.is_session(AccessRules("0.0.0.0", token=f"{TOKEN}x").session(NOW), NOW)


def test_a_cookie_cannot_be_prolonged() -> None:
    """Its time is signed."""
    until, _, signature = WIDE.session(NOW).partition(".")
    assert not WIDE.is_session(f"{int(until) + 1}.{signature}", NOW)


@pytest.mark.parametrize(
    ("name", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("", False), ("10.0.0.1", False), ("x", False)],
)
def test_what_loopback_is(name: str, own: bool) -> None:
    """Addresses of this machine that no other can reach, and their one name."""
    assert is_own(name) is own
