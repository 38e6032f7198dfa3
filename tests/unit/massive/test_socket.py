"""The WebSocket itself, against a server that can break it."""

import socket
import threading
import time

import pytest

from marketswarm.clock import SystemClock
from marketswarm.massive.inbox import Ended, Frame, Heard, Inbox, InboxSize, Opened
from marketswarm.massive.socket import FeedSocket, SocketWaits
from tests.support.scripted_frames import handshake_answer
from tests.support.scripted_vendor import CloseWith, Drop, Expect, Mute, Pause, Say

WAITS = SocketWaits(connect_s=0.5, io_s=0.3, farewell_s=0.1)


def open_socket(
    url: str, size: InboxSize | None = None, waits: SocketWaits = WAITS
) -> tuple[FeedSocket, Inbox]:
    """A socket that is about to connect, and where its arrivals go."""
    inbox = Inbox(size or InboxSize())
    made = FeedSocket(url, inbox, SystemClock(), waits)
    made.open()
    return made, inbox


def arrivals(inbox: Inbox, count: int) -> list:
    """The next arrivals, waited for."""
    found, end = [], time.monotonic() + 5.0
    while len(found) < count and time.monotonic() < end:
        found += inbox.take(0.05)
    return found


@pytest.fixture
def url(vendor):
    """Where the vendor's options cluster is."""
    return vendor.ws_url + "/options"


def test_frames_arrive_with_their_time(vendor, url):
    """Frames arrive as the bytes that were sent, stamped with the monotonic clock."""
    vendor.script(Say("[1]"), Say("é"), Pause(5))
    began = time.monotonic()
    made, inbox = open_socket(url)

    opened, first, second = arrivals(inbox, 3)

    made.shut()
    assert opened == Opened(1)
    assert [first.raw, second.raw] == [b"[1]", "é".encode()]
    assert began <= first.arrived_s <= second.arrived_s <= time.monotonic()


@pytest.mark.parametrize(
    ("step", "code", "reason"),
    [
        (CloseWith(1000, "bye"), 1000, "bye"),
        (CloseWith(1008), 1008, ""),
        (CloseWith(1011, "é"), 1011, "é"),
        (Drop(), None, "dropped without a close frame"),
    ],
)
def test_every_end_is_posted(vendor, url, step, code, reason):
    """The end of a connection arrives once, behind its frames, with code and reason."""
    vendor.script(Say("[1]"), step)
    made, inbox = open_socket(url)

    _, frame, end = arrivals(inbox, 3)

    made.shut()
    assert frame.raw == b"[1]"
    assert end == Ended(1, code, reason)
    assert inbox.take(0.05) == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [("ws://127.0.0.1:9/options", "Connection refused"), ("ws://no-such-host.invalid/options", None)],
)
def test_nobody_there(url, reason):
    """A connection that cannot be opened arrives as an end without a code."""
    made, inbox = open_socket(url)

    (end,) = arrivals(inbox, 1)

    made.shut()
    assert isinstance(end, Ended)
    assert end.code is None
    assert reason is None or end.reason == reason


def test_a_refused_handshake(vendor):
    """A server that answers the handshake with HTTP is an end that says which."""
    made, inbox = open_socket(vendor.ws_url + "/elsewhere")

    (end,) = arrivals(inbox, 1)

    made.shut()
    assert (end.code, end.reason) == (None, "the handshake was refused with HTTP 401")


def test_a_server_that_never_answers():
    """A server that accepts and stays silent is given up after the connect time-out."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        made, inbox = open_socket(f"ws://127.0.0.1:{mute.getsockname()[1]}/options")

        (end,) = arrivals(inbox, 1)

        made.shut()
    assert (end.code, end.reason) == (None, "no connection in time")


def test_loopback_goes_past_the_proxy(vendor, url, monkeypatch):
    """A proxy of the environment is not asked for loopback."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    vendor.script(Pause(5))
    made, inbox = open_socket(url)

    assert arrivals(inbox, 1) == [Opened(1)]
    made.shut()


def test_silence_ends_nothing(vendor, url):
    """A connection on which nothing comes for longer than a blocking read stays open."""
    vendor.script(Pause(0.8), Say("[1]"), Pause(5))
    made, inbox = open_socket(url)

    assert [type(arrival) for arrival in arrivals(inbox, 2)] == [Opened, Frame]
    made.shut()


