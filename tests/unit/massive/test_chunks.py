"""The buffer under the WebSocket library: whole data frames are cut out of large pieces, the rest is the library's."""

import socket
import ssl
import threading

import pytest
import websocket
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.massive.chunks import PIECE, ChunkedSocket

TEXT, BINARY, CLOSE, PING = 0x81, 0x82, 0x88, 0x89


def frame(payload: bytes, first: int = TEXT) -> bytes:
    """A frame as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


@pytest.fixture
def ends():
    """A server's end, and a client's under the buffer."""
    server, client = socket.socketpair()
    client.settimeout(0.05)
    yield server, ChunkedSocket(client)
    server.close()
    client.close()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_payloads_of_every_length(ends, size):
    """All three forms of the length are read."""
    server, chunks = ends
    server.sendall(frame(b"x" * size) + frame(b"y", BINARY))

    assert chunks.whole_frames(9) == [b"x" * size, b"y"]


def test_no_more_than_there_is_room_for(ends):
    """What is too much stays in the buffer."""
    server, chunks = ends
    server.sendall(b"".join(frame(b"%d" % n) for n in range(5)))

    assert [chunks.whole_frames(2) for _ in range(3)] == [[b"0", b"1"], [b"2", b"3"], [b"4"]]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(frame(b"", PING), id="ping"),
        pytest.param(frame(b"\x03\xe8", CLOSE), id="close"),
        pytest.param(frame(b"part", 0x01), id="first fragment"),
        pytest.param(frame(b"part", 0x00), id="later fragment"),
        pytest.param(frame(b"x", 0xC1), id="reserved bit"),
        pytest.param(b"\x81\x81abcdx" + b"y" * 200, id="masked"),
        pytest.param(frame(b"x" * 300)[:200], id="half a frame"),
        pytest.param(frame(b"x" * 300)[:3], id="half a length"),
        pytest.param(b"\x81", id="one byte"),
    ],
)
def test_what_is_no_whole_plain_data_frame_is_left_to_the_library(ends, other):
    """It stops the cutting, and `recv` gives exactly those bytes."""
    server, chunks = ends
    server.sendall(frame(b"[1]") + other)

    assert chunks.whole_frames(9) == [b"[1]"]
    assert chunks.whole_frames(9) == []
    assert chunks.recv(PIECE) == other


def test_the_end_of_the_connection_is_the_librarys_to_find(ends):
    """No frames, and no bytes, as from any socket."""
    server, chunks = ends
    server.close()

    assert chunks.whole_frames(9) == []
    assert chunks.recv(10) == b""


def test_a_read_that_takes_too_long_is_a_time_out(ends):
    """Both ways of reading end as a socket's read does."""
    _, chunks = ends

    with pytest.raises(TimeoutError):
        chunks.whole_frames(9)
    with pytest.raises(TimeoutError):
        chunks.recv(1)


def test_everything_else_is_the_sockets_own(ends):
    """Sending, time-outs and shutting down reach the socket."""
    server, chunks = ends
    chunks.settimeout(3.0)
    chunks.sendall(b"hello")

    assert server.recv(10) == b"hello"
    assert chunks.gettimeout() == 3.0
    chunks.shutdown(socket.SHUT_RDWR)
    assert server.recv(10) == b""


MESSAGES = st.lists(st.tuples(st.sampled_from(["whole", "parts", "ping"]), st.integers(0, 300)), max_size=20)


@given(messages=MESSAGES, cuts=st.lists(st.integers(1, 200), max_size=30), most=st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_every_message_arrives_whole_and_in_order(messages, cuts, most):
    """However the bytes are cut on the way, buffer and library together give the messages that were sent."""
    wire, sent = b"", []
    for number, (kind, size) in enumerate(messages):
        payload = (b"%d" % number).ljust(size, b".")
        if kind == "ping":
            wire += frame(b"", PING)
        elif kind == "whole":
            wire += frame(payload)
            sent.append(payload)
        else:
            half = len(payload) // 2
            wire += frame(payload[:half], 0x01) + frame(b"", PING) + frame(payload[half:], 0x80)
            sent.append(payload)

    assert list(received(wire + frame(b"\x03\xe8", CLOSE), cuts, most)) == sent


def received(wire, cuts, most):
    """All messages, read as the feed's reader does."""
    server, client = socket.socketpair()
    client.settimeout(5.0)
    ws = websocket.WebSocket(skip_utf8_validation=True)
    ws.sock = chunks = ChunkedSocket(client)
    sender = threading.Thread(target=send_cut, args=(server, wire, cuts))
    sender.start()
    is_between = True
    with server, client:
        while True:
            if is_between and (frames := chunks.whole_frames(most)):
                yield from frames
                continue
            opcode, read = ws.recv_data_frame(control_frame=True)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                break
            is_between = opcode == websocket.ABNF.OPCODE_TEXT
            if is_between:
                yield read.data
        sender.join()


def send_cut(server, wire, cuts):
    """Send in pieces of these sizes, the rest at once."""
    for size in cuts:
        server.sendall(wire[:size])
        wire = wire[size:]
    server.sendall(wire)


def test_frames_over_tls():
    """What TLS has decrypted already and nobody has read yet is not forgotten."""
    server, client = socket.socketpair()
    wires = [frame(b"%d" % number + b"x" * 9_000) for number in range(30)]
    server_side, client_side = (
        unauthenticated(ssl.PROTOCOL_TLS_SERVER),
        unauthenticated(ssl.PROTOCOL_TLS_CLIENT),
    )

    def serve():
        with server_side.wrap_socket(server, server_side=True) as talking:
            talking.sendall(b"".join(wires))
            talking.recv(1)

    serving = threading.Thread(target=serve)
    serving.start()
    with client_side.wrap_socket(client) as wrapped:
        wrapped.settimeout(5.0)
        ws = websocket.WebSocket(skip_utf8_validation=True)
        ws.sock = chunks = ChunkedSocket(wrapped)
        got = []
        while len(got) < len(wires):
            got += chunks.whole_frames(100) or [ws.recv_data_frame()[1].data]
        wrapped.sendall(b"x")
        serving.join()

    assert [frame(payload) for payload in got] == wires


def unauthenticated(side):
    """TLS without certificates, for two ends in one process."""
    context = ssl.SSLContext(side)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    return context
