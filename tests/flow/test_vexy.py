"""Vexy on a real server: from events to messages and marks, whatever happens to those who speak."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from marketswarm.errors import StoreUnavailable, WrongKey
from marketswarm.servers import connect
from marketswarm.vexy.redis_vexy import RedisVexy
from tests.support.vexy_rig import VexyRig, example, fact, speaker_on

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rig(redis, clock) -> VexyRig:
    """A server with a tick and levels of two symbols."""
    made = VexyRig(redis, clock)
    made.tick()
    return made


def test_an_event_becomes_a_message_with_its_marks(rig):
    """Words for three readers, facts behind them, a mark on two widgets, and the group has come as far."""
    event = rig.tell("regime")
    report = rig.speak()

    (message,) = rig.messages()
    assert (report.heard, report.messages) == (1, ((message.id, "event", message.title),))
    assert (message.refs, message.symbols, message.ts) == ((event.id,), ("SPX",), event.ts)
    assert set(message.texts) == {"beginner", "initiated", "professional"}
    assert (message.epoch, message.tone, message.importance) == ("opening_range", "alert", "warning")
    assert message.facts
    assert [one.id for one in message.annotations] == ["SPX/gamma/regime/negative"]
    assert rig.marks()["SPX/gamma/regime/negative"]["source_event"] == event.id
    assert rig.group() == (rig.newest(), 0)


def test_a_second_time_finds_nothing_to_say(rig, redis):
    """No message, and not even the state is written."""
    rig.tell("regime")
    rig.speak()
    before = redis.dump("vexy:state")

    assert rig.speak().messages == ()
    assert redis.dump("vexy:state") == before


def test_the_same_events_give_the_same_bytes(rig, redis, clock):
    """Whoever speaks, however events come in: ids, words and marks are the same."""
    said = []
    for at_once in (True, False):
        redis.delete("vexy:messages", "vexy:state", "vexy:widgets:SPX", "vigil:events")
        for type in ("regime", "drift", "wall_moved"):
            rig.tell(type)
            if not at_once:
                rig.speak()
        rig.speak()
        said.append([fields[b"message"] for _, fields in redis.xrange("vexy:messages")])

    assert len(said[0]) == 3
    assert [json.loads(one)["id"] for one in said[0]] == [json.loads(one)["id"] for one in said[1]]
    assert [json.loads(one)["texts"] for one in said[0]] == [json.loads(one)["texts"] for one in said[1]]


def test_an_end_takes_the_place_of_its_beginning(rig):
    """It says whose; the mark is cleared for those who watch, and gone for those who come later."""
    begun = rig.tell("flip_cross")
    rig.speak()
    rig.pass_time(60)
    rig.end(begun, evidence={"flip": fact(6795.4), "distance": fact(4.9), "lasted": fact(60, "seconds")})
    rig.speak()

    first, second = rig.messages()
    assert second.supersedes == first.id
    assert {(one.id, one.state) for one in second.annotations} == {
        (one.id, "cleared") for one in first.annotations
    }
    assert [
        late.version - early.version
        for early, late in zip(first.annotations, second.annotations, strict=True)
    ] == [1] * 3
    assert rig.marks() == {}


def test_a_higher_importance_takes_the_place_of_a_lower_one(rig):
    """At once, within the cooldown; and its end takes the place of that."""
    begun = rig.tell("jump_risk", severity=50)
    rig.speak()
    rig.pass_time(20)
    rig.tell("jump_risk", severity=70, state="update", episode=begun.episode)
    rig.speak()

    first, second = rig.messages()
    assert second.supersedes == first.id
    assert (first.importance, second.importance) == ("notice", "warning")


def test_an_end_of_what_was_not_told_is_not_told(rig):
    """Its beginning was never heard; the mark goes all the same."""
    rig.end(example("pin_risk", ts=rig.now))

    assert rig.speak().messages == ()
    assert rig.group() == (rig.newest(), 0)


def test_several_symbols_are_told_together(rig):
    """One sentence for two events that come at once; both are told by it, and an end of one leaves it standing."""
    begun = [rig.tell("regime", symbol=symbol) for symbol in ("SPX", "SPY")]
    rig.speak()

    (message,) = rig.messages()
    assert message.symbols == ("SPX", "SPY")
    assert set(message.refs) == {event.id for event in begun}
    assert {one.symbol for one in message.annotations} == {"SPX", "SPY"}

    rig.pass_time(60)
    for event in begun:
        rig.end(event, evidence={"lasted": fact(60, "seconds"), "regime": fact(0.01, "net over gross")})
        rig.speak()
    assert [one.supersedes for one in rig.messages()[1:]] == ["", message.id]


# -- workers that race and die ------------------------------------------------


def test_workers_that_race_tell_each_event_once(rig, valkey_url, clock):
    """Two of them, and five hundred events: each is told once or counted once, in order, and none is left."""
    told = [
        rig.tell("drift", key=f"{number}", severity=90, symbol="SPX" if number % 2 else "SPY")
        for number in range(500)
    ]
    clients = [connect(valkey_url) for _ in range(2)]
    start = threading.Barrier(len(clients))

    def work(client):
        speaker = speaker_on(client, clock)
        start.wait()
        while rig.group_or_beginning() != rig.newest():
            speaker.speak()

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()

    assert sorted(rig.refs()) == sorted(event.id for event in told)
    assert rig.state()["counts"]["heard"] == 500
    assert rig.group() == (rig.newest(), 0)


def test_workers_that_race_while_events_come(rig, valkey_url, clock):
    """Four of them speak all the time while Vigil tells: nothing is unheard, nothing told twice."""
    stop = threading.Event()
    clients = [connect(valkey_url) for _ in range(4)]

    def work(client):
        speaker = speaker_on(client, clock)
        while not stop.is_set():
            speaker.speak()

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    told = [rig.tell("drift", key=f"{number}", severity=90).id for number in range(100)]
    stop.set()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    rig.speak()

    assert rig.refs() == told


DIES = """
import os, signal, sys
from marketswarm.clock import ManualClock
from marketswarm.servers import connect
from marketswarm.vexy.redis_vexy import RedisVexy
from tests.support.vexy_rig import speaker_on

