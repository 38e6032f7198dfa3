"""What Celery's result backend says of a task, in the words of the page."""

from collections.abc import Mapping
from typing import Any

_OVER = frozenset({"SUCCESS", "FAILURE", "REVOKED"})
_TROUBLE = frozenset({"FAILURE", "REVOKED", "RETRY"})


def progress_view(task_id: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    """State and progress of one task, as JSON values.

    Celery has no state for an id that it does not know: such a task is `PENDING`, as is one that no worker has taken yet.

    Args:
        task_id: Celery's id.
        meta: the backend's entry: `status`, and `result`, which is the progress, the result or the exception.

    Returns:
        `task_id`, `state`, `over`, `percent` (0 to 100), and where known `step`, `done`, `total`, `result`, `error`.
    """
    state, payload = str(meta.get("status") or "PENDING"), meta.get("result")
    view: dict[str, Any] = {"task_id": task_id, "state": state, "over": state in _OVER, "percent": 0}
    if state == "PROGRESS" and isinstance(payload, Mapping):
        view |= {name: payload[name] for name in ("step", "done", "total") if name in payload}
        view["percent"] = percent_done(payload.get("done"), payload.get("total"))
    elif state == "SUCCESS":
        view |= {"percent": 100, "result": payload}
    elif state in _TROUBLE:
        view["error"] = str(payload) or type(payload).__name__
    return view


def percent_done(done: Any, total: Any) -> int:
    """Whole percent, rounded down; 0 where the numbers say nothing."""
    if not isinstance(done, (int, float)) or not isinstance(total, (int, float)) or total <= 0:
        return 0
    return max(0, min(100, int(100 * done // total)))
