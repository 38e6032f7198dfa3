"""The edge itself: what it reads. What it writes: tests/lua/test_commit_speech.py and tests/flow/test_vexy.py."""

import pytest

from marketswarm.errors import StoreUnavailable, WrongKey
from marketswarm.servers import connect
from marketswarm.vexy import redis_vexy
from marketswarm.vexy.inbox import Known
from marketswarm.vexy.redis_vexy import Outcome, RedisVexy
from tests.support.vexy_rig import VexyRig


@pytest.fixture
def edge(redis) -> RedisVexy:
    """Of two symbols."""
    return RedisVexy(redis, "test", symbols=["SPX", "SPY"])


@pytest.fixture
def rig(redis, clock) -> VexyRig:
    """Who tells events and ticks."""
    return VexyRig(redis, clock)


def test_an_empty_store_has_nothing(edge):
    """No state, no group, no news, nothing known."""
    news = edge.news("0-0", "")
    assert edge.state() is None
    assert edge.group_place() == "0-0"
    assert (news.entries, news.heard, news.events, news.is_more, news.is_cut, news.ticked) == (
        0,
        "0-0",
        (),
        False,
        False,
        "",
    )
    assert edge.known(["SPX"]) == {"SPX": Known()}


def test_news_are_what_stands_behind_a_place(edge, rig):
    """Events and ticks, each behind its own."""
    rig.tick()
    rig.tell("regime")
    first = edge.news("0-0", "")
    rig.clock.advance(10)
    rig.tick(6801)
    second_event = rig.tell("drift")
    second = edge.news(first.heard, first.ticked)

    assert [event.id for event in second.events] == [second_event.id]
    assert {symbol: [one.spot for one in ticks] for symbol, ticks in second.ticks.items()} == {
        "SPX": [6801],
        "SPY": [6801],
    }
    assert edge.news(second.heard, second.ticked).ticks == {}


def test_the_last_ticks_come_first(edge, rig, monkeypatch):
    """Of a long series the newest are read, in the order of time."""
    monkeypatch.setattr(redis_vexy, "_TICKS_AT_ONCE", 6)
    for spot in range(6800, 6810):
        rig.tick(spot)
        rig.clock.advance(10)

    assert [one.spot for one in edge.news("0-0", "").ticks["SPX"]] == [6807, 6808, 6809]


def test_many_events_come_in_parts(edge, rig):
    """A hundred at once, and whether there is more."""
    for number in range(150):
        rig.tell("drift", key=f"{number}")
    first = edge.news("0-0", "")
    second = edge.news(first.heard, "")

    assert (first.entries, first.is_more) == (100, True)
    assert (second.entries, second.is_more) == (50, False)


def test_symbols_that_other_workers_hold_are_heard_too(edge, rig, redis):
    """Each worker may have other settings; what has a chain is known."""
    redis.hset("chaincurrent", "NDX", "2026-11-23")
    event = rig.tell("regime", symbol="NDX")
    assert [one.id for one in edge.news("0-0", "").events] == [event.id]


def test_what_is_known_of_a_symbol(edge, rig):
    """Levels, marks and the expiration in force."""
    rig.tick()
    rig.tell("regime")
    rig.speak()
    known = edge.known(["SPX", "SPY"])

    assert known["SPX"].levels["flip"]["value"] == 6795.4
    assert list(known["SPX"].marks) == ["SPX/gamma/regime/negative"]
    assert known["SPX"].expiration.isoformat() == "2026-11-23"
    assert known["SPY"].marks == {}


def test_when_each_symbol_was_judged(edge, rig, redis):
    """By its level `spot`; 0 where there is none, or none that can be read."""
    rig.publish("SPX", 6800)
    redis.hset("vigil:levels:SPY", "spot", "broken")
    assert edge.judged(["SPX", "SPY", "QQQ"]) == {"SPX": rig.now, "SPY": 0, "QQQ": 0}


@pytest.mark.parametrize("text", ["", "soon"])
def test_an_expiration_that_is_no_day_is_none(edge, redis, text):
    """Whoever wrote it."""
    redis.hset("chaincurrent", "SPX", text)
    assert edge.known(["SPX"])["SPX"].expiration is None


@pytest.mark.parametrize(
    ("key", "read"),
    [
        ("vexy:state", lambda edge: edge.state()),
        ("vigil:events", lambda edge: edge.news("0-0", "")),
        ("vigil:events", lambda edge: edge.group_place()),
        ("sse:timeseries", lambda edge: edge.news("0-0", "")),
        ("vigil:levels:SPX", lambda edge: edge.known(["SPX"])),
        ("vexy:state", lambda edge: edge.commit(Outcome(None, b"state", 0, "0-0"))),
    ],
)
def test_a_key_of_another_type_is_named(edge, redis, key, read):
    """By its key, with both types."""
    redis.sadd(key, "foreign")
    with pytest.raises(WrongKey, match=key):
        read(edge)


def test_a_store_that_is_away_is_said():
    """As the project's own error."""
    edge = RedisVexy(connect("redis://127.0.0.1:1/0"), "test", symbols=["SPX"])
    for read in (edge.state, edge.group_place, lambda: edge.news("0-0", ""), lambda: edge.known(["SPX"])):
        with pytest.raises(StoreUnavailable):
            read()
