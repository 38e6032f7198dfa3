"""One stream worker that needs two connections, and gives one up to a second worker."""

import json

import pytest

from tests.support.simulator import running_simulator
from tests.support.spine import STREAM, WORKER, Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY", "QQQ")


@pytest.fixture(scope="module")
def vendor():
    """A vendor that allows two connections."""
    with running_simulator(symbols=SYMBOLS, connections=2, seed=7, events_per_second=1000) as made:
        yield made


@pytest.fixture(scope="module")
def running(vendor, tmp_path_factory):
    """One worker with three chains of about 400 contracts, live."""
    settings = {
        "MASSIVE_API_KEY": "pair-key",
        "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS),
        "MARKETSWARM_CONNECTIONS": "2",
        "MARKETSWARM_STRIKES_EACH_SIDE": "100",
    }
    with spine(tmp_path_factory.mktemp("two"), vendor.rest, vendor.ws, **settings) as made:
        made.start("worker", *WORKER)
        made.start("stream", *STREAM)
        made.wait_live(*SYMBOLS)
        yield made


def report(running: Spine, symbol: str) -> dict:
    """What the stream says of a symbol."""
    return {name: json.loads(value) for name, value in running.redis.hgetall(f"stream:{symbol}").items()}


def held(vendor) -> list[set[str]]:
    """What each connection holds on the quotes' channel."""
    return vendor.call(
        lambda: [
            {channel[2:] for channel in link.conversation.held if channel.startswith("Q.")}
            for link in vendor.server._connections
            if not link.is_ending
        ]
    )


def test_more_than_a_thousand_contracts_go_over_two_connections(running: Spine, vendor):
    """Every contract is on one of them, none has more than it may, and nothing is over the budget."""
    contracts = {name for symbol in SYMBOLS for name in running.chain(symbol)}
    assert len(contracts) > 1000

    links = held(vendor)

    assert len(links) == 2
    assert set.union(*links) == contracts
    assert sum(map(len, links)) == len(contracts)
    assert max(map(len, links)) <= 1000
    running.wait_for("the report", lambda: report(running, "SPX")["connections"] == 2)
    assert report(running, "SPX")["over_budget"] == 0


def test_the_loss_of_one_connection_is_a_gap_for_its_chains_alone(running: Spine, vendor):
    """The chain that is wholly on the other connection loses nothing; all are live again."""
    lost = min(held(vendor), key=len)
    hit = [symbol for symbol in SYMBOLS if lost & running.chain(symbol).keys()]
    spared = [symbol for symbol in SYMBOLS if symbol not in hit]
    assert hit
    assert spared

    vendor.call(
        lambda: [
            link.transport.abort()
            for link in list(vendor.server._connections)
            if f"Q.{next(iter(lost))}" in link.conversation.held
        ]
    )
    running.wait_for("a gap", lambda: all(report(running, symbol)["gaps"] == 1 for symbol in hit))
    running.wait_live(*SYMBOLS)

    assert all(report(running, symbol)["gaps"] == 0 for symbol in spared)
    assert report(running, "SPX")["reconnects"] == 1


def test_a_second_worker_gets_one_of_the_two(running: Spine, vendor):
    """Each worker has a connection and its share of the symbols; the vendor never saw one connection too many."""
    running.start("second", *(part.replace("stream@", "second@") for part in STREAM))

    running.wait_for(
        "two writers",
        lambda: len({running.redis.get(f"writer:{symbol}") for symbol in SYMBOLS} - {None}) == 2,
    )
    running.wait_live(*SYMBOLS)

    running.wait_for(
        "one connection each", lambda: {report(running, symbol)["connections"] for symbol in SYMBOLS} == {1}
    )
    assert sorted(len(link) > 0 for link in held(vendor)) == [True, True]
    assert "max_connections" not in running.log("stream") + running.log("second")
