"""Reloads as the command line sees them: sent through Celery, followed by its result backend."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from marketswarm.app import app
from marketswarm.errors import StoreUnavailable
from marketswarm.outlets.flower_page.progress import progress_view
from marketswarm.settings import masked_url

_PING_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Reload:
    """One reload that was sent.

    Attributes:
        state: `sent`, `waiting` (no worker has begun), `running`, `loaded`, `joined`, `failed` or `timeout`.
        result: what the task returned; empty until it has.
    """

    symbol: str
    task_id: str
    state: str = "waiting"
    step: str = ""
    done: int = 0
    total: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self.state in ("loaded", "joined", "failed", "timeout")

    def timed_out(self, why: str = "the time ran out") -> "Reload":
        """The same, not waited for any longer unless it is over."""
        return self if self.is_over else replace(self, state="timeout", error=why)

    def as_json(self) -> dict[str, Any]:
        """Plain values; what is unknown is left out."""
        own = {"symbol": self.symbol, "task_id": self.task_id, "state": self.state}
        return own | {**self.result} | ({"error": self.error} if self.error else {})


def send_reloads(orders: Sequence[Mapping[str, Any]], expires_s: float | None) -> list[Reload]:
    """Send one `chain.reload` per order, an order being the task's arguments.

    Args:
        orders: keyword arguments of the task, plain JSON values.
        expires_s: when a reload that no worker has taken is not wanted any more; None: never.

    Raises:
        StoreUnavailable: when the broker does not answer.
    """
    with _broker_reachable():
        return [Reload(order["symbol"], _send(order, expires_s)) for order in orders]


def look_again(reload: Reload) -> Reload:
    """The reload as the result backend knows it now.

    Raises:
        StoreUnavailable: when the backend does not answer.
    """
    if reload.is_over:
        return reload
    with _broker_reachable():
        view = progress_view(reload.task_id, app.backend.get_task_meta(reload.task_id))
    match view["state"]:
        case "PENDING":
            return reload
        case "SUCCESS":
            result = view["result"]
            return replace(reload, state=result["state"], result=result, done=reload.total)
        case "REVOKED" if "expired" in view["error"]:
            return reload.timed_out("the time ran out before a worker took it")
        case "FAILURE" | "REVOKED":
            return replace(reload, state="failed", error=_one_line(view["error"]))
        case _:
            seen = {name: view[name] for name in ("step", "done", "total") if name in view}
            return replace(reload, state="running", **seen)


def workers_answer() -> bool:
    """Whether any worker answers that takes reloads; a stream's own worker does not."""
    with _broker_reachable():
        answers = app.control.inspect(timeout=_PING_S).active_queues() or {}
    queues = {queue["name"] for listed in answers.values() for queue in listed}
    return app.conf.task_default_queue in queues


def _send(order: Mapping[str, Any], expires_s: float | None) -> str:
    return str(app.send_task("chain.reload", kwargs=dict(order), expires=expires_s).id)


@contextmanager
def _broker_reachable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, RedisError, OSError) as error:
        raise StoreUnavailable(masked_url(app.conf.broker_url), _one_line(str(error))) from error


def _one_line(text: str) -> str:
    return " ".join(text.split())
