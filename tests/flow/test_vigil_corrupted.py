"""What others wrote into the keys that Vigil reads: it is left out, or named in one line, and it is over when it is deleted."""

import pytest

from marketswarm.errors import WrongKey
from marketswarm.vigil.engine import Engine
from marketswarm.vigil.registry import DETECTORS
from marketswarm.vigil.thresholds import default_thresholds
from tests.support.vigil_rig import SLOT, VigilRig

CHAIN, META = "chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23"
ROW = '"strike":6800,"type":"call","root":"SPXW"'


@pytest.fixture
def rig(redis, store, clock, commit) -> VigilRig:
    """A server with a live chain, one tick judged by all detectors."""
    made = VigilRig(redis, store, clock, commit)
    made.watch._engine = Engine(DETECTORS, default_thresholds())
    made.load()
    made.tick()
    made.evaluate()
    return made


@pytest.mark.parametrize(
    ("key", "mapping"),
    [
        (CHAIN, {"O:SPXW261123C06800000": "{"}),
        (CHAIN, {b"\xff": "{}", "list": "[]", "text": b'{"strike":6800,"type":"call","root":"\xff"}'}),
        (CHAIN, {"far": "{" + ROW + ',"quote":{"ts":99999999999999999999999}}'}),
        (CHAIN, {"old": "{" + ROW + ',"quote":{"bid":-3,"ask":-4,"ts":-99999999999999999}}'}),
        (CHAIN, {"huge": "{" + ROW + ',"open_interest":1e999}'}),
        (CHAIN, {"other": '{"strike":-1,"type":"banana","root":"","multiplier":-100,"open_interest":-5}'}),
        (META, {"epoch": b"\xff", "seq": "-3", "state": b"\xff\xfe", "loaded_ms": "9" * 5_000}),
        ("chaincurrent", {"SPX": "rubbish"}),
        ("chaincurrent", {b"\xff": b"\xff"}),
        ("vigil:changes:SPX", {b"\xff": b"\xfe", "2026-11-23": "x y z", "rubbish": "", "spot/judged": "q"}),
        ("vigil:changes:SPX", {"2026-11-23/judged": "-1 " + "9" * 5_000, "spot/judged": "9" * 5_000}),
    ],
)
def test_rubbish_in_a_hash_is_left_out(rig, redis, key, mapping):
    """Ticks are judged all the same, levels are published, and nothing in them is no JSON."""
    redis.hset(key, mapping=mapping)
    for _ in range(2):
        rig.tick()
        report = rig.evaluate()
        assert (report.judged, report.failed) == (1, ())

    levels = redis.hgetall("vigil:levels:SPX")
    assert rig.levels()["spot"]["as_of"] == SLOT + 20_000
    assert not any(word in text for text in levels.values() for word in (b"null", b"NaN", b"Infinity"))


def test_rubbish_in_an_inbox_is_left_out(rig, redis):
    """Whatever it says, it is no tick, and it is taken out with those that are judged."""
    members = ["rubbish", b"\xff\xfe", "nan nan nan", "9" * 30 + " 6800 3", "9" * 5_000, "1 1e400 1"]
    redis.zadd("vigil:ticks:SPX", {member: at for at, member in enumerate(members)})
    rig.tick()

    assert rig.evaluate().judged == 1
    assert redis.zcard("vigil:ticks:SPX") == 0


def test_a_day_that_is_none_is_not_counted(rig, redis):
    """An entry of the feed that names no expiration is of no use."""
    for day in ("x", b"\xff", "", "2026-11-23/judged"):
        redis.xadd(
            "sse:chain-feed",
            {"symbol": "SPX", "expiration": day, "seq": 1, "prev_seq": 0, "updates": b"\xff"},
        )
    rig.tick()
    rig.evaluate()

    assert set(redis.hkeys("vigil:changes:SPX")) == {b"2026-11-23", b"2026-11-23/judged", b"spot/judged"}


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("vigil:state:SPX", "string"),
        ("vigil:ticks:SPX", "zset"),
        ("vigil:changes:SPX", "hash"),
        ("vigil:events", "stream"),
        ("sse:timeseries", "stream"),
        ("sse:chain-feed", "stream"),
        ("chaincurrent", "hash"),
        (CHAIN, "hash"),
        (META, "hash"),
    ],
)
def test_a_key_of_another_type_is_named_in_one_line(rig, redis, key, wanted):
    """Nothing is written while it stands there; when it is deleted, what waited is judged."""
    rig.tick()
    state = redis.dump("vigil:state:SPX")
    other = "list" if wanted == "string" else "string"
    redis.delete(key)
    (redis.rpush if other == "list" else redis.set)(key, "something")

    for _ in range(2):
        with pytest.raises(WrongKey) as caught:
            rig.evaluate()
    assert (
        str(caught.value) == f"{key} is a {other}, where a {wanted} belongs: delete it, and it is made anew"
    )
    assert key == "vigil:state:SPX" or redis.dump("vigil:state:SPX") == state

    redis.delete(key)
    rig.tick()
    assert rig.evaluate().slot == SLOT + 20_000


def test_levels_of_another_type_are_replaced(rig, redis):
    """They are written whole with each evaluation."""
    redis.set("vigil:levels:SPX", "something")
    rig.tick()
    rig.evaluate()

    assert rig.levels()["spot"]["value"] == 6800.0
