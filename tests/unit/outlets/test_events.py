"""What is told, read from the stream: the last of it, what follows, and a stream that was begun anew."""

import pytest
from redis import Redis

from marketswarm.errors import StoreUnavailable
from marketswarm.keys import VEXY_MESSAGES, VIGIL_EVENTS
from marketswarm.outlets.events import ToldStreams, wants
from tests.support.vigil_documents import tell

ANY = wants()


@pytest.fixture
def told(redis) -> ToldStreams:
    """A reader of an empty server."""
    return ToldStreams(redis, "test")


def ids(found) -> list[str]:
    """Which ones."""
    return [one.document["id"] for one in found]


def test_the_last_ones_oldest_first(redis, told):
    """As many as are wanted, and no more."""
    for number in range(5):
        tell(redis, id=str(number))
    assert ids(told.last(3, ANY, told.places())) == ["2", "3", "4"]
    assert ids(told.last(0, ANY, told.places())) == []
    assert ids(told.last(9, ANY, told.places())) == ["0", "1", "2", "3", "4"]


def test_nothing_is_told_yet(told):
    """An empty server is no error."""
    assert told.places() == {VIGIL_EVENTS: "0-0", VEXY_MESSAGES: "0-0"}
    assert told.last(3, ANY, told.places()) == []


def test_wanted_ones_are_looked_for_beyond_a_page(redis, told):
    """One of SPY behind hundreds of SPX is found."""
    tell(redis, id="old", symbol="SPY")
    for _ in range(450):
        tell(redis)
    assert ids(told.last(2, wants(["SPY"]), told.places())) == ["old"]


def test_symbols_and_types_are_chosen(redis, told):
    """Both must fit where both are given."""
    for symbol, kind in (("SPX", "drift"), ("SPX", "spot_jump"), ("SPY", "drift")):
        tell(redis, id=f"{symbol} {kind}", symbol=symbol, type=kind)
    places = told.places()
    assert ids(told.last(9, wants(["SPX"], ["drift"]), places)) == ["SPX drift"]
    assert ids(told.last(9, wants(types=["drift"]), places)) == ["SPX drift", "SPY drift"]


def test_nothing_is_between_the_last_and_what_follows(redis, told):
    """What comes after the places were taken is given once, by `follow`."""
    tell(redis, id="before")
    places = told.places()
    tell(redis, id="after")
    assert ids(told.last(9, ANY, places)) == ["before"]
    places, found = told.follow(places, 0.01)
    assert ids(found) == ["after"]
    assert told.follow(places, 0.01) == (places, [])


def test_an_entry_without_a_document_is_passed_over(redis, told):
    """A foreign entry is skipped, and does not hold up what follows."""
    places = told.places()
    redis.xadd(VIGIL_EVENTS, {"other": "x"})
    for text in ("{broken", "[1]"):
        tell(redis, text)
    tell(redis, id="good")
    assert ids(told.last(9, ANY, told.places())) == ["good"]
    places, found = told.follow(places, 0.01)
    assert ids(found) == ["good"]
    assert places == told.places()


def test_a_stream_begun_anew_is_read_from_its_beginning(redis, told):
    """Entries of an emptied server are not missed, even with lower ids; a place in a stream that goes on is kept."""
    tell(redis)
    places = told.places()
    assert told.resume(places) == places
    redis.flushall()
    redis.xadd(VIGIL_EVENTS, {"event": '{"id":"new"}'}, id="5-1")
    assert told.follow(places, 0.01)[1] == []
    assert ids(told.follow(told.resume(places), 0.01)[1]) == ["new"]


def test_a_server_that_is_away_is_named():
    """By the project's own error."""
    away = ToldStreams(Redis.from_url("redis://127.0.0.1:1"), "127.0.0.1:1")
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1"):
        away.places()
    with pytest.raises(StoreUnavailable):
        away.follow({VIGIL_EVENTS: "0-0"}, 0.01)
