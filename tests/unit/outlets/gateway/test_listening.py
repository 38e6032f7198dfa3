"""Where the gateway listens."""

import pytest

from marketswarm.errors import SettingsError
from marketswarm.outlets.gateway.listening import listen


def test_a_free_port() -> None:
    """Port 0 takes one, and somebody who connects is not sent away."""
    with listen("127.0.0.1", 0) as listening:
        assert listening.getsockname()[1] > 0


def test_a_taken_port_names_the_variable() -> None:
    """One line with the port, and what moves it."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as refused:
            listen("127.0.0.1", port)
    told = str(refused.value)
    assert told == f"MARKETSWARM_HTTP_PORT is '{port}'; allowed: a free port on 127.0.0.1; this one is in use"


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-name.invalid"])
def test_an_address_that_is_not_ours(host: str) -> None:
    """One line names the variable of the host."""
    with pytest.raises(SettingsError, match="MARKETSWARM_HTTP_HOST is "):
        listen(host, 0)
