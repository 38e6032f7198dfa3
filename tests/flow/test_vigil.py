"""Vigil on a real server: from ticks and chains to levels and events, whatever happens to those who evaluate."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from msgspec import Struct

from marketswarm.errors import StoreUnavailable
from marketswarm.servers import connect
from marketswarm.vigil.engine import Engine
from marketswarm.vigil.sighting import Detector
from tests.support.vigil_rig import NEXT, SLOT, VigilRig, counting_engine, watch_on

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rig(redis, store, clock, commit) -> VigilRig:
    """A server with a live chain."""
    made = VigilRig(redis, store, clock, commit)
    made.load()
    return made


def slots(*steps):
    """Slots, counted from the first."""
    return [SLOT + 10_000 * step for step in steps]


def test_a_tick_and_a_chain_become_levels_and_events(rig):
    """One evaluation judges the tick, publishes what the chain says at its spot, and tells what was seen."""
    rig.tick(6803.5)
    report = rig.evaluate()

    assert (report.slot, report.judged, report.skipped, report.lost) == (SLOT, 1, 0, 0)
    assert (report.expiration, report.changes.added, report.overtaken) == ("2026-11-23", 82, 0)
    levels = rig.levels()
    assert levels["spot"]["value"] == 6803.5
    assert levels["forward"]["value"] == pytest.approx(6803, abs=0.5)
    assert levels["volatility"]["value"] == pytest.approx(0.25, abs=1e-3)
    assert levels["net_gamma"]["sign_model"] == "naive"
    assert {field["expiration"] for field in levels.values() if "expiration" in field} == {"2026-11-23"}
    assert rig.judged() == [SLOT]


def test_a_task_that_is_delivered_again_finds_nothing_to_do(rig, redis):
    """Nothing is written, no chain is read, and the report says that nothing waited."""
    rig.tick()
    rig.evaluate()
    before = redis.dump("vigil:state:SPX")

    report = rig.evaluate()

    assert (report.judged, report.slot) == (0, 0)
    assert redis.dump("vigil:state:SPX") == before
    assert rig.judged() == [SLOT]


def test_one_evaluation_sorts_for_all_symbols(redis, store, clock, commit):
    """What the other symbol's evaluation has brought waits in its inbox."""
    rig = VigilRig(redis, store, clock, commit)
    rig.watch = watch_on(redis, clock, counting_engine(), symbols="SPX,SPY")
    rig.tick(symbols=("SPX", "SPY"))
    rig.evaluate("SPX")

    assert redis.zcard("vigil:ticks:SPY") == 1
    assert rig.evaluate("SPY").judged == 1
    assert redis.zcard("vigil:ticks:SPY") == 0


def test_racing_evaluations_judge_each_tick_once(rig, valkey_url, clock):
    """Six workers evaluate one symbol all the time while it ticks: every slot is told exactly once, in order."""
    stop = threading.Event()
    clients = [connect(valkey_url) for _ in range(6)]

    def work(client):
        watch = watch_on(client, clock, counting_engine())
        while not stop.is_set():
            watch.evaluate("SPX")

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for step in range(25):
        rig.tick()
        while rig.redis.xlen("vigil:events") < step - 2:
            time.sleep(0.001)
    stop.set()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    rig.evaluate()

    assert rig.judged() == slots(*range(25))


def test_two_that_did_the_same_are_one(rig, redis, clock):
    """Both judged the same ticks with the same chain: whoever comes second finds its own state, and writes nothing."""
    rig.tick()
    other = watch_on(redis, clock, counting_engine())
    commit = rig.watch._store.commit

    def second(symbol, outcome):
        other.evaluate("SPX")
        return commit(symbol, outcome)

    rig.watch._store.commit = second

    assert rig.evaluate().judged == 1
    assert rig.judged() == slots(0)


def test_the_slower_of_two_looks_again(rig, clock, redis):
    """An evaluation that another one overtakes at the last moment judges what still waits, and nothing twice."""
    rig.tick()
    other = watch_on(redis, clock, counting_engine())
    slow = rig.watch._store

    class Slow(type(slow)):
        def commit(self, symbol, outcome):
            if not rig.judged():
                rig.tick()
                other.evaluate("SPX")
                rig.tick()
                slow.sort_news()
            return slow.commit(symbol, outcome)

    rig.watch._store = Slow(redis, clock, "test", symbols=["SPX"])
    report = rig.evaluate()

    assert (report.overtaken, report.judged) == (1, 1)
    assert rig.judged() == slots(0, 1, 2)


DIES = """
import os, signal, sys
from marketswarm.clock import ManualClock
from marketswarm.servers import connect
from tests.support.vigil_rig import COUNTING, counting_engine, watch_on

def die(memory, moment):
    os.kill(os.getpid(), signal.SIGKILL)

redis = connect(sys.argv[1])
watch_on(redis, ManualClock(int(sys.argv[2])), counting_engine(COUNTING._replace(watch=die))).evaluate("SPX")
"""


