"""Everything comes late: answers, handshakes, frames, each connection's frames in their order."""

import asyncio
from collections import deque
from collections.abc import Iterable

from aiohttp import web

from marketswarm.simulator.answers import Answer
from marketswarm.simulator.connection import Connection
from marketswarm.simulator.faults.effect import Effect, Site
from marketswarm.simulator.faults.fault import Draw, Fault, Values, whole


class Latency(Effect):
    """Delays what goes out."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._least_s, self._spread_s = values["ms"] / 1000, values["jitter"] / 1000
        self._draw = draw
        self._lines: dict[Connection, deque[str]] = {}
        self._last_due_s: dict[Connection, float] = {}

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The same answer, later."""
        await asyncio.sleep(self._delay_s())
        return answer

    async def pass_handshake(self, request: web.Request) -> web.StreamResponse | None:
        """The same handshake, later."""
        await asyncio.sleep(self._delay_s())
        return None

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """Nothing now; the frame when its time has come, and none before the one ahead of it."""
        loop = asyncio.get_running_loop()
        due_s = max(loop.time() + self._delay_s(), self._last_due_s.get(connection, 0.0))
        self._last_due_s[connection] = due_s
        self._lines.setdefault(connection, deque()).append(frame)
        loop.call_at(due_s, self._release, connection)
        return ()

    async def end(self, site: Site) -> None:
        """What is still held back goes out before what comes."""
        for connection, line in self._lines.items():
            connection.deliver(line)
            line.clear()

    def _release(self, connection: Connection) -> None:
        if line := self._lines[connection]:
            connection.deliver((line.popleft(),))

    def _delay_s(self) -> float:
        return float(self._least_s + self._spread_s * self._draw())


FAULTS = (
    Fault(
        "latency",
        "everywhere",
        "delays every answer, handshake and frame; frames keep their order",
        "the truth, later by the delay",
        Latency,
        (
            whole("ms", "200", (0, 60_000), "the least delay"),
            whole("jitter", "100", (0, 60_000), "ms that chance adds at most"),
        ),
    ),
)
