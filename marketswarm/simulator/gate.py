"""The last place that everything passes on its way out, and the first on its way in.

Whoever wants the wire to misbehave puts another gate in.
"""

from collections.abc import Iterable
from typing import Protocol

from aiohttp import web

from marketswarm.simulator.answers import Answer
from marketswarm.simulator.connection import Connection


class Gate(Protocol):
    """Decides what really goes out and comes in."""

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The answer to send: the same, another, or a response of its own making."""
        ...

    async def pass_handshake(self, request: web.Request) -> web.StreamResponse | None:
        """What to answer in place of opening a WebSocket; None lets it open."""
        ...

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """The frames to send in place of one; none swallows it."""
        ...

    def pass_message(self, connection: Connection, text: str | bytes) -> str | bytes | None:
        """The message to hear in place of a client's; None leaves it unheard."""
        ...


class OpenGate:
    """Lets everything through as it is."""

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The same answer."""
        del request
        return answer

    async def pass_handshake(self, request: web.Request) -> web.StreamResponse | None:
        """No answer: the WebSocket opens."""
        del request
        return None

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """The same frame."""
        del connection
        return (frame,)

    def pass_message(self, connection: Connection, text: str | bytes) -> str | bytes | None:
        """The same message."""
        del connection
        return text
