"""What the heartbeat's entries are counted into."""

from benchmarks.measures.heartbeat import slots_of, wandering

SLOT = 1_795_446_000_000


def entry(at_ms, slot, symbol="SPX"):
    """One entry of the series as the store gives it."""
    return f"{at_ms}-0", {"symbol": symbol, "ts": str(slot)}


def test_distance_is_the_entrys_own_time_from_its_slot():
    """Of the symbol asked for, and no other."""
    entries = [entry(SLOT + 12, SLOT), entry(SLOT + 13, SLOT, "SPY"), entry(SLOT + 10_020, SLOT + 10_000)]
    assert slots_of(entries, "SPX") == ([12.0, 20.0], 0, 0)


def test_missed_and_doubled_slots_are_counted():
    """One slot of four is missing, and one is there twice."""
    entries = [entry(SLOT + at + 5, SLOT + at) for at in (0, 10_000, 10_000, 30_000)]
    assert slots_of(entries, "SPX")[1:] == (1, 1)


def test_wandering_is_measured_from_the_first_tick():
    """A schedule that loses 40 ms each time is 40, then 80 ms away."""
    assert wandering([1_000, 11_040, 21_080]) == [40.0, 80.0]
    assert wandering([1_000]) == []
