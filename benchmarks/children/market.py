"""The simulator in a process of its own, with what measurements need beside: slow answers, jumps, and a list of the calls.

Orders: `start`; `near`, the contracts near the money; `jump`; `calls`, the REST calls since the last asking.
"""

import asyncio
from typing import Any

from aiohttp import web

from benchmarks.children.orders import serve_orders
from marketswarm.simulator.answers import Answer
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.gate import OpenGate
from tests.support.simulated_day import quotes_near_the_money
from tests.support.simulator import RunningSimulator


class SlowGate(OpenGate):
    """Holds every REST answer back for a while, and notes what was asked for."""

    def __init__(self, delay_ms: float) -> None:
        self._delay_s = delay_ms / 1000
        self.calls: list[str] = []

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The same answer, later."""
        self.calls.append(request.path_qs)
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        return answer


class Market:
    """What the orders do."""

    def __init__(self) -> None:
        self._gate = SlowGate(0)
        self._simulator: RunningSimulator | None = None

    def start(self, delay_ms: float = 0, **config: Any) -> dict[str, str]:
        """Start it; the bases of REST and WebSocket."""
        self._gate = SlowGate(delay_ms)
        self._simulator = RunningSimulator(SimulatorConfig(port=0, **config), gate=self._gate)
        return {"rest": self._simulator.rest, "ws": self._simulator.ws}

    def near(self, each_side: int) -> list[str]:
        """Contracts of the next expiration of every symbol, so many strikes to each side of spot."""
        assert self._simulator is not None
        market = self._simulator.server.market
        channels = (quotes_near_the_money(market, each_side, n) for n in range(len(market.profiles)))
        return [channel.removeprefix("Q.") for held in channels for channel in held]

    def jump(self, fraction: float) -> None:
        """Move every spot at once."""
        assert self._simulator is not None
        server = self._simulator.server
        self._simulator.call(lambda: server.market._process.jump(fraction))

    def calls(self) -> list[str]:
        """Paths and queries since the last asking, in the order of arrival."""
        calls, self._gate.calls = self._gate.calls, []
        return calls


def main() -> None:
    """Serve."""
    market = Market()
    serve_orders({"start": market.start, "near": market.near, "jump": market.jump, "calls": market.calls})


if __name__ == "__main__":
    main()
