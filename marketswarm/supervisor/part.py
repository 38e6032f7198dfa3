"""What the supervisor is told of one part: the command, its surroundings, and how patient to be with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from signal import SIGTERM, Signals


@dataclass(frozen=True, slots=True)
class LogLine:
    """Ready when a line of the part's log matches this regular expression."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Listening:
    """Ready when something accepts TCP connections there."""

    port: int
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answering:
    """Ready when a Redis there answers PING with PONG."""

    port: int
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Running:
    """Ready as soon as it runs."""


Readiness = LogLine | Listening | Answering | Running


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a part, and how often to start it again.

    Attributes:
        start_s: a start that is not ready by then has failed, and is killed.
        stop_s: a part that was asked to stop and still runs by then is killed.
        start_attempts: how often a part that never was ready may fail; it is misconfigured more often than unlucky.
        failures: this many failures within `within_s` seconds are final.
        first_delay_s: wait before the first new start; doubles with each failure inside the window.
        longest_delay_s: the bound of that wait.
    """

    start_s: float = 40.0
    stop_s: float = 10.0
    start_attempts: int = 2
    failures: int = 8
    within_s: float = 60.0
    first_delay_s: float = 0.2
    longest_delay_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the tree.

    Attributes:
        env: its whole environment; may hold secrets, so it is never shown.
        after: parts that must have been ready before this one is started for the first time.
        address: where it can be reached, for people; empty when nowhere.
    """

    name: str
    argv: tuple[str, ...]
    readiness: Readiness
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    after: tuple[str, ...] = ()
    address: str = ""
    stop_signal: Signals = SIGTERM
    patience: Patience = Patience()
