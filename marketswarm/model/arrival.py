"""What a connection brings, before anything of it is decoded."""

from typing import NamedTuple


class Frame(NamedTuple):
    """A data frame: which connection it came on, when (monotonic seconds), and its bytes."""

    link: int
    arrived_s: float
    raw: bytes


class Opened(NamedTuple):
    """A connection is open."""

    link: int


class Heard(NamedTuple):
    """A ping or pong came."""

    link: int


class Ended(NamedTuple):
    """A connection ended or could not be opened. No code means that there was no close frame."""

    link: int
    code: int | None
    reason: str


Arrival = Frame | Opened | Heard | Ended
