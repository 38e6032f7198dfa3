"""One look at what is stored."""

import pytest

from marketswarm.cli.swarm_reading import open_swarm, read_swarm, read_symbol
from marketswarm.errors import NothingRuns
from tests.support.builders import SPX, ladder
from tests.support.free_ports import free_port


def test_everything_that_is_stored(environment, redis, live_chain) -> None:
    """The chain in force, the last tick, the stream's report, and the heartbeat."""
    live_chain(ladder())
    reading = read_swarm(open_swarm())
    assert reading.error is None
    assert reading.symbols["SPX"].meta.chain == SPX
    assert reading.symbols["SPX"].spot["spot"] == "6801.5"
    assert reading.symbols["SPX"].report["gaps"] == 1
    assert reading.heartbeat["published"] == "1"


def test_nothing_stored_is_empty(environment, redis) -> None:
    """A symbol of which nothing is stored has an empty reading."""
    seen = read_symbol(open_swarm(), "SPX")
    assert (seen.meta, seen.spot, seen.report) == (None, {}, {})


def test_a_store_that_is_away_is_told(environment) -> None:
    """A store that does not answer is in the reading, not raised."""
    environment.setenv("MARKETSWARM_REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    reading = read_swarm(open_swarm())
    assert "not reachable" in reading.error
    assert reading.symbols == {}


def test_no_server_is_known(environment) -> None:
    """A command that needs a store says what brings one."""
    environment.delenv("MARKETSWARM_REDIS_URL")
    with pytest.raises(NothingRuns, match="nothing runs; start it with `make up`"):
        open_swarm()
