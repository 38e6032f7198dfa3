"""`marketswarm refresh`: checks what it is told before it sends anything; its exit codes."""

import pytest

from marketswarm.cli.refresh import _exit_code
from marketswarm.cli.reloads import Reload
from tests.support.free_ports import free_port


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("TSLA",), "TSLA"),
        (("--expiration", "2020-01-02"), "2020-01-02"),
        (("--expiration", "soon"), "soon"),
        (("--strikes", "0"), "0"),
        (("--strikes", "501"), "501"),
        (("--timeout", "0"), "0"),
    ],
)
def test_wrong_use_is_two(cli, words: tuple[str, ...], named: str) -> None:
    """A symbol that is not configured, a day that has passed, an impossible number: 2, nothing sent, the value named."""
    done = cli("refresh", *words)
    assert done.code == 2
    assert named in done.err


def test_no_server_is_a_failure(cli, environment) -> None:
    """With nobody at the broker's address: exit code 1 and one line without the password."""
    environment.setenv("MARKETSWARM_BROKER_URL", f"redis://:hidden@127.0.0.1:{free_port()}/1")
    done = cli("refresh")
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
    assert "hidden" not in done.err


def test_no_known_server_is_a_failure(cli, environment) -> None:
    """With no server known: exit code 1, and what to do."""
    environment.delenv("MARKETSWARM_REDIS_URL")
    done = cli("refresh")
    assert done.code == 1
    assert "marketswarm up" in done.err


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["loaded", "joined"], 0),
        (["loaded", "failed"], 1),
        (["loaded", "timeout"], 124),
        (["failed", "timeout"], 1),
    ],
)
def test_exit_codes(states: list[str], code: int) -> None:
    """0 when all are loaded or joined, 1 when one failed, 124 when the time ran out."""
    assert _exit_code([Reload("SPX", str(at), state=state) for at, state in enumerate(states)]) == code
