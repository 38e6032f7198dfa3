"""Clients that come back: nothing is missing, nothing comes twice, and what is lost is said to be lost."""

import pytest

from marketswarm import keys
from tests.support.event_streams import STREAMS, Listener, Writer, numbers, served_stream


@pytest.fixture
def served(redis, valkey_url):
    """The event stream on an empty store."""
    with served_stream(valkey_url) as served:
        yield served


def test_what_was_missed_is_told(redis, served):
    """A client that was away for 3,000 entries is told all of them, each once, those of a stream in order."""
    writer = Writer(redis)
    with Listener(served.port).joined() as client:
        last_id = client.parser.last_id
    for stream in STREAMS:
        writer.write_many(stream, 600)
    with Listener(served.port, last_id=last_id) as client:
        client.until(lambda heard: len(client.entries()) >= 3_000)
        writer.write(keys.TIMESERIES)
        client.until(lambda heard: len(client.entries()) >= 3_001)
    for stream in STREAMS:
        more = stream == keys.TIMESERIES
        assert numbers(client.entries(stream)) == list(range(1, 601 + more))
    assert not [one for one in client.heard if one.event == "reset"]
