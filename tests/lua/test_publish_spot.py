"""`publish_spot`: each slot once, in order, whatever happens; what was skipped is counted."""

import threading

import pytest

from marketswarm.errors import ScriptRefused
from marketswarm.model.spot import SpotReading
from marketswarm.spot.redis_spots import Published, RedisSpots

SLOT = 1_795_446_000_000


def readings(*symbols, spot=6801.25, as_of=SLOT + 3):
    """One reading a symbol."""
    return [SpotReading(symbol, spot, as_of, "unified") for symbol in symbols or ("SPX", "SPY")]


@pytest.fixture
def spots(redis):
    """The stored spots."""
    return RedisSpots(redis, "test")


def test_a_slot_is_published_for_every_symbol(spots, entries):
    """One entry a symbol with the slot's time, and the last tick beside it."""
    assert spots.publish(SLOT, "sim", readings()) == Published(2, 0, 0)

    first = entries("sse:timeseries")[0]
    assert first == {
        "ts": str(SLOT),
        "symbol": "SPX",
        "spot": "6801.25",
        "source": "sim",
        "seq": "1",
        "as_of": str(SLOT + 3),
    }
    assert spots.last("SPX") == first | {"method": "unified", "missed": "0"}


def test_a_slot_is_taken_once(redis, spots):
    """A second beat, a retry, a late worker: the slot's second tick is refused."""
    spots.publish(SLOT, "sim", readings())

    assert spots.publish(SLOT, "sim", readings(spot=1)) == Published(0, 2, 0)
    assert redis.xlen("sse:timeseries") == 2


def test_a_clock_set_back_publishes_nothing_twice(redis, spots):
    """An older slot after a newer one is refused."""
    spots.publish(SLOT, "sim", readings())

    assert spots.publish(SLOT - 30_000, "sim", readings()).refused == 2
    assert spots.last("SPX")["ts"] == str(SLOT)


def test_skipped_slots_are_counted_and_not_filled_in(redis, spots):
    """Three slots later two are missed, per symbol, and the series has a hole."""
    spots.publish(SLOT, "sim", readings("SPX"))

    assert spots.publish(SLOT + 30_000, "sim", readings("SPX")) == Published(1, 0, 2)
    assert redis.xlen("sse:timeseries") == 2
    assert spots.heartbeat()["missed"] == "2"


def test_a_symbol_without_a_reading_misses_its_slot_alone(spots):
    """One silent symbol does not hold the others back, and its miss is seen at its next tick."""
    spots.publish(SLOT, "sim", readings("SPX", "SPY"))
    spots.publish(SLOT + 10_000, "sim", readings("SPX"))

    assert spots.publish(SLOT + 20_000, "sim", readings("SPX", "SPY")).missed == 1
    assert (spots.last("SPX")["missed"], spots.last("SPY")["missed"]) == ("0", "1")


def test_an_unknown_time_of_the_price_is_left_out(spots):
    """Without a time from the provider there is no as_of, not even an old one."""
    spots.publish(SLOT, "sim", readings("SPX"))
    spots.publish(SLOT + 10_000, "sim", readings("SPX", as_of=None))

    assert "as_of" not in spots.last("SPX")


@pytest.mark.parametrize("slot", [SLOT + 1, 0, -10_000])
def test_a_slot_off_the_marks_is_refused(redis, spots, slot):
    """Only multiples of ten seconds are slots."""
    with pytest.raises(ScriptRefused) as refused:
        spots.publish(slot, "sim", readings())

    assert refused.value.word == "BADSLOT"
    assert redis.exists("sse:timeseries") == 0


@pytest.mark.parametrize("spot", [0, -1.0, float("inf"), float("nan")])
def test_an_impossible_spot_refuses_the_whole_slot(redis, spots, spot):
    """No symbol is published beside a spot that cannot be."""
    with pytest.raises(ScriptRefused) as refused:
        spots.publish(SLOT, "sim", readings("SPX") + readings("SPY", spot=spot))

    assert refused.value.word == "BADSPOT"
    assert redis.exists("sse:timeseries") == 0


def test_racing_publishers_publish_once(redis, spots):
    """Eight workers with the same slots: each slot once a symbol."""

    def publish():
        for step in range(20):
            spots.publish(SLOT + 10_000 * step, "sim", readings("SPX"))

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    times = [fields[b"ts"] for _, fields in redis.xrange("sse:timeseries")]
    assert len(times) == len(set(times))
    assert times == sorted(times)


def test_a_delayed_spot_says_so(spots, entries):
    """In the entry and beside it; the next one that is not delayed takes the word away."""
    late = SpotReading("SPX", 6801.25, None, "parity", delayed=True)
    spots.publish(SLOT, "sim", [late])
    spots.publish(SLOT + 10_000, "sim", readings("SPX"))

    assert [entry.get("delayed") for entry in entries("sse:timeseries")] == ["1", None]
    assert "delayed" not in spots.last("SPX")

    spots.publish(SLOT + 20_000, "sim", [late])
    assert (spots.last("SPX")["delayed"], spots.last("SPX")["method"]) == ("1", "parity")
