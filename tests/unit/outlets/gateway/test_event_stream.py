"""The endpoint as an ASGI application: answers, figures, start and end."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress

import pytest

from marketswarm import keys
from marketswarm.clock import SystemClock
from marketswarm.errors import BadArgument, UnknownSymbol
from marketswarm.outlets.gateway.event_stream import TRANSPORT, EventStream, end_tasks, kind_of, new_run
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.servers import connect_async
from tests.support.event_streams import SYMBOLS, Parser, Writer
from tests.support.free_ports import free_port
from tests.support.stream_rig import Receiver, run, until


class Visit(Receiver):
    """A request, and all that comes of it."""

    def __init__(self, query: bytes = b"", method: str = "GET", **state) -> None:
        super().__init__()
        self.scope = {
            "type": "http",
            "method": method,
            "query_string": query,
            "headers": [],
            "client": ("10.0.0.9", 5),
            "state": state,
        }
        self.start: dict = {}
        self.gone = asyncio.Event()

    async def receive(self) -> dict:
        """The end of the connection."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message) -> None:
        """The start of the answer, then its body."""
        if message["type"] == "http.response.start":
            self.start = message
        else:
            await super().send({"more_body": False, **message})

    def begin(self, stream: EventStream) -> "asyncio.Task[None]":
        """Ask."""
        return asyncio.create_task(stream(self.scope, self.receive, self.send))


@asynccontextmanager
async def stream_at(url: str, **limits):
    """An event stream that has begun."""
    redis = connect_async(url)
    stream = EventStream(redis, "test", SYMBOLS, SystemClock(), Limits(**limits))
    await stream.start()
    try:
        yield stream
    finally:
        await stream.close()
        await redis.aclose()


def test_a_visit(redis, valkey_url):
    """A client comes, hears, and goes; the figures say so."""

    async def work() -> None:
        async with stream_at(valkey_url) as stream:
            visit = Visit()
            task = visit.begin(stream)
            await until(lambda: b"id: " in visit.body)
            assert visit.start["status"] == 200
            Writer(redis).write(keys.VIGIL_EVENTS)
            await until(lambda: visit.heard)
            await until(lambda: stream.figures.frames == 1)
            figures = stream.figures
            assert (figures.clients, figures.entered, figures.lag) == (1, 1, 0)
            assert figures.ring_frames >= 1
            assert figures.ring_bytes > 50
            visit.gone.set()
            await task
            assert stream.figures.clients == 0

    run(work)


@pytest.mark.parametrize(
    ("visit", "status", "kind"),
    [
        ((b"symbols=IWM",), 400, "unknown-symbol"),
        ((b"streams=x",), 400, "bad-argument"),
        ((b"", "POST"), 405, "method-not-allowed"),
    ],
)
def test_refusals(redis, valkey_url, visit, status, kind):
    """They are JSON with a kind and one line, and no stream begins."""

    async def work() -> None:
        async with stream_at(valkey_url) as stream:
            made = Visit(*visit)
            await made.begin(stream)
            assert made.start["status"] == status
            assert set(json.loads(made.body)) == {"error", "reason"}
            assert json.loads(made.body)["error"] == kind
            assert stream.figures.entered == 0

    run(work)


def test_it_closes_once_and_for_all(redis, valkey_url):
    """All hear goodbye; whoever comes later, too; closing again does nothing."""

    async def work() -> None:
        async with stream_at(valkey_url) as stream:
            visit, late = Visit(), Visit()
            task = visit.begin(stream)
            await until(lambda: visit.body)
            await stream.close()
            await task
            await late.begin(stream)
            await stream.close()
            for one in (visit, late):
                assert one.heard[-1].data == {"reason": "shutdown"}
                assert one.ended

    run(work)


def test_who_takes_nothing_is_cut(redis, valkey_url):
    """Where the server lends the connection it is aborted once the last words were not taken."""

    class Transport:
        aborted = False

        def abort(self) -> None:
            self.aborted = True
            visit.gone.set()

    transport = Transport()
    visit: Visit

    async def work() -> None:
        nonlocal visit
        async with stream_at(valkey_url, blocked_s=0.05, goodbye_s=0.05) as stream:
            visit = Visit(**{TRANSPORT: transport})
            task = visit.begin(stream)
            await until(lambda: b"id: " in visit.body)
            visit.close()
            Writer(redis).write(keys.VIGIL_EVENTS)
            await task
            assert transport.aborted
            assert stream.figures.dropped == {"slow": 1}

    run(work)


def test_it_starts_without_its_store():
    """No store is no error: whoever comes waits for it."""

    async def work() -> None:
        async with stream_at(f"redis://127.0.0.1:{free_port()}/0", heartbeat_s=0.05) as stream:
            visit = Visit()
            task = visit.begin(stream)
            await until(lambda: any(one.event == "heartbeat" for one in visit.heard))
            await until(lambda: stream.figures.store_away)
            visit.gone.set()
            await task

    run(work)


def test_a_task_that_swallows_a_cancel_is_ended():
    """It is cancelled again until it is over."""

    async def work() -> None:
        async def stubborn() -> None:
            for _ in range(2):
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(60)

        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        await end_tasks([task])
        assert task.done()

    run(work)


def test_names():
    """Errors have kinds of their own; stores get names that differ and fit into a cursor."""
    assert kind_of(BadArgument("a", 1, "2")) == "bad-argument"
    assert kind_of(UnknownSymbol("a", 1, "2")) == "unknown-symbol"
    assert new_run() != new_run()
    assert new_run().isalnum()
    assert Parser().feed(b"") == []
