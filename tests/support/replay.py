"""A running replay for tests: a real server in a thread, on a free port."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketswarm.clock import SystemClock
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.replay_server import ReplayConfig, ReplayServer

_PATIENCE_S = 30.0


@contextmanager
def running_replay(
    folder: Path, config: ReplayConfig | None = None, **settings
) -> Iterator[tuple[ReplayServer, threading.Event]]:
    """The server, and what is set when the recording has ended."""
    ended, loop = threading.Event(), asyncio.new_event_loop()
    server = ReplayServer(Recording(folder), config or ReplayConfig(**settings), SystemClock(), ended.set)
    thread = threading.Thread(target=loop.run_forever, name="replay", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(_PATIENCE_S)
        yield server, ended
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(_PATIENCE_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE_S)
        loop.close()
