"""Two stream workers with a connection each, and windows that together fit on both, but not on the one that has two symbols."""

import pytest

from tests.support.simulator import running_simulator
from tests.support.spine import STREAM, WORKER, Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY", "QQQ")
ASKED = 160


@pytest.fixture(scope="module")
def vendor():
    """A vendor that allows two connections of a thousand contracts each."""
    with running_simulator(symbols=SYMBOLS, connections=2, seed=7, events_per_second=1000) as made:
        yield made


@pytest.fixture(scope="module")
def running(vendor, tmp_path_factory):
    """Two stream workers that have their connections before anything is loaded; about 640 contracts a symbol are asked for."""
    settings = {
        "MASSIVE_API_KEY": "pair-key",
        "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS),
        "MARKETSWARM_CONNECTIONS": "2",
        "MARKETSWARM_STRIKES_EACH_SIDE": str(ASKED),
    }
    with spine(tmp_path_factory.mktemp("limit"), vendor.rest, vendor.ws, **settings) as made:
        made.start("stream", *STREAM)
        made.start("second", *(part.replace("stream@", "second@") for part in STREAM))
        made.wait_for("two workers", lambda: None not in made.redis.mget("connection:1", "connection:2"))
        made.start("worker", *WORKER)
        made.wait_live(*SYMBOLS)
        yield made


def held(vendor) -> list[set[str]]:
    """What each connection holds on the quotes' channel."""
    return vendor.call(
        lambda: [
            {channel[2:] for channel in link.conversation.held if channel.startswith("Q.")}
            for link in vendor.server._connections
            if not link.is_ending
        ]
    )


def test_every_chain_is_live_and_every_contract_streams(running: Spine, vendor):
    """The symbols are spread over the two, neither connection has more than it may, and no contract is left out."""
    contracts = {name for symbol in SYMBOLS for name in running.chain(symbol)}

    links = held(vendor)

    assert len({running.redis.get(f"writer:{symbol}") for symbol in SYMBOLS}) == 2
    assert len(links) == 2
    assert set.union(*links) == contracts
    assert max(map(len, links)) <= 1000
    assert "max_connections" not in running.log("stream") + running.log("second")


def test_all_windows_shrink_alike_and_say_so(running: Spine):
    """No chain has more strikes than another, whoever writes it, and the load's log tells of each."""
    metas = [running.meta(symbol) for symbol in SYMBOLS]

    assert len({meta["strikes_each_side"] for meta in metas}) == 1
    assert 5 < int(metas[0]["strikes_each_side"]) < ASKED
    assert {meta["strikes_asked"] for meta in metas} == {str(ASKED)}
    assert running.log("worker").count("window shrunk") >= len(SYMBOLS)
