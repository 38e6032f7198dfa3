"""The state of a task in the words of the page."""

from typing import Any

import pytest

from marketswarm.errors import NoSpot
from marketswarm.outlets.flower_page.progress import percent_done, progress_view


def test_unknown_task() -> None:
    """A task of which the backend knows nothing waits."""
    view = progress_view("t", {"status": "PENDING", "result": None})
    assert view == {"task_id": "t", "state": "PENDING", "over": False, "percent": 0}


def test_under_way() -> None:
    """A task under way shows its step and its share."""
    view = progress_view(
        "t", {"status": "PROGRESS", "result": {"step": "contracts", "done": 3, "total": 5, "x": 1}}
    )
    assert view == {
        "task_id": "t",
        "state": "PROGRESS",
        "over": False,
        "percent": 60,
        "step": "contracts",
        "done": 3,
        "total": 5,
    }


def test_success() -> None:
    """A finished task is whole and gives its result."""
    view = progress_view("t", {"status": "SUCCESS", "result": {"contracts": 202}})
    assert (view["over"], view["percent"], view["result"]) == (True, 100, {"contracts": 202})


@pytest.mark.parametrize(("state", "over"), [("FAILURE", True), ("REVOKED", True), ("RETRY", False)])
def test_trouble(state: str, over: bool) -> None:
    """A failed, revoked or retried task says why; only a retried one goes on."""
    view = progress_view("t", {"status": state, "result": NoSpot("SPX", "the provider")})
    assert view["over"] is over
    assert view["error"] == "no spot for SPX; tried: the provider"


def test_error_without_words() -> None:
    """An error without words gives its name."""
    assert progress_view("t", {"status": "FAILURE", "result": KeyError()})["error"] == "KeyError"


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [(0, 5, 0), (1, 3, 33), (5, 5, 100), (7, 5, 100), (-1, 5, 0), (1, 0, 0), (None, 5, 0), (1, "5", 0)],
)
def test_percent(done: Any, total: Any, percent: int) -> None:
    """Percent is whole, rounded down and within 0 to 100, whatever the numbers."""
    assert percent_done(done, total) == percent
