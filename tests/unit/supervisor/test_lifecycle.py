"""One part's life: the table, the waits, and when it is given up."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.supervisor.lifecycle import ENDED, TABLE, Action, Event, Lifecycle, State
from marketswarm.supervisor.part import Patience

PATIENCE = Patience(
    start_s=10, stop_s=5, start_attempts=2, failures=4, within_s=60, first_delay_s=1, longest_delay_s=3
)


def in_state(state: State) -> Lifecycle:
    """A life that has come to this state by its ordinary way, at time 0."""
    life = Lifecycle(PATIENCE)
    if state is State.FAILED:
        life.on(Event.START, 0)
        life.on(Event.HOPELESS, 0)
        return life
    ways = {
        State.WAITING: (),
        State.STARTING: (Event.START,),
        State.READY: (Event.START, Event.BECAME_READY),
        State.BACKOFF: (Event.START, Event.BECAME_READY, Event.CRASHED),
        State.STOPPING: (Event.START, Event.BECAME_READY, Event.STOP),
        State.STOPPED: (Event.STOP,),
    }
    for event in ways[state]:
        life.on(event, 0)
    return life


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_every_pair_does_what_the_table_says(state: State, event: Event) -> None:
    """A pair in the table leads where it says; any other changes nothing and asks for nothing."""
    life = in_state(state)
    assert life.state is state
    expected = TABLE.get((state, event), (state, Action.NOTHING))
    action = life.on(event, 0)
    assert (life.state, action) == expected


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_stopped(state: State) -> None:
    """From every state a stop leads, with the end of the process, to an end."""
    life = in_state(state)
    life.on(Event.STOP, 0)
    life.ended(1)
    assert life.state in ENDED


def test_a_slow_start_is_killed_and_counts_as_a_failure() -> None:
    """A start that is not ready in time is killed once; the end of the process leads to another try."""
    life = in_state(State.STARTING)
    assert life.passed(9.9) is Action.NOTHING
    assert life.passed(10) is Action.KILL
    assert life.passed(30) is Action.NOTHING
    life.ended(10.1)
    assert life.state is State.BACKOFF


def test_the_wait_doubles_to_its_bound() -> None:
    """The wait before a new start is 1, 2, then at most 3 seconds."""
    life = in_state(State.READY)
    now_s, waits = 0.0, []
    for _ in range(3):
        life.ended(now_s)
        assert life.deadline_s is not None
        waits.append(life.deadline_s - now_s)
        now_s = life.deadline_s
        assert life.passed(now_s) is Action.SPAWN
        life.on(Event.BECAME_READY, now_s)
    assert waits == [1, 2, 3]


def test_failures_inside_the_window_are_final() -> None:
    """The fourth failure within 60 s is final."""
    life = in_state(State.READY)
    for moment in (0, 10, 20):
        life.ended(moment)
        assert life.state is State.BACKOFF
        life.passed(moment + 5)
        life.on(Event.BECAME_READY, moment + 5)
    life.ended(60)
    assert life.state is State.FAILED


def test_old_failures_are_forgotten() -> None:
    """A part that fails once a minute is started again for ever, after the shortest wait."""
    life = in_state(State.READY)
    for minute in range(20):
        moment = minute * 61.0
        life.ended(moment)
        assert (life.state, life.deadline_s) == (State.BACKOFF, moment + 1)
        life.passed(moment + 1)
        life.on(Event.BECAME_READY, moment + 2)


def test_a_part_that_never_was_ready_has_two_attempts() -> None:
    """What fails twice before it ever was ready is not tried a third time."""
    life = in_state(State.STARTING)
    life.ended(0)
    assert life.state is State.BACKOFF
    assert life.passed(1) is Action.SPAWN
    life.ended(2)
    assert life.state is State.FAILED


def test_a_stop_that_takes_too_long_ends_in_a_kill() -> None:
    """A part that was asked to stop is killed five seconds later, once."""
    life = in_state(State.STOPPING)
    assert life.passed(4.9) is Action.NOTHING
    assert life.passed(5) is Action.KILL
    assert life.passed(100) is Action.NOTHING
    life.ended(5.1)
    assert life.state is State.STOPPED


def test_hurry_shortens_the_wait_and_never_lengthens_it() -> None:
    """Told to hurry, a part has one second from the first time it is told, however often it is."""
    life = in_state(State.STOPPING)
    for moment in (1.0, 1.5, 1.9):
        life.on(Event.HURRY, moment)
    assert life.passed(2.0) is Action.KILL
    life.on(Event.HURRY, 2.1)
    assert life.passed(50) is Action.NOTHING


@given(st.lists(st.tuples(st.sampled_from(Event), st.floats(0, 30)), max_size=60))
def test_no_order_of_events_spawns_beside_a_running_process(events: list[tuple[Event, float]]) -> None:
    """Whatever happens, a process is spawned only when none runs, and none after a stop."""
    life, now_s, runs, stopped = Lifecycle(PATIENCE), 0.0, False, False
    for event, pause_s in events:
        now_s += pause_s
        if event in (Event.CRASHED, Event.HOPELESS):
            if not runs:
                continue
            runs, action = False, life.ended(now_s)
        elif event is Event.TIME_OVER:
            action = life.passed(now_s)
        else:
            action = life.on(event, now_s)
        stopped |= event in (Event.STOP, Event.HURRY)
        if action is Action.SPAWN:
            assert not runs
            assert not stopped
            runs = True