def test_a_worker_that_is_killed_in_between_loses_nothing(rig, valkey_url, clock, redis):
    """It had read the groups and the inbox, and was about to commit: the next one judges all of it, once."""
    rig.tick(steps=3)
    command = [sys.executable, "-c", DIES, valkey_url, str(clock.now_ms())]
    killed = subprocess.run(command, cwd=ROOT, check=False, timeout=60)

    assert killed.returncode == -9
    assert redis.xpending("sse:timeseries", "vigil:spot")["pending"] == 0
    assert redis.exists("vigil:state:SPX", "vigil:levels:SPX", "vigil:events") == 0
    assert rig.evaluate().judged == 3
    assert rig.judged() == slots(0, 1, 2)


def test_what_a_foreign_consumer_took_is_judged(rig, redis):
    """Somebody read our group by hand and left: those ticks come back when they are overdue."""
    redis.xgroup_create("sse:timeseries", "vigil:spot", "0", mkstream=True)
    rig.tick(steps=2)
    redis.xreadgroup("vigil:spot", "gone", {"sse:timeseries": ">"})
    redis.xclaim("sse:timeseries", "vigil:spot", "gone", 0, _ids(redis), idle=60_000, justid=True)

    assert rig.evaluate().judged == 2
    assert rig.judged() == slots(0, 1)


def _ids(redis):
    return [entry_id for entry_id, _ in redis.xrange("sse:timeseries")]


def test_a_late_tick_is_not_judged_behind_newer_ones(rig, redis):
    """It is taken out, and the report says so."""
    redis.xgroup_create("sse:timeseries", "vigil:spot", "0", mkstream=True)
    rig.tick()
    redis.xreadgroup("vigil:spot", "gone", {"sse:timeseries": ">"})
    rig.tick()
    rig.evaluate()
    redis.xclaim("sse:timeseries", "vigil:spot", "gone", 0, _ids(redis)[:1], idle=60_000, justid=True)
    rig.tick()
    report = rig.evaluate()

    assert rig.judged() == slots(1, 2)
    assert any("ignored: 1" in note for note in report.notes)
    assert redis.zcard("vigil:ticks:SPX") == 0


def test_a_tick_of_the_future_stops_nothing(rig, redis):
    """It is left out: no later tick is late because of it."""
    redis.xadd("sse:timeseries", {"symbol": "SPX", "ts": SLOT * 10, "spot": 6800, "seq": 1})
    rig.tick(steps=2)
    rig.evaluate()

    assert rig.judged() == slots(0, 1)


def test_after_a_long_silence_the_newest_are_judged(rig):
    """Thirty slots are, those before them are history; report, levels and an event say so."""
    rig.tick()
    rig.evaluate()
    rig.tick(steps=42)
    report = rig.evaluate()

    assert (report.judged, report.skipped, report.lost) == (30, 12, 0)
    assert rig.judged() == slots(0, *range(13, 43))
    assert rig.levels()["quality"]["note"] == "catching up: 12 slots skipped, 0 lost" == report.notes[0]
    [lag] = [event for event in rig.events() if event["type"] == "data_quality"]
    assert (lag["key"], lag["evidence"]["skipped"]["value"], lag["ts"]) == ("lag", 12, slots(13)[0])
    assert rig.evaluate().judged == 0

    rig.tick()
    assert rig.evaluate().skipped == 0
    assert "note" not in rig.levels()["quality"]


def test_the_first_evaluation_misses_nothing(rig):
    """Where Vigil is new, what came before it is history, and no event says that it was missed."""
    rig.tick(steps=40)

    assert (rig.evaluate().judged, rig.events()[0]["type"]) == (30, "drift")
    assert "note" not in rig.levels()["quality"]


def test_ticks_that_were_trimmed_under_the_group_are_told(rig, redis):
    """The heartbeat counts its ticks: what is missing between two of them was lost, on whatever server."""
    rig.tick()
    rig.evaluate()
    rig.tick(steps=5)
    redis.xtrim("sse:timeseries", maxlen=2, approximate=False)
    report = rig.evaluate()

    assert (report.judged, report.skipped, report.lost) == (2, 0, 3)
    assert rig.judged() == slots(0, 4, 5)
    assert [
        event["evidence"]["lost"]["value"] for event in rig.events() if event["type"] == "data_quality"
    ] == [3]


def test_changes_that_were_trimmed_are_a_gap_and_the_chain_is_read_anyway(rig, redis):
    """The feed's group lost entries: the count says so, the levels are those of the chain as it is."""
    rig.tick()
    rig.evaluate()
    rig.load(run="second", open_interest=900)
    rig.load(run="third", open_interest=1800)
    redis.xtrim("sse:chain-feed", maxlen=1, approximate=False)
    before = rig.levels()["gross_gamma"]["value"]
    rig.tick()
    report = rig.evaluate()

    assert (report.changes.entries, report.changes.gaps) == (1, 1)
    assert rig.levels()["gross_gamma"]["value"] == pytest.approx(before * 1800 / 4501, rel=0.02)


