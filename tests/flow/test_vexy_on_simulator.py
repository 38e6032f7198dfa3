"""Vexy in the whole spine: Vigil tells, a worker speaks, and nothing is told twice when it dies."""

import json
import signal

import pytest

from marketswarm.model.message import Annotation, Message
from marketswarm.simulator.config import SimulatorConfig
from tests.support.simulator import RunningSimulator
from tests.support.spine import WORKER, Spine, spine
from tests.support.vexy_rig import example

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The spine with two symbols, live, and its first evaluations."""
    simulator = RunningSimulator(SimulatorConfig(port=0, seed=7))
    folder = tmp_path_factory.mktemp("vexy")
    settings = {"MASSIVE_API_KEY": "flow-test-key", "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS)}
    with spine(folder, simulator.rest, simulator.ws, **settings) as made:
        made.start_all()
        made.wait_live(*SYMBOLS)
        made.wait_for("levels", lambda: all(made.redis.exists(f"vigil:levels:{name}") for name in SYMBOLS))
        yield made
    simulator.stop()


def messages(spine: Spine) -> list[Message]:
    """All that was said."""
    return [
        Message.model_validate_json(fields["message"]) for _, fields in spine.redis.xrange("vexy:messages")
    ]


def tell(spine: Spine, type: str, **more) -> str:
    """An event as Vigil tells it, of the last tick; its id."""
    event = example(type, ts=spine.ticks("SPX")[-1], **more)
    spine.redis.xadd("vigil:events", {"event": event.model_dump_json(exclude_none=True)})
    return event.id


def times_told(spine: Spine, ids: list[str]) -> list[int]:
    """How often each of those events was told."""
    refs = [ref for one in messages(spine) for ref in one.refs if one.kind != "digest"]
    return [refs.count(name) for name in ids]


def test_what_waits_is_told_by_the_next_round(running):
    """Beat sees to it: nothing was sent for this event but the event itself."""
    name = tell(running, "spot_jump", severity=90, key="one")
    running.wait_for("a message", lambda: times_told(running, [name]) == [1], 30)

    (message,) = [one for one in messages(running) if name in one.refs]
    assert message.facts
    assert [one.widget for one in message.annotations][-1] == "spot"
    stored = running.redis.hget("vexy:widgets:SPX", message.annotations[-1].id)
    assert Annotation.model_validate_json(stored).source_event == name


def test_a_task_speaks_at_once_and_reports(running):
    """Asked for by hand; the report is plain JSON."""
    name = tell(running, "spot_jump", severity=90, key="two")
    asked = (
        "import json\n"
        "from tasks.vexy import speak_of_events, speak_of_phase\n"
        "for task in (speak_of_events, speak_of_phase):\n"
        "    print(json.dumps(task.apply_async(ignore_result=False).get(timeout=20)))\n"
    )
    said = [json.loads(line) for line in running.run("-c", asked).stdout.splitlines()]

    assert times_told(running, [name]) == [1]
    assert all(one["counts"]["heard"] >= 1 for one in said)


def test_workers_that_are_killed_and_race_tell_each_event_once(running):
    """One dies, two others take over; the group has heard all, and nothing is pending."""
    names = [tell(running, "spot_jump", severity=90, key=f"before {number}") for number in range(5)]
    running.end("worker", signal.SIGKILL)
    running.start("second", *WORKER)
    running.start("third", *WORKER)
    names += [tell(running, "spot_jump", severity=90, key=f"after {number}") for number in range(5)]
    running.wait_for("all of them", lambda: min(times_told(running, names)) >= 1, 60)

    assert times_told(running, names) == [1] * 10
    newest = running.redis.xrevrange("vigil:events", count=1)[0][0]

    def is_heard():
        (group,) = running.redis.xinfo_groups("vigil:events")
        return (group["name"], group["pending"]) == ("vexy", 0) and group["last-delivered-id"] >= newest

    running.wait_for("the group", is_heard, 30)
