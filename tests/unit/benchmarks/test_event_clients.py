"""What the many clients of the gateway's measure count."""

import socket

import pytest

from benchmarks.children.event_clients import Clients
from marketswarm import keys
from marketswarm.outlets.gateway.frames import frame_text, told
from tests.support.event_streams import fields_of


def wire() -> bytes:
    """Three events, as they are sent."""
    fields = {
        name.encode(): str(value).encode() for name, value in fields_of(keys.CHAIN_FEED, "SPX", 4).items()
    }
    return frame_text(told(keys.CHAIN_FEED, b"5-1", fields), "1.a.....") * 3


@pytest.mark.parametrize("piece", [1, 7, 22, 23, 24, 60, 10_000])
def test_every_event_is_counted_once(piece):
    """However the bytes are cut by the network."""
    ours, theirs = socket.socketpair()
    clients, text = Clients(), wire()
    clients._heard[theirs] = 0
    with ours, theirs:
        for first in range(0, len(text), piece):
            ours.sendall(text[first : first + piece])
            clients._hear(theirs)
    assert clients._heard[theirs] == 3
