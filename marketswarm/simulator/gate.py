"""The last place that every answer and every frame passes on its way out.

Whoever wants the wire to misbehave puts another gate in.
"""

from collections.abc import Iterable
from typing import Protocol

from aiohttp import web

from marketswarm.simulator.answers import Answer
from marketswarm.simulator.connection import Connection


class Gate(Protocol):
    """Decides what really goes out."""

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The answer to send: the same, another, or a response of its own making."""
        ...

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """The frames to send in place of one; none swallows it."""
        ...


class OpenGate:
    """Lets everything through as it is."""

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The same answer."""
        del request
        return answer

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """The same frame."""
        del connection
        return (frame,)
