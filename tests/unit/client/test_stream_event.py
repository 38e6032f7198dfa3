"""What comes, typed by its stream."""

import pytest

from marketswarm.client.spot import Tick
from marketswarm.client.stream_event import (
    STREAMS,
    Heartbeat,
    Loaded,
    Reset,
    Untyped,
    read_document,
    read_value,
)
from marketswarm.model.event import Event
from marketswarm.model.message import Message
from marketswarm.outlets.follow import Batch
from tests.support.gateway_documents import (
    batch_document,
    event_document,
    loaded_document,
    message_document,
    tick_document,
)

DOCUMENTS = {
    "sse:timeseries": (tick_document(), Tick),
    "sse:chain-feed": (batch_document(removed=["O:X"]), Batch),
    "sse:chain-full": (loaded_document(), Loaded),
    "vigil:events": (event_document(), Event),
    "vexy:messages": (message_document(), Message),
    "reset": ({"reason": "trimmed", "streams": ["vigil:events"]}, Reset),
    "heartbeat": ({"ts": 5}, Heartbeat),
}


@pytest.mark.parametrize("stream", DOCUMENTS)
def test_every_stream_has_its_type(stream):
    """The document of a stream becomes a value of its own."""
    document, kind = DOCUMENTS[stream]
    assert type(read_value(stream, document)) is kind


def test_every_stream_is_known():
    """All that the gateway gives can be read."""
    assert set(STREAMS) < set(DOCUMENTS)


@pytest.mark.parametrize(
    ("stream", "document"),
    [("vigil:events", event_document() | {"type": "rumour"}), ("sse:new", {"x": 1}), ("sse:timeseries", {})],
)
def test_what_is_not_known_is_given_as_it_is(stream, document):
    """An event of a newer gateway does not end the stream."""
    value = read_value(stream, document)
    assert isinstance(value, Untyped)
    assert value.document == document
    assert "\n" not in value.why


@pytest.mark.parametrize("text", ["", "[]", "5", "{"])
def test_data_is_an_object(text):
    """Anything else is no answer of the gateway."""
    with pytest.raises(ValueError):
        read_document(text)
