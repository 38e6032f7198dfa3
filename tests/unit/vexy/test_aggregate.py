"""Which events are told in one sentence."""

from marketswarm.vexy.aggregate import TOGETHER_MS, are_echoes, jumps_of, kind_of, together
from tools.message_examples import TS, event


def jump(symbol, at=0, **more):
    """A jump of a symbol, so many milliseconds later."""
    return event("spot_jump", {}, symbol=symbol, id=f"{symbol}{at}", ts=TS + at, direction="down", **more)


def drift(**more):
    """A drift of the same moment and way."""
    return event("drift", {}, **({"symbol": "SPX", "ts": TS, "direction": "down"} | more))


def symbols(*events):
    """The symbols of each group."""
    return [[one.symbol for one in group] for group in together(events)]


def test_one_kind_within_seconds_is_one_group():
    """In the order of time, up to the bound and not beyond."""
    assert symbols(jump("SPX"), jump("NDX", 10_000), jump("SPY", TOGETHER_MS)) == [["SPX", "NDX", "SPY"]]
    assert symbols(jump("SPX"), jump("NDX", TOGETHER_MS + 1)) == [["SPX"], ["NDX"]]


def test_a_group_has_each_symbol_once():
    """A second event of it is told by itself."""
    assert symbols(jump("SPX"), jump("SPX", 10_000), jump("NDX", 10_000)) == [["SPX", "NDX"], ["SPX"]]


def test_other_kinds_and_states_stay_apart():
    """A beginning and an end are two things."""
    begin = event("flip_cross", {}, direction="down")
    end = event("flip_cross", {}, direction="down", state="exit", symbol="NDX")
    assert symbols(begin, end, jump("QQQ")) == [["NDX"], ["QQQ"], ["SPX"]]


def test_both_regimes_and_both_directions_are_one_kind():
    """So that they can be told by contrast."""
    positive, negative = (
        event("regime", {}, key="positive"),
        event("regime", {}, key="negative", symbol="NDX"),
    )
    assert kind_of(positive) == kind_of(negative)
    assert symbols(positive, negative) == [["NDX", "SPX"]]


def test_what_is_not_told_is_left_out():
    """An end of what has none."""
    assert together([event("drift", {}, state="exit")]) == ()


def test_a_drift_that_is_a_jump_is_an_echo():
    """Of the same symbol, tick and way; every size of it, but no end."""
    jumps = jumps_of([jump("SPX"), drift()])
    others = [
        drift(direction="up"),
        drift(symbol="SPY"),
        drift(ts=TS + 10_000),
        drift(state="exit"),
        jump("SPX"),
    ]
    assert are_echoes([drift(key="micro"), drift(key="macro")], jumps)
    assert not any(are_echoes([drift(), one], jumps) for one in others)
    assert not are_echoes([drift()], jumps_of([]))
