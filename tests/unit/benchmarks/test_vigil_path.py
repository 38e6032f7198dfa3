"""What ticks, levels and events are counted into."""

import json

from benchmarks.vigil_path import path_of

SLOT = 1_795_446_000_000
WARM = 3  # ticks that open connections


def tick(number, at_ms, symbol="SPX"):
    """One entry of the series."""
    return f"{at_ms}-0", {"symbol": symbol, "ts": str(SLOT + 10_000 * number)}


def event(number, at_ms, symbol="SPX"):
    """One entry of the events."""
    return f"{at_ms}-1", {"event": json.dumps({"symbol": symbol, "ts": SLOT + 10_000 * number})}


def level(number, at_ms, symbol="SPX"):
    """When the levels of a tick were read."""
    return (symbol, SLOT + 10_000 * number), at_ms


def test_lags_are_behind_the_entry_of_their_own_tick():
    """Of each symbol for itself, whatever the slots say."""
    ticks = [tick(0, 100), tick(3, 400), tick(3, 401, "SPY"), tick(4, 800)]
    levels = dict([level(3, 430.5), level(3, 441.0, "SPY"), level(4, 815.0)])
    found = path_of(ticks, [event(3, 433), event(3, 433)], levels)
    assert found.levels == [30.5, 40.0, 15.0]
    assert found.events == [33.0, 33.0]
    assert found.unseen == 0


def test_the_first_ticks_are_not_counted():
    """Neither their levels nor their events, nor that nobody saw them."""
    ticks = [tick(number, 100 * number) for number in range(WARM)]
    found = path_of(ticks, [event(0, 50)], dict([level(1, 160.0)]))
    assert (found.levels, found.events, found.unseen) == ([], [], 0)


def test_ticks_without_levels_are_counted():
    """A later tick's levels are not its own."""
    found = path_of([tick(0, 0), tick(3, 300), tick(4, 400)], [], dict([level(4, 420.0)]))
    assert (found.levels, found.unseen) == ([20.0], 1)
