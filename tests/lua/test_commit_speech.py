"""`commit_speech`: what was made of events is written whole or not at all, and the group goes as far as was heard."""

import threading
from hashlib import sha1

import pytest
from redis.exceptions import ResponseError

from marketswarm.scripts import script

EVENTS, STATE, MESSAGES, UNUSABLE = "vigil:events", "vexy:state", "vexy:messages", "vexy:unusable"
SPX, SPY = "vexy:widgets:SPX", "vexy:widgets:SPY"
GROUP = "vexy"


def commit(
    redis,
    state="second",
    *,
    began="first",
    heard=(),
    said=(),
    bad=(),
    put=None,
    taken=None,
    maxlen=10_000,
    kept=100,
):
    """Commit what began with a state; `heard` are the ids that were dealt with."""
    put, taken = put or {}, taken or {}
    marked = sorted({*put, *taken})
    arguments = [sha1(began.encode()).hexdigest() if began else "", state, GROUP, "vexy", len(heard), 10_000]
    arguments += [heard[-1] if heard else "0-0", maxlen, kept, len(said), len(bad), *said, *bad]
    for name in marked:
        words = [word for pair in put.get(name, {}).items() for word in pair]
        arguments += [len(words), len(taken.get(name, ())), *words, *taken.get(name, ())]
    return script("commit_speech").run(redis, [EVENTS, STATE, MESSAGES, UNUSABLE, *marked], arguments)


@pytest.fixture
def told(redis):
    """Three events and a state; the ids of the events."""
    redis.set(STATE, "first")
    return [redis.xadd(EVENTS, {"event": f"{number}"}).decode() for number in range(3)]


def place(redis):
    """How far the group has come, and how many entries are pending."""
    group = redis.xinfo_groups(EVENTS)[0]
    return group["last-delivered-id"].decode(), group["pending"]


def test_everything_is_written_in_one_step(redis, told):
    """State, messages in order, unusable entries, marks of each symbol; the group has heard all, and nothing is pending."""
    redis.hset(SPX, mapping={"old": "{}", "gone": "{}"})
    done = commit(
        redis,
        heard=told,
        said=["a", "b"],
        bad=["x", "y"],
        put={SPX: {"old": "new", "other": "{}"}, SPY: {"first": "{}"}},
        taken={SPX: ["gone", "never there"]},
    )

    assert done == 1
    assert redis.get(STATE) == b"second"
    assert [fields for _, fields in redis.xrange(MESSAGES)] == [{b"message": b"a"}, {b"message": b"b"}]
    assert redis.lrange(UNUSABLE, 0, -1) == [b"y", b"x"]
    assert redis.hgetall(SPX) == {b"old": b"new", b"other": b"{}"}
    assert redis.hgetall(SPY) == {b"first": b"{}"}
    assert place(redis) == (told[-1], 0)


def test_a_part_is_acknowledged(redis, told):
    """What was not dealt with still waits in the group."""
    commit(redis, heard=told[:2])

    assert place(redis) == (told[1], 0)
    rest = redis.xreadgroup(GROUP, "looker", {EVENTS: ">"})
    entries = rest[0][1] if isinstance(rest, list) else next(iter(rest.values()))[0]
    assert [entry_id.decode() for entry_id, _ in entries] == told[2:]


def test_without_events_the_group_stays(redis, told):
    """A digest, or a phase: nothing is acknowledged."""
    commit(redis, heard=told[:1])
    commit(redis, "third", began="second", said=["digest"])

    assert place(redis) == (told[0], 0)


def test_the_slower_one_writes_nothing(redis, told):
    """Another was quicker: its messages are dropped, and its events are not acknowledged."""
    redis.set(STATE, "another")

    assert commit(redis, heard=told, said=["a"], bad=["x"], put={SPX: {"mark": "{}"}}) == 0
    assert redis.exists(MESSAGES, UNUSABLE, SPX) == 0
    assert redis.xinfo_groups(EVENTS) == []
    assert redis.get(STATE) == b"another"


