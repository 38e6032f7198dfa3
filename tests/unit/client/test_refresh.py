"""A reload, watched to its end."""

import json
from datetime import date

import pytest

from marketswarm.errors import GatewayUnavailable, RefreshFailed
from tests.support.scripted_gateway import Answer

ORDER, TASK = "/api/v1/refresh/SPX", "/api/v1/tasks/t1"


def seen(state, **more):
    """A task as the gateway tells it."""
    return {"task_id": "t1", "state": state, "over": state in ("SUCCESS", "FAILURE")} | more


@pytest.fixture
def ordered(gateway):
    """A gateway that takes the order."""
    gateway.answer(ORDER, Answer(202, {"task_id": "t1", "symbol": "SPX"}))
    return gateway


def test_its_steps_are_told(ordered, client):
    """Each new state once, up to the result; a gateway that is away for a moment does not matter."""
    half = seen("PROGRESS", progress={"percent": 50})
    away = Answer(503, {"reason": "away"})
    ordered.answer(TASK, half, half, away, seen("SUCCESS", result={"contracts": 202}))
    told = []
    done = client.refresh("spx", progress=told.append)
    assert [one.state for one in told] == ["PENDING", "PROGRESS", "SUCCESS"]
    assert told[1].progress == {"percent": 50}
    assert (done.state, done.result) == ("SUCCESS", {"contracts": 202})


def test_what_is_ordered_is_said(ordered, client):
    """What is left out is as the settings say."""
    ordered.answer(TASK, seen("SUCCESS"))
    client.refresh("SPX")
    client.refresh("SPX", strikes_each_side=20, expiration=date(2026, 11, 24))
    bodies = [json.loads(one.body) for one in ordered.asked if one.method == "POST"]
    assert bodies == [{}, {"strikes_each_side": 20, "expiration": "2026-11-24"}]


def test_a_failure_is_raised(ordered, client):
    """With the symbol and the task's own words."""
    ordered.answer(TASK, seen("FAILURE", error="no spot for SPX"))
    with pytest.raises(RefreshFailed, match="SPX: no spot for SPX"):
        client.refresh("SPX")


def test_it_ends_in_time(ordered, client):
    """A task that no worker takes is not waited for longer; nor is a gateway that is away."""
    ordered.answer(TASK, seen("PENDING"))
    with pytest.raises(RefreshFailed, match=r"no end within 0\.1 s, PENDING"):
        client.refresh("SPX", timeout_s=0.1)
    ordered.answer(TASK, Answer(503, {"reason": "away"}))
    with pytest.raises(GatewayUnavailable, match="away"):
        client.refresh("SPX", timeout_s=0.1)


def test_a_reload_that_did_nothing_is_ordered_again(ordered, client):
    """It met another one in flight, whose chain is not stored yet and may be a smaller one."""
    joined = seen("SUCCESS", result={"state": "joined"})
    ordered.answer(TASK, joined, seen("SUCCESS", result={"state": "loaded", "contracts": 42}))
    assert client.refresh("SPX").result["contracts"] == 42
    assert [one.method for one in ordered.asked].count("POST") == 2
    ordered.answer(TASK, joined)
    with pytest.raises(RefreshFailed, match=r"in flight for 0\.3 s|no end within 0\.3 s"):
        client.refresh("SPX", timeout_s=0.3)
