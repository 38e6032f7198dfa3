"""The event stream with a real store, a real server and bare sockets: what is told, to whom, and in what form."""

import pytest

from marketswarm import keys
from tests.support.event_streams import STREAMS, Listener, Writer, served_stream


@pytest.fixture
def served(redis, valkey_url):
    """The event stream on an empty store."""
    with served_stream(valkey_url) as served:
        yield served


def test_what_is_written_is_told(redis, served):
    """An entry of any stream becomes one event with the stream's name, its id and its fields."""
    writer = Writer(redis)
    with Listener(served.port).joined() as client:
        for stream in STREAMS:
            writer.write(stream)
        client.until(lambda heard: len(heard) >= 5)
        told = {one.event: one.data for one in client.entries()}
    assert set(told) == set(STREAMS)
    assert told[keys.TIMESERIES] == {
        "id": writer.written[keys.TIMESERIES][0],
        "ts": 10_000,
        "symbol": "SPX",
        "spot": 6801.5,
        "source": "sim",
        "seq": 1,
    }
    assert told[keys.CHAIN_FEED]["updates"] == {"O:X": {"quote": {"bid": 1.5}}}
    assert told[keys.CHAIN_FULL]["key"] == "chain:SPX:2026-11-23"
    assert told[keys.VIGIL_EVENTS] == {"number": 1, "symbol": "SPX"}
    assert told[keys.VEXY_MESSAGES] == {"number": 1, "symbols": ["SPX"]}
