"""`sort_ticks`: every tick of the group is in its symbol's inbox once, in the order of time, whoever brought it."""

import threading

import pytest
from redis.exceptions import ResponseError

from marketswarm.model.spot import SpotReading
from marketswarm.scripts import script
from marketswarm.spot.redis_spots import RedisSpots

STREAM, GROUP = "sse:timeseries", "vigil:spot"
SLOT = 1_795_446_000_000


def sort(redis, *symbols, count=512, idle_ms=10_000, kept=360, latest=SLOT + 600_000):
    """Sort the news of these symbols."""
    symbols = symbols or ("SPX", "SPY")
    names = [STREAM, *(f"vigil:ticks:{symbol}" for symbol in symbols)]
    return script("sort_ticks").run(redis, names, [GROUP, "vigil", count, idle_ms, kept, latest, *symbols])


def inbox(redis, symbol="SPX"):
    """The words of the ticks that wait."""
    return [words.decode() for words in redis.zrange(f"vigil:ticks:{symbol}", 0, -1)]


@pytest.fixture
def tick(redis):
    """Publish slots after the first, counted in slots, for some symbols."""
    spots = RedisSpots(redis, "test")

    def tick(*slots, symbols=("SPX",), delayed=False):
        for slot in slots:
            readings = [
                SpotReading(symbol, 6800.25 + slot, SLOT, "unified", delayed=delayed) for symbol in symbols
            ]
            spots.publish(SLOT + 10_000 * slot, "sim", readings)

    return tick


def test_ticks_come_to_their_symbols(redis, tick):
    """Each symbol's inbox has its own, as they were published; nothing is left pending."""
    tick(0, 1, symbols=("SPX", "SPY"))
    tick(2, delayed=True)

    assert sort(redis) == [5, 0, 0]
    assert inbox(redis) == [
        "1795446000000 6800.25 1",
        "1795446010000 6801.25 2",
        "1795446020000 6802.25 3 delayed",
    ]
    assert len(inbox(redis, "SPY")) == 2
    assert redis.xpending(STREAM, GROUP)["pending"] == 0


def test_what_is_sorted_does_not_come_again(redis, tick):
    """A second sorting finds nothing; a third only what is new."""
    tick(0)
    sort(redis)
    redis.delete("vigil:ticks:SPX")

    assert sort(redis) == [0, 0, 0]
    tick(1)
    assert sort(redis) == [1, 0, 0]
    assert len(inbox(redis)) == 1


def test_ticks_of_other_symbols_are_left_out(redis, tick):
    """They are acknowledged, and no key is made for them."""
    tick(0, symbols=("SPX", "IWM"))

    assert sort(redis, "SPX") == [1, 0, 0]
    assert redis.keys("vigil:ticks:*") == [b"vigil:ticks:SPX"]
    assert redis.xpending(STREAM, GROUP)["pending"] == 0


def test_a_lot_comes_in_parts(redis, tick):
    """The answer says when there may be more."""
    tick(*range(5))

    assert [sort(redis, count=2) for _ in range(4)] == [[2, 0, 1], [2, 0, 1], [1, 0, 0], [0, 0, 0]]
    assert len(inbox(redis)) == 5


def test_what_a_dead_consumer_took_is_taken_over(redis, tick):
    """Whoever was given entries in our group and vanished: they are sorted in their place of time, not lost."""
    tick(*range(3))
    redis.xgroup_create(STREAM, GROUP, "0")
    redis.xreadgroup(GROUP, "dead", {STREAM: ">"}, count=2)

    assert sort(redis) == [1, 0, 0]
    assert sort(redis, idle_ms=0) == [2, 0, 0]
    assert [words[:13] for words in inbox(redis)] == [str(SLOT + 10_000 * step) for step in range(3)]
    assert redis.xpending(STREAM, GROUP)["pending"] == 0


def test_what_a_dead_consumer_took_may_be_trimmed(redis, tick):
    """It is acknowledged: nobody can have it any more."""
    tick(0, 1)
    redis.xgroup_create(STREAM, GROUP, "0")
    redis.xreadgroup(GROUP, "dead", {STREAM: ">"})
    redis.xtrim(STREAM, maxlen=0, approximate=False)

    assert sort(redis, idle_ms=0) == [0, 0, 0]
    assert redis.xpending(STREAM, GROUP)["pending"] == 0


def test_a_slot_is_in_the_inbox_once(redis, tick):
    """A second entry of the same slot, whatever it says, is left out."""
    tick(0)
    redis.xadd(STREAM, {"symbol": "SPX", "ts": SLOT, "spot": 1})

    assert sort(redis) == [1, 0, 0]
    assert inbox(redis) == ["1795446000000 6800.25 1"]


@pytest.mark.parametrize(
    "fields",
    [
        {"symbol": "SPX", "ts": SLOT, "spot": "nan"},
        {"symbol": "SPX", "ts": SLOT, "spot": "0"},
        {"symbol": "SPX", "ts": SLOT, "spot": "-1"},
        {"symbol": "SPX", "ts": SLOT, "spot": "inf"},
        {"symbol": "SPX", "ts": SLOT, "spot": "high"},
        {"symbol": "SPX", "ts": SLOT},
        {"symbol": "SPX", "ts": "now", "spot": 6800},
        {"symbol": "SPX", "ts": "1" * 30, "spot": 6800},
        {"symbol": "SPX", "ts": SLOT + 600_001, "spot": 6800},
        {"symbol": "SPX", "spot": 6800},
    ],
)
def test_what_is_no_tick_is_counted_and_left_out(redis, tick, fields):
    """Whatever a foreign writer put into the stream, the ticks around it come through."""
    tick(0)
    redis.xadd(STREAM, fields)
    tick(1)

    assert sort(redis) == [2, 1, 0]
    assert len(inbox(redis)) == 2


def test_an_inbox_has_a_bound(redis, tick):
    """The newest ticks stay."""
    tick(*range(6))

    sort(redis, kept=4)

    assert [words[:13] for words in inbox(redis)] == [str(SLOT + 10_000 * step) for step in range(2, 6)]


def test_the_group_is_made_anew(redis, tick):
    """On an empty server, and after one was flushed: it begins with the oldest entry that is left."""
    assert sort(redis) == [0, 0, 0]
    tick(0)
    sort(redis)
    redis.flushall()
    tick(1, 2)

    assert sort(redis) == [2, 0, 0]
    assert [(group["name"], group["consumers"]) for group in redis.xinfo_groups(STREAM)] == [
        (GROUP.encode(), 1)
    ]


def test_a_key_of_another_kind_is_the_servers_own_error(redis):
    """Nothing is guessed when the stream is none."""
    redis.set(STREAM, "mine")

    with pytest.raises(ResponseError, match="WRONGTYPE"):
        sort(redis)


def test_racing_workers_sort_each_tick_once(redis, tick):
    """Eight at once, and a publisher: all ticks are there, none twice."""
    done = []

    def work():
        for _ in range(30):
            done.append(sort(redis, count=3)[0])  # noqa: PERF401  threads

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    tick(*range(60))
    for thread in threads:
        thread.join()
    while sort(redis)[2]:
        pass

    assert [words[:13] for words in inbox(redis)] == [str(SLOT + 10_000 * step) for step in range(60)]
    assert sum(done) <= 60
