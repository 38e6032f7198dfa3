"""What a load is asked for."""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from marketswarm.errors import BadArgument
from marketswarm.model.chain import LoadReason

MAX_STRIKES_EACH_SIDE = 500


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load and why.

    Attributes:
        strikes_each_side: N of ±N; None: as the chain was asked for before where the load follows it, else as the settings say.
        expiration: a listed one; None for the next ones, as many as the settings say.
        task_id: the Celery task behind the load, for the record.
        request: the id by which whoever asked will know the load again.
    """

    symbol: str
    reason: LoadReason
    strikes_each_side: int | None = None
    expiration: date | None = None
    task_id: str | None = None
    request: str = ""

    def check(self, first_day: date) -> None:
        """Check what can be checked before the provider is asked.

        Args:
            first_day: the earliest day whose contracts can still be traded.

        Raises:
            BadArgument: for an impossible number of strikes or an expiration that has passed.
        """
        n = self.strikes_each_side
        whole = isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= MAX_STRIKES_EACH_SIDE
        if n is not None and not whole:
            raise BadArgument("strikes_each_side", n, f"a whole number from 1 to {MAX_STRIKES_EACH_SIDE}")
        if self.expiration is not None and self.expiration < first_day:
            raise BadArgument(
                "expiration", self.expiration.isoformat(), f"a listed expiration from {first_day} on"
            )


def request_from(
    symbol: str,
    reason: str,
    *,
    strikes_each_side: int | None = None,
    expiration: str | None = None,
    task_id: str | None = None,
    request: str = "",
) -> LoadRequest:
    """A request as a task's JSON states it.

    Raises:
        BadArgument: for a reason that there is not, or an expiration that is no date.
    """
    day = None if expiration is None else _day_of(expiration)
    return LoadRequest(symbol, _reason_of(reason), strikes_each_side, day, task_id, request)


def _reason_of(text: str) -> LoadReason:
    for reason in get_args(LoadReason):
        if reason == text:
            return reason  # type: ignore[no-any-return]
    raise BadArgument("reason", text, ", ".join(get_args(LoadReason)))


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise BadArgument("expiration", text, "a date such as 2026-11-23") from None
