"""A running simulator for tests: a real server in a thread, on a free port.

On the real clock it lists nothing that ends while a test runs (`tests/support/calm_calendar.py`).
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from marketswarm.clock import Clock, SystemClock
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.gate import Gate
from marketswarm.simulator.server import SimulatorServer
from marketswarm.simulator.virtual_time import beginning_ms
from tests.support.calm_calendar import calm_calendar

_PATIENCE_S = 30.0


class RunningSimulator:
    """Where it listens. `server` is the server itself; touch it only through `call`."""

    def __init__(self, config: SimulatorConfig, clock: Clock | None = None, gate: Gate | None = None) -> None:
        self._config, self._clock, self._gate = config, clock, gate
        self._started, self._loop = threading.Event(), asyncio.new_event_loop()
        self._failure: BaseException | None = None
        self.server: SimulatorServer
        self._thread = threading.Thread(target=self._live, name="simulator", daemon=True)
        self._thread.start()
        assert self._started.wait(_PATIENCE_S), "the simulator did not start"
        if self._failure is not None:
            raise self._failure

    @property
    def rest(self) -> str:
        """Base of the REST routes."""
        return self.server.rest

    @property
    def ws(self) -> str:
        """Base of the WebSocket clusters."""
        return self.server.ws

    def call(self, action: Any) -> Any:
        """Run a plain function inside the server's event loop and give its result."""

        async def act() -> Any:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result(_PATIENCE_S)

    def wait(self, action: Any) -> Any:
        """Run what a function gives inside the server's event loop to its end, and give its result."""

        async def act() -> Any:
            return await action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result(_PATIENCE_S)

    def stop(self) -> None:
        """Stop it; more than once does nothing more."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self.server.stop(), self._loop).result(_PATIENCE_S)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_PATIENCE_S)

    def _calendar(self) -> SessionCalendar | None:
        """A calm one where simulated time is the machine's."""
        now_ms = SystemClock().now_ms()
        is_real = self._clock is None and beginning_ms(self._config, now_ms) == now_ms
        return calm_calendar(now_ms) if is_real else None

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self.server = SimulatorServer(self._config, self._clock, self._gate, self._calendar())
            self._loop.run_until_complete(self.server.start())
        except BaseException as failure:  # noqa: BLE001 - it is raised again in the test's thread
            self._failure = failure
            self._started.set()
            return
        self._started.set()
        self._loop.run_forever()
        self._loop.close()


@contextmanager
def running_simulator(
    clock: Clock | None = None, gate: Gate | None = None, **config: Any
) -> Iterator[RunningSimulator]:
    """A simulator with the given settings of `SimulatorConfig`, on a free port unless told otherwise."""
    simulator = RunningSimulator(SimulatorConfig(**{"port": 0} | config), clock, gate)
    try:
        yield simulator
    finally:
        simulator.stop()
