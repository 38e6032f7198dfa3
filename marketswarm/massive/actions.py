"""What a session asks of whoever owns the socket, and what it has to tell. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a new connection."""


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Send the key."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a text frame."""

    text: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a WebSocket ping."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection, or give up opening it. Nothing that it still says counts any more."""


@dataclass(frozen=True, slots=True)
class Up:
    """The server accepted the key."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Every desired contract that the budget has room for is acknowledged; `reason` names what is left out."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """A connection that was up has ended."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will not serve this key or plan; nothing is tried any more."""

    reason: str


Notice = Up | Confirmed | Lost | Refused
Action = Connect | Authenticate | Send | Ping | Close | Notice
