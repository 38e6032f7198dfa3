"""`commit_evaluation`: all of an evaluation is written, or nothing, and only by the one that was quickest."""

import threading
from hashlib import sha1

import pytest

from marketswarm.scripts import script

STATE, LEVELS, EVENTS, TICKS, CHANGES = (
    "vigil:state:SPX",
    "vigil:levels:SPX",
    "vigil:events",
    "vigil:ticks:SPX",
    "vigil:changes:SPX",
)


def commit(
    redis,
    state="second",
    *,
    began="first",
    judged=20,
    events=(),
    marks=None,
    gone=(),
    levels=None,
    maxlen=10_000,
):
    """Commit an evaluation that began with a state."""
    marks = [word for pair in (marks or {}).items() for word in pair]
    rows = [word for pair in ({"flip": "{}"} if levels is None else levels).items() for word in pair]
    arguments = [sha1(began.encode()).hexdigest() if began else "", state, judged, maxlen, len(events)]
    arguments += [len(marks), len(gone), *events, *marks, *gone, *rows]
    return script("commit_evaluation").run(redis, [STATE, LEVELS, EVENTS, TICKS, CHANGES], arguments)


@pytest.fixture
def first(redis):
    """A state, three ticks that wait, levels, and counts of two chains."""
    redis.set(STATE, "first")
    redis.zadd(TICKS, {"10 a": 10, "20 b": 20, "30 c": 30})
    redis.hset(LEVELS, mapping={"flip": "old", "gone": "old"})
    redis.hset(CHANGES, mapping={"2026-11-23": "1", "2026-11-24": "2"})


def test_everything_is_written_in_one_step(redis, first):
    """State, events in order, levels whole, counts, and the judged ticks are out of the inbox."""
    done = commit(
        redis,
        events=['{"id":"a"}', '{"id":"b"}'],
        marks={"spot/judged": "7", "2026-11-24/judged": "2"},
        gone=["2026-11-23"],
        levels={"flip": "new", "regime": "new"},
    )

    assert done == 1
    assert redis.get(STATE) == b"second"
    assert redis.hgetall(LEVELS) == {b"flip": b"new", b"regime": b"new"}
    assert [fields for _, fields in redis.xrange(EVENTS)] == [
        {b"event": b'{"id":"a"}'},
        {b"event": b'{"id":"b"}'},
    ]
    assert redis.zrange(TICKS, 0, -1) == [b"30 c"]
    assert redis.hgetall(CHANGES) == {b"2026-11-24": b"2", b"spot/judged": b"7", b"2026-11-24/judged": b"2"}


def test_a_field_that_is_no_level_any_more_is_gone(redis, first):
    """Old fields never linger."""
    commit(redis)

    assert redis.hgetall(LEVELS) == {b"flip": b"{}"}


def test_without_levels_there_are_none(redis, first):
    """An evaluation that publishes nothing leaves nothing of the one before."""
    commit(redis, levels={})

    assert redis.exists(LEVELS) == 0


def test_the_slower_one_writes_nothing(redis, first):
    """Another evaluation has moved the state: this one's work is dropped, its news stay."""
    redis.set(STATE, "another")
    before = {key: redis.dump(key) for key in (STATE, LEVELS, TICKS, CHANGES)}

    assert commit(redis, events=["{}"], gone=["2026-11-23"]) == 0
    assert {key: redis.dump(key) for key in (STATE, LEVELS, TICKS, CHANGES)} == before
    assert redis.exists(EVENTS) == 0


def test_the_first_evaluation_finds_no_state(redis):
    """It commits where there is still none, and not where one has come meanwhile."""
    assert commit(redis, began=None) == 1
    assert commit(redis, "third", began=None) == 0


def test_a_state_that_vanished_is_no_match(redis):
    """After a flush an evaluation from before writes nothing."""
    assert commit(redis) == 0
    assert redis.dbsize() == 0


def test_a_call_that_is_sent_again_changes_nothing(redis, first):
    """Its answer was lost: it is told as done, and no event is there twice."""
    commit(redis, events=["{}"])

    assert commit(redis, events=["{}"]) == 1
    assert redis.xlen(EVENTS) == 1


def test_a_state_of_any_bytes_is_compared(redis):
    """The state is the engine's business: the script knows no format."""
    redis.set(STATE, b"\x00\xff not ours")

    assert commit(redis) == 0


def test_events_have_a_bound(redis, first):
    """The stream is trimmed by whole nodes."""
    for step in range(5):
        commit(
            redis,
            f"state {step}",
            began=f"state {step - 1}" if step else "first",
            events=["{}"] * 100,
            maxlen=100,
        )

    assert redis.xlen(EVENTS) < 400


def test_racing_evaluations_commit_once(redis):
    """Sixteen that began with the same state: one writes."""
    redis.set(STATE, "first")
    answers = []

    def work(number):
        answers.append(commit(redis, f"state of {number}", events=["{}"]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [0] * 15 + [1]
    assert redis.xlen(EVENTS) == 1
