"""How a load says how far it is: to the result backend, and as an event to Flower."""

from typing import Any

from marketswarm.ports import Progress


def progress_of(task: Any) -> Progress:
    """A callback for the task that runs: step, how many are done, of how many."""

    def tell(step: str, done: int, total: int) -> None:
        if task.request.id is None or task.request.called_directly:
            return
        task.update_state(state="PROGRESS", meta={"step": step, "done": done, "total": total})
        task.send_event("task-progress", step=step, done=done, total=total)

    return tell
