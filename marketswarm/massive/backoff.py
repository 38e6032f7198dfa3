"""How long to wait before the next try. Pure: the source of randomness is passed in."""

from collections.abc import Callable
from dataclasses import dataclass

# Beyond this many doublings every cap in use is long reached; it keeps 2**n from growing into a float that overflows.
_MOST_DOUBLINGS = 32


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential with full jitter: a wait between 0 and `min(cap, base × 2^attempt)`, evenly spread.

    Attributes:
        base_s: the longest first wait, seconds.
        cap_s: the longest wait of all, seconds.
    """

    base_s: float = 0.5
    cap_s: float = 30.0

    def __post_init__(self) -> None:
        if not 0 < self.base_s <= self.cap_s:
            raise ValueError(f"base {self.base_s} s must be above 0 and not above the cap {self.cap_s} s")

    def wait_s(self, attempt: int, random: Callable[[], float]) -> float:
        """Seconds before the try that follows failure number `attempt` (0 for the first)."""
        longest = min(self.cap_s, self.base_s * 2.0 ** min(attempt, _MOST_DOUBLINGS))
        return float(longest * random())


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a request is tried.

    Attributes:
        attempts: tries in all, the first included.
        total_s: no try starts later than this after the first.
    """

    attempts: int = 4
    total_s: float = 20.0
    backoff: Backoff = Backoff(base_s=0.25, cap_s=8.0)

    def next_wait_s(
        self, failures: int, elapsed_s: float, asked_s: float | None, random: Callable[[], float]
    ) -> float | None:
        """Seconds to wait before the next try, None when there is none.

        Args:
            failures: tries that failed so far.
            elapsed_s: seconds since the first try began.
            asked_s: what the server asked for (`Retry-After`), which goes before our own wait.
            random: gives numbers in [0, 1).
        """
        if failures >= self.attempts:
            return None
        wait = asked_s if asked_s is not None else self.backoff.wait_s(failures - 1, random)
        return wait if elapsed_s + wait <= self.total_s else None
