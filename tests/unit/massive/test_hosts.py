"""Which host a connection goes to."""

import pytest

from marketswarm.massive.hosts import Hosts, delayed_base, is_delayed_base


@pytest.mark.parametrize(
    ("base", "delayed"),
    [
        ("wss://socket.massive.com", "wss://delayed.massive.com"),
        ("wss://business.massive.com", "wss://delayed-business.massive.com"),
        ("wss://socket.polygon.io", "wss://delayed.polygon.io"),
        ("wss://delayed.massive.com", None),
        ("wss://socket.massive.com.example", None),
        ("ws://127.0.0.1:8701", None),
        ("wss://proxy.example/socket.massive.com", None),
    ],
)
def test_only_the_vendors_own_hosts_have_a_second_one(base: str, delayed: str | None) -> None:
    """A base of somebody else is left alone."""
    assert delayed_base(base) == delayed


def test_a_named_host_goes_before() -> None:
    """A setting names one for any base."""
    assert Hosts.of("ws://127.0.0.1:1", "ws://127.0.0.1:2").delayed == "ws://127.0.0.1:2"
    assert Hosts.of("wss://socket.massive.com", "wss://other").delayed == "wss://other"


def test_a_delayed_base_says_so_from_the_start() -> None:
    """There is nothing to fall back to, and what comes is delayed."""
    assert is_delayed_base("wss://delayed.massive.com")
    assert Hosts.of("wss://delayed.massive.com", None) == Hosts("wss://delayed.massive.com", None, True)
    assert Hosts.of("ws://here:1", "ws://here:1") == Hosts("ws://here:1", None, True)


def test_falling_back_and_going_back() -> None:
    """The delayed host is the base from then on, and there is no third one; only a better plan leads back."""
    hosts = Hosts.of("wss://socket.massive.com", None)
    hosts.fall_back()
    assert (hosts.base, hosts.delayed, hosts.is_delayed) == ("wss://delayed.massive.com", None, True)
    hosts.go_back()
    assert hosts == Hosts.of("wss://socket.massive.com", None)


def test_who_never_fell_back_goes_nowhere() -> None:
    """A delayed host that a setting names as the base is kept."""
    hosts = Hosts.of("wss://delayed.massive.com", None)
    hosts.go_back()
    assert hosts == Hosts("wss://delayed.massive.com", None, True)
