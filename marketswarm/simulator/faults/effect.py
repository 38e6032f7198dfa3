"""One fault at work: a gate that lives for a while, with a beginning and an end. What it leaves alone it does not override."""

from typing import Protocol

from marketswarm.simulator.certificates import Flaw
from marketswarm.simulator.connection import Connection
from marketswarm.simulator.gate import OpenGate
from marketswarm.simulator.listener import Stranger


class Site(Protocol):
    """What a fault may lay hands on."""

    def connections(self) -> list[Connection]:
        """The WebSocket connections that stand."""
        ...

    async def open_port(self, flaw: Flaw | None = None) -> None:
        """Take connections again; with a flaw by TLS, and with a certificate that has it."""
        ...

    async def shut_port(self, stranger: Stranger | None = None) -> None:
        """Drop every connection, and take none or let a stranger take them."""
        ...


class Effect(OpenGate):
    """A fault at work."""

    async def begin(self, site: Site) -> None:
        """It begins; one that lasts for a moment only does all it does here."""

    async def end(self, site: Site) -> None:
        """It ends: what it held back or left wrong on the wire is put right."""