commit = RedisVexy.commit

def dying(self, outcome):
    if sys.argv[3] == "after":
        commit(self, outcome)
    os.kill(os.getpid(), signal.SIGKILL)

RedisVexy.commit = dying
speaker_on(connect(sys.argv[1]), ManualClock(int(sys.argv[2]))).speak()
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_is_killed_loses_nothing_and_repeats_nothing(rig, valkey_url, clock, moment):
    """Before the commit nothing is written, after it everything: the next one tells the rest, each once."""
    told = [rig.tell(type).id for type in ("regime", "drift", "wall_moved")]
    command = [sys.executable, "-c", DIES, valkey_url, str(clock.now_ms()), moment]
    killed = subprocess.run(command, cwd=ROOT, check=False, timeout=60)

    assert killed.returncode == -9
    assert len(rig.messages()) == (3 if moment == "after" else 0)
    rig.speak()
    assert rig.refs() == told
    assert rig.group() == (rig.newest(), 0)


def test_the_slower_of_two_looks_again(rig, redis, clock):
    """One that is overtaken at the last moment drops its work, and tells what is still new."""
    told = [rig.tell("regime").id]
    other = speaker_on(redis, clock)
    slow = rig.speaker._store

    class Slow(RedisVexy):
        def commit(self, outcome):
            if not rig.messages():
                told.append(rig.tell("drift").id)
                other.speak()
                told.append(rig.tell("wall_moved").id)
            return slow.commit(outcome)

    rig.speaker._store = Slow(redis, "test", symbols=["SPX", "SPY"])
    report = rig.speak()

    assert (report.overtaken, report.heard) == (1, 1)
    assert rig.refs() == told


def test_two_that_did_the_same_are_one(rig, redis, clock):
    """Both heard the same: whoever comes second finds its own state, and writes nothing."""
    event = rig.tell("regime")
    other, commit = speaker_on(redis, clock), rig.speaker._store.commit

    def second(outcome):
        other.speak()
        return commit(outcome)

    rig.speaker._store.commit = second
    rig.speak()

    assert rig.refs() == [event.id]


# -- what should not be there ---------------------------------------------------

POISON = [
    b"no JSON",
    b"",
    b"\xff\xfe\x00",
    b"[]",
    b"null",
    b'{"id": "a"}',
    b'{"id":' + b"[" * 5_000,
    b'"' + b"x" * 100_000 + b'"',
]


