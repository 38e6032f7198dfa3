"""What events and messages are counted into."""

import json

from benchmarks.vexy_path import path_of, speak_alone


def event(name, at_ms):
    """One entry of the events."""
    return f"{at_ms}-0", {"event": json.dumps({"id": name})}


def message(at_ms, *refs, kind="event"):
    """One entry of the messages."""
    return f"{at_ms}-0", {"message": json.dumps({"kind": kind, "refs": refs})}


def test_lags_are_by_the_servers_clock():
    """The first rounds, which open connections, are heard but not counted; what Vigil tells itself is left out."""
    path = path_of(
        [event("SPX-0", 1_000), event("SPX-3", 2_000), event("SPY-3", 2_001), event("3f2a", 2_002)],
        [message(1_400, "SPX-0"), message(2_030, "SPX-3", "SPY-3"), message(2_100, "3f2a")],
    )
    assert path.messages == [30, 29]
    assert (path.unheard, path.twice) == (0, 0)


def test_what_is_missing_or_told_again_is_counted():
    """A digest tells nothing one by one."""
    path = path_of(
        [event("SPX-3", 1_000), event("SPX-4", 2_000)],
        [message(1_010, "SPX-3"), message(1_020, "SPX-3"), message(2_010, "SPX-4", kind="digest")],
    )
    assert (path.unheard, path.twice) == (1, 1)


def test_one_process_speaks_each_time(redis):
    """A figure an event, beside a bare one."""
    alone = speak_alone(redis, times=3)
    assert (len(alone.spoken), len(alone.bare), redis.xlen("vexy:messages")) == (3, 3, 3)
    assert alone.state > 100
