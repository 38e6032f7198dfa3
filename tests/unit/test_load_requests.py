"""The stream's requests leave in a thread of their own."""

import threading

import pytest

from marketswarm.load_requests import LoadRequests


class RecordingApp:
    """An app that notes what is sent; it may hang, or refuse."""

    def __init__(self) -> None:
        self.sent, self.arrived = [], threading.Semaphore(0)
        self.open, self.broken = threading.Event(), False
        self.open.set()

    def send_task(self, name, *, kwargs, **options):
        self.open.wait(5)
        self.sent.append((name, kwargs, options))
        self.arrived.release()
        if self.broken:
            raise ConnectionError("no broker")


@pytest.fixture
def app():
    """A broker that takes everything."""
    return RecordingApp()


@pytest.fixture
def requests(app):
    """Requests to it."""
    made = LoadRequests(app)
    yield made
    app.open.set()
    made.stop()


def test_a_request_is_a_load_that_expires_and_wants_no_answer(app, requests):
    """Name, symbol, reason and id; nothing is kept for a worker that comes much later."""
    requests.request("SPX", "gap", "r1")

    assert app.arrived.acquire(timeout=5)
    fields = {"symbol": "SPX", "reason": "gap", "request": "r1"}
    assert app.sent == [("chain.load", fields, {"expires": 10.0, "retry": False, "ignore_result": True})]


def test_a_broker_that_hangs_does_not_hold_up_the_stream(app, requests):
    """Asking returns at once; of each symbol the newest request is sent when the broker is back."""
    app.open.clear()
    requests.request("SPX", "startup", "r0")
    for number in range(1, 50):
        requests.request("SPX", "gap", f"r{number}")
        requests.request("SPY", "gap", f"s{number}")
    app.open.set()

    while app.arrived.acquire(timeout=0.5):
        pass
    last = {kwargs["symbol"]: kwargs["request"] for _, kwargs, _ in app.sent}
    assert last == {"SPX": "r49", "SPY": "s49"}
    assert len(app.sent) <= 4


def test_a_broker_that_refuses_is_asked_again_by_the_next_request(app, requests):
    """An error ends nothing."""
    app.broken = True
    requests.request("SPX", "gap", "r1")
    assert app.arrived.acquire(timeout=5)

    requests.request("SPX", "gap", "r2")

    assert app.arrived.acquire(timeout=5)


def test_stopping_does_not_wait_for_a_broker_that_hangs(app, requests):
    """The thread ends with the process."""
    app.open.clear()
    requests.request("SPX", "gap", "r1")

    requests.stop()

    assert app.sent == []
