"""A reload as the command line knows it."""

import json
from types import SimpleNamespace

import pytest
from celery.exceptions import TaskRevokedError

from marketswarm.cli import reloads
from marketswarm.cli.reloads import Reload, look_again

PLAIN = Reload("SPX", "task-1")


def test_what_is_over_does_not_time_out() -> None:
    """When the time is over, only what still runs is timed out."""
    assert PLAIN.timed_out().state == "timeout"
    assert Reload("SPX", "task-1", state="loaded").timed_out().state == "loaded"


def test_the_result_is_part_of_the_document() -> None:
    """A reload as JSON: symbol, task, state, and what the task returned."""
    done = Reload(
        "SPX", "task-1", state="loaded", result={"symbol": "SPX", "state": "loaded", "contracts": 202}
    )
    assert json.loads(json.dumps(done.as_json())) == {
        "symbol": "SPX",
        "task_id": "task-1",
        "state": "loaded",
        "contracts": 202,
    }


@pytest.mark.parametrize(
    ("status", "why", "state"),
    [
        ("REVOKED", "expired", "timeout"),
        ("REVOKED", "terminated", "failed"),
        ("FAILURE", "expired", "failed"),
    ],
)
def test_what_expired_before_a_worker_took_it_has_timed_out(monkeypatch, status, why, state) -> None:
    """It is the command's own time that ran out; whatever else takes it back is a failure."""
    meta = {"status": status, "result": TaskRevokedError(why)}
    backend = SimpleNamespace(get_task_meta=lambda _id: meta)
    monkeypatch.setattr(reloads, "app", SimpleNamespace(backend=backend))
    assert look_again(PLAIN).state == state


def test_what_is_over_is_not_looked_at_again() -> None:
    """A reload that is over stays as it is, whatever the backend says."""
    done = Reload("SPX", "task-1", state="failed", error="no spot")
    assert look_again(done) is done
