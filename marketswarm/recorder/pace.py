"""At which moment of a recording a replay is. Pure: time comes from a clock."""

from dataclasses import dataclass

from marketswarm.clock import Clock
from marketswarm.errors import BadArgument

FASTEST = 1_000.0


def speed_of(text: str) -> float | None:
    """A speed as a person writes it; None is `max`: as fast as the clients read.

    Raises:
        BadArgument: for anything else.
    """
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= FASTEST:
        raise BadArgument("speed", text, f"max, or a number above 0 and up to {FASTEST:,.0f}")
    return speed


@dataclass(slots=True)
class Pace:
    """How a recording goes by.

    Attributes:
        speed: seconds of the recording in one of ours; None: as fast as it can be read.
        first_us: the moment at which it begins.
        reached_us: of what was played last.
    """

    clock: Clock
    speed: float | None
    first_us: int
    reached_us: int = 0
    _since_s: float | None = None

    def begin(self, ago_s: float = 0.0) -> None:
        """It begins now, or has begun so many seconds ago."""
        self._since_s = self.clock.monotonic_s() - ago_s
        self.reached_us = self.first_us

    def now_us(self) -> int:
        """The present moment of the recording."""
        if self._since_s is None:
            return self.first_us
        if self.speed is None:
            return self.reached_us
        return self.first_us + round((self.clock.monotonic_s() - self._since_s) * self.speed * 1e6)

    def wait_s(self, at_us: int) -> float:
        """How long until that moment."""
        return 0.0 if self.speed is None else max(0.0, (at_us - self.now_us()) / self.speed / 1e6)