def test_the_first_finds_no_state(redis):
    """It commits where there is still none, and not where one has come meanwhile."""
    assert commit(redis, began=None) == 1
    assert commit(redis, "third", began=None) == 0


def test_a_state_that_vanished_is_no_match(redis):
    """After a flush a commit from before writes nothing."""
    assert commit(redis, said=["a"]) == 0
    assert redis.dbsize() == 0


def test_a_call_that_is_sent_again_changes_nothing(redis, told):
    """Its answer was lost: it is told as done, and no message is there twice."""
    for _ in range(2):
        assert commit(redis, heard=told, said=["a"], bad=["x"]) == 1

    assert redis.xlen(MESSAGES) == 1
    assert redis.llen(UNUSABLE) == 1
    assert place(redis) == (told[-1], 0)


def test_a_group_that_somebody_moved_goes_where_events_are_heard(redis, told):
    """Read by hand, or set to the end: the state says how far events are heard, and the group follows."""
    redis.xgroup_create(EVENTS, GROUP, "0")
    redis.xreadgroup(GROUP, "stranger", {EVENTS: ">"})
    commit(redis, heard=told[:1])

    assert redis.xinfo_groups(EVENTS)[0]["last-delivered-id"].decode() == told[0]


def test_what_a_stranger_took_and_left_is_acknowledged(redis, told):
    """Long overdue entries of others are not pending for ever: they were dealt with."""
    redis.xgroup_create(EVENTS, GROUP, "0")
    redis.xreadgroup(GROUP, "stranger", {EVENTS: ">"}, count=1)
    redis.xclaim(EVENTS, GROUP, "stranger", 0, told[:1], idle=60_000, justid=True)
    commit(redis, heard=told)

    assert place(redis) == (told[-1], 0)


def test_a_stream_that_was_emptied_stops_nothing(redis, told):
    """Its entries were trimmed between reading and writing."""
    redis.xtrim(EVENTS, maxlen=0, approximate=False)

    assert commit(redis, heard=told, said=["a"]) == 1
    assert place(redis) == (told[-1], 0)


def test_a_stream_that_is_gone_stops_nothing(redis, told):
    """The group is made with the stream."""
    redis.delete(EVENTS)

    assert commit(redis, heard=told, said=["a"]) == 1
    assert place(redis)[1] == 0


@pytest.mark.parametrize("key", [EVENTS, STATE, MESSAGES, UNUSABLE, SPX])
def test_a_key_of_another_type_is_met_before_anything_is_written(redis, told, key):
    """Nothing is half done."""
    redis.delete(key)
    redis.set(key, "text") if key != STATE else redis.lpush(key, "text")
    keys = sorted({EVENTS, STATE, MESSAGES, UNUSABLE, SPX})
    before = {name: redis.dump(name) for name in keys}

    with pytest.raises(ResponseError, match="WRONGTYPE"):
        commit(redis, heard=told, said=["a"], bad=["x"], put={SPX: {"mark": "{}"}})
    assert {name: redis.dump(name) for name in keys} == before


def test_stream_and_list_have_a_bound(redis, told):
    """The stream is trimmed by whole nodes, the list to the entry."""
    for step in range(5):
        commit(
            redis,
            f"state {step}",
            began=f"state {step - 1}" if step else "first",
            said=["{}"] * 100,
            bad=[f"{step}"] * 7,
            maxlen=100,
            kept=10,
        )

    assert redis.xlen(MESSAGES) < 400
    assert redis.lrange(UNUSABLE, 0, -1) == [b"4"] * 7 + [b"3"] * 3


def test_racing_workers_commit_once(redis, told):
    """Sixteen that began with the same state: one writes."""
    answers = []

    def work(number):
        answers.append(commit(redis, f"state of {number}", heard=told, said=["{}"]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [0] * 15 + [1]
    assert redis.xlen(MESSAGES) == 1