def test_poison_stops_nothing(rig, redis):
    """What holds no event is counted and kept with the reason; what stands before and behind it is told."""
    sane = json.loads(example("regime", ts=rig.now).model_dump_json(exclude_none=True))
    more = [
        json.dumps(sane | wrong).encode()
        for wrong in (
            {"symbol": "IWM"},
            {"ts": -1},
            {"severity": 101},
            {"extra": 1},
            {"evidence": {"x": 1}},
            {"ts": "now"},
        )
    ]
    first = rig.tell("drift")
    for text in (*POISON, *more):
        rig.put(text)
    redis.xadd("vigil:events", {"other": "field"})
    last = rig.tell("wall_moved")
    report = rig.speak()

    assert rig.refs() == [first.id, last.id]
    assert report.unusable == report.counts["unusable"] == len(POISON) + len(more) + 1
    kept = [json.loads(text) for text in redis.lrange("vexy:unusable", 0, -1)]
    assert len(kept) == report.unusable
    assert kept[0]["why"] == "no field `event`"
    assert kept[-1]["text"] == "no JSON"
    assert all(one["why"] and len(one["text"]) <= 2_000 for one in kept)
    assert rig.group() == (rig.newest(), 0)


def test_more_poison_than_is_kept(rig, redis):
    """It is all counted; the newest hundred are kept."""
    for number in range(250):
        rig.put(f"poison {number}")

    assert rig.speak().unusable == 250
    kept = [json.loads(text)["text"] for text in redis.lrange("vexy:unusable", 0, -1)]
    assert kept == [f"poison {number}" for number in range(249, 149, -1)]


@pytest.mark.parametrize("text", [b"not JSON", b"\xff", b'{"version": 99}', b'{"version": 1, "heard": 7}'])
def test_a_state_that_cannot_be_used_is_begun_anew(rig, redis, text):
    """Events go on where the group stands: what was told is not told again."""
    rig.tell("regime")
    rig.speak()
    redis.set("vexy:state", text)
    last = rig.tell("drift")
    rig.speak()

    assert len(rig.messages()) == 2
    assert rig.messages()[-1].refs == (last.id,)
    assert "begun anew" in rig.state()["begun_anew"]


def test_a_foreign_mark_is_left_where_it_is(rig, redis):
    """What cannot be read as a mark hurts nobody."""
    redis.hset("vexy:widgets:SPX", "foreign", "no mark")
    rig.tell("regime")
    rig.speak()

    assert len(rig.messages()) == 1
    assert redis.hget("vexy:widgets:SPX", "foreign") == b"no mark"


@pytest.mark.parametrize("key", ["vexy:state", "vexy:messages", "vexy:unusable", "vexy:widgets:SPX"])
def test_a_key_of_another_type_is_named(rig, redis, key):
    """Nothing is written, and the error says which key it is."""
    rig.tell("regime")
    redis.delete(key)
    redis.sadd(key, "foreign")

    with pytest.raises(WrongKey, match=key):
        rig.speak()
    redis.delete(key)
    assert len(rig.speak().messages) == 1


# -- the store ------------------------------------------------------------------


def test_a_store_that_was_emptied_begins_anew(rig, redis):
    """Nothing is told of what is gone, and all that comes."""
    rig.tell("regime")
    rig.speak()
    redis.flushall()
    assert rig.speak().messages == ()

    rig.tick()
    event = rig.tell("drift")
    rig.speak()
    assert rig.refs() == [event.id]
    assert rig.group() == (rig.newest(), 0)


def test_a_stream_that_was_begun_anew_is_heard_from_its_beginning(rig, redis):
    """Its ids lie behind those that were heard, since the server's clock was set back."""
    rig.put(example("regime", ts=rig.now).model_dump_json(exclude_none=True))
    rig.speak()
    redis.delete("vigil:events")
    event = example("drift", ts=rig.now)
    redis.xadd("vigil:events", {"event": event.model_dump_json(exclude_none=True)}, id="5-1")
    rig.speak()

    assert rig.refs()[-1] == event.id
    assert rig.group() == ("5-1", 0)


def test_events_that_were_trimmed_are_not_hidden(rig, redis):
    """The report says that some may be missing, and the rest is told."""
    rig.tell("regime")
    rig.speak()
    for number in range(5):
        rig.tell("drift", key=f"{number}", severity=90)
    redis.xtrim("vigil:events", maxlen=2, approximate=False)
    report = rig.speak()

    assert report.counts["lost"] == 1
    assert any("trimmed" in note for note in report.notes)
    assert len(rig.messages()) == 3


def test_a_store_that_is_away_is_said(clock):
    """As the project's own error, which is worth a second try."""
    speaker = speaker_on(connect("redis://127.0.0.1:1/0"), clock)

    with pytest.raises(StoreUnavailable):
        speaker.speak()