def test_half_a_frame_is_kept_over_a_silence():
    """A frame whose end comes after more than one time-out of a read arrives whole, and so does the one behind it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made, inbox = open_socket(f"ws://127.0.0.1:{listening.getsockname()[1]}/options")
        line, _ = listening.accept()
        with line:
            key = line.recv(4096).partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
            line.sendall(handshake_answer(key.decode()) + b"\x81\x04[1")
            time.sleep(2.5 * WAITS.io_s)
            line.sendall(b"2]\x81\x03[3]")
            _, *frames = arrivals(inbox, 3)
            made.shut()

    assert [frame.raw for frame in frames] == [b"[12]", b"[3]"]


def test_pings_both_ways(vendor, url):
    """Our ping is answered, and the server's is: both arrive as signs of life."""
    made, inbox = open_socket(url)
    arrivals(inbox, 2)

    made.ping()
    assert arrivals(inbox, 1) == [Heard(1)]
    vendor.ping()
    assert arrivals(inbox, 1) == [Heard(1)]
    made.shut()


def test_sending(vendor, url):
    """A text is sent as it is; without a connection, sending does nothing."""
    vendor.script(Expect("auth", "k"), Say("[1]"), Pause(5))
    made, inbox = open_socket(url)
    arrivals(inbox, 1)

    made.send('{"action":"auth","params":"k"}')

    assert arrivals(inbox, 1)[0].raw == b"[1]"
    made.shut()
    made.send("x")
    made.ping()
    assert vendor.failures == []


def test_a_server_that_does_not_read(vendor, url):
    """A send that finds no room for too long ends the connection: half a frame may be on its way."""
    vendor.script(Pause(30))
    made, inbox = open_socket(url)
    arrivals(inbox, 1)

    made.send("x" * 20_000_000)

    (end,) = arrivals(inbox, 1)
    made.shut()
    assert (end.code, end.reason) == (None, "dropped without a close frame")


def test_a_full_inbox_stops_the_reading(vendor, url):
    """When nobody takes, the reader pauses and the rest waits at the server; afterwards everything is there."""
    vendor.script(*(Say(f"[{n}]") for n in range(200)), Pause(5))
    made, inbox = open_socket(url, InboxSize(frames=10))
    vendor.wait_for(lambda: inbox.room == 0)
    time.sleep(0.05)

    assert len(inbox) <= 10
    frames = [arrival.raw for arrival in arrivals(inbox, 201) if isinstance(arrival, Frame)]
    made.shut()
    assert frames == [f"[{n}]".encode() for n in range(200)]


def test_a_new_connection_has_a_new_number(vendor, url):
    """Opening again leaves the old connection; arrivals tell which one they belong to."""
    vendor.script(Pause(5))
    vendor.script(Say("[2]"), Pause(5))
    made, inbox = open_socket(url)
    arrivals(inbox, 1)
    made.open()

    assert made.current == 2
    assert Frame in {type(arrival) for arrival in arrivals(inbox, 3) if arrival.link == 2}
    made.shut()
    assert made.current is None


def test_leaving_says_farewell(vendor, url):
    """A connection that is left is closed with a close frame, and its thread ends."""
    vendor.script(Mute())
    made, inbox = open_socket(url)
    arrivals(inbox, 1)

    made.shut()

    vendor.wait_for(lambda: not feed_threads())
    made.shut()
    made.open()
    assert made.current is None


def test_leaving_a_server_that_is_stuck(vendor, url):
    """A reader that waits for a server which does not even answer the farewell is woken at once."""
    vendor.script(Pause(30))
    made, inbox = open_socket(url, waits=SocketWaits(io_s=30.0))
    arrivals(inbox, 1)

    made.shut()

    assert not feed_threads()


def test_leaving_while_connecting():
    """A connection may be left while it is still being opened: its thread ends with the time-out at the latest."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        made, _ = open_socket(f"ws://127.0.0.1:{mute.getsockname()[1]}/options")
        made.shut()

    assert not feed_threads()


def test_leaving_what_was_left_already(vendor, url):
    """Whoever shuts a socket finds its thread ended, even when somebody else left the connection a moment before."""
    vendor.script(Pause(30))
    made, inbox = open_socket(url, waits=SocketWaits(io_s=30.0))
    arrivals(inbox, 1)

    made.close()
    made.shut()

    assert not feed_threads()


def feed_threads() -> list[threading.Thread]:
    """Reader threads that are alive."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("massive-feed")]