def test_changes_are_counted_from_evaluation_to_evaluation(rig):
    """Each report has what came since the one before."""
    rig.tick()
    rig.evaluate()
    rig.tick()
    assert rig.evaluate().changes.entries == 0
    rig.load(run="second", open_interest=900)
    rig.tick()
    report = rig.evaluate()

    assert (report.changes.entries, report.changes.contracts, report.changes.added) == (1, 82, 0)
    assert rig.levels()["quality"]["changes"]["contracts"] == 82


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"not ours",
        b"\xff\x00",
        b"{}",
        b'{"symbol":"SPX","version":0}',
        b'{"symbol":"SPY","version":1}',
        b"[]",
        b'{"symbol":"SPX","version":1,"slot":9795446000000}',
    ],
)
def test_a_foreign_or_old_state_is_begun_anew(rig, redis, state):
    """It is no obstacle, and the report says what became of it."""
    redis.set("vigil:state:SPX", state)
    rig.tick()
    report = rig.evaluate()

    assert report.judged == 1
    assert any("begun" in note for note in report.notes)
    assert rig.evaluate().judged == 0


def test_a_server_that_lost_everything_is_no_obstacle(rig, redis):
    """Groups, inboxes and states are made anew; without a chain every level says why it is absent."""
    rig.tick(steps=2)
    rig.evaluate()
    redis.flushall()
    assert rig.evaluate().judged == 0

    rig.tick()
    assert rig.evaluate().judged == 1
    assert rig.levels()["net_gamma"]["absent"] == "no-chain"
    assert rig.levels()["spot"]["value"] == 6800
    rig.load()
    rig.tick()
    rig.evaluate()
    assert "value" in rig.levels()["net_gamma"]


def test_a_flush_in_the_midst_of_an_evaluation_writes_nothing(rig, redis):
    """What was judged belongs to a world that is gone."""
    rig.tick()
    rig.evaluate()
    rig.tick()
    store = rig.watch._store
    commit = store.commit

    def flushed(symbol, outcome):
        redis.flushall()
        return commit(symbol, outcome)

    store.commit = flushed
    report = rig.evaluate()

    assert (report.judged, report.overtaken) == (0, 1)
    assert redis.exists("vigil:state:SPX", "vigil:levels:SPX", "vigil:events") == 0


def test_a_roll_changes_the_chain_behind_the_levels(rig, redis):
    """After the switch the levels are the new chain's, the state knows it, and nothing of the old one is kept."""
    rig.tick()
    rig.evaluate()
    rig.load(NEXT, run="next")
    redis.hset("chaincurrent", "SPX", "2026-11-24")
    rig.tick()
    report = rig.evaluate()

    assert report.expiration == "2026-11-24"
    assert {field["expiration"] for field in rig.levels().values() if "expiration" in field} == {"2026-11-24"}
    assert b'"expiration":"2026-11-24"' in redis.get("vigil:state:SPX")
    assert [event["type"] for event in rig.events()][-1:] == ["expiry_roll"]
    assert not [field for field in redis.hkeys("vigil:changes:SPX") if b"11-23" in field]


def test_old_fields_never_linger(rig, redis):
    """What is no level is gone with the next evaluation."""
    redis.hset("vigil:levels:SPX", "made_up", "1")
    rig.tick()
    rig.evaluate()

    assert "made_up" not in rig.levels()


def test_a_store_that_is_away_is_said_so(rig, clock):
    """The task may be tried again: nothing of it was done."""
    away = watch_on(connect("redis://127.0.0.1:1/0"), clock)

    with pytest.raises(StoreUnavailable):
        away.evaluate("SPX")


class Nothing(Struct, frozen=True):
    """No memory."""


def test_a_detector_that_fails_holds_up_no_tick(rig, redis):
    """The ticks are judged by the others, the state says how often it failed, and it goes on when it can."""

    def fail(memory, moment):
        raise ZeroDivisionError

    bad = Detector("bad", 1, "fails", Nothing, fail, needs_chain=False)
    both = (bad, *counting_engine().detectors)
    rig.watch._engine = Engine(both, dict.fromkeys(["bad", "counting"]))
    rig.tick(steps=2)

    assert rig.evaluate().failed == ("bad",)
    assert rig.judged() == slots(0, 1)
    assert json.loads(redis.get("vigil:state:SPX"))["failed"] == {"bad": 2}

    rig.watch._engine = Engine(
        (bad._replace(watch=lambda memory, _: (memory, ())), *both[1:]), {"bad": None, "counting": None}
    )
    rig.tick()
    assert rig.evaluate().failed == ()
    assert rig.judged() == slots(0, 1, 2)
