"""How a load says how far it is."""

from types import SimpleNamespace

import pytest

from tasks.progress import progress_of


class RecordingTask:
    """A task that notes what it is told to say."""

    def __init__(self, task_id: str | None, *, directly: bool = False) -> None:
        self.request = SimpleNamespace(id=task_id, called_directly=directly)
        self.states, self.events = [], []

    def update_state(self, state, meta):
        self.states.append((state, meta))

    def send_event(self, kind, **fields):
        self.events.append((kind, fields))


def test_each_step_goes_to_backend_and_flower():
    """State PROGRESS with step, done and total; the same as an event."""
    task = RecordingTask("id")

    progress_of(task)("contracts", 3, 5)

    fields = {"step": "contracts", "done": 3, "total": 5}
    assert task.states == [("PROGRESS", fields)]
    assert task.events == [("task-progress", fields)]


@pytest.mark.parametrize("task", [RecordingTask(None), RecordingTask("id", directly=True)])
def test_a_task_that_is_called_as_a_function_says_nothing(task):
    """There is no result to follow."""
    progress_of(task)("contracts", 3, 5)

    assert (task.states, task.events) == ([], [])
