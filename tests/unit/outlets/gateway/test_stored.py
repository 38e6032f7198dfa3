"""What the gateway reads: each answer in one step with its cursor, and what is stored as it is stored."""

import json

import pytest
from redis import Redis

from marketswarm import keys
from marketswarm.errors import NoSuchChain, StoreUnavailable
from marketswarm.outlets.gateway.cursor import STREAMS, parse_cursor
from marketswarm.outlets.gateway.stored import GatewayStore, StreamFill
from tests.support.builders import ladder
from tests.support.vigil_documents import tell

RUN = "abcd1234"


@pytest.fixture
def seen(any_redis: Redis) -> GatewayStore:
    """A reader of an empty server, of each kind."""
    return GatewayStore(any_redis, "test", RUN)


def tick(redis: Redis, ts: int, symbol: str = "SPX") -> None:
    """An entry of the series, as the heartbeat writes it."""
    fields = {"ts": ts, "symbol": symbol, "spot": "6801.5", "seq": ts // 10_000, "source": "sim"}
    redis.xadd(keys.TIMESERIES, fields)


def tops(redis: Redis) -> dict[str, str]:
    """Stream → its newest entry, of those that have one."""
    newest = {stream: redis.xrevrange(stream, count=1) for stream in STREAMS}
    return {stream: entries[0][0].decode() for stream, entries in newest.items() if entries}


def places(cursor: str) -> dict[str, str]:
    """Stream → the entry that a cursor names, of those where it names one."""
    found = parse_cursor(cursor, "cursor")
    return {stream: str(found.of(stream)) for stream in STREAMS if str(found.of(stream)) != "0-0"}


def test_a_chain_and_its_place_in_all_streams(redis: Redis, commit) -> None:
    """Contracts are the stored bytes; the cursor names the newest entries and the store's run."""
    commit(ladder())
    tick(redis, 10_000)
    found = GatewayStore(redis, "test", RUN).chain("SPX", None)
    stored = redis.hgetall("chain:SPX:2026-11-23")
    assert found.expiration == "2026-11-23"
    assert {name.encode(): text for name, text in found.contracts.items()} == stored
    assert list(found.contracts) == sorted(found.contracts)
    assert found.meta["seq"] == redis.hget("chainmeta:SPX:2026-11-23", "seq").decode()
    assert places(found.cursor) == tops(redis)
    assert parse_cursor(found.cursor, "cursor").run == RUN == redis.get(keys.STREAMS_RUN).decode()


def test_no_chain(seen: GatewayStore, any_redis: Redis) -> None:
    """Neither one in force, nor the one that is named."""
    with pytest.raises(NoSuchChain):
        seen.chain("SPX", None)
    any_redis.hset(keys.CHAIN_CURRENT, "SPX", "2026-11-23")
    with pytest.raises(NoSuchChain, match="2026-11-23"):
        seen.chain("SPX", None)
    with pytest.raises(NoSuchChain, match="2027-01-01"):
        seen.chain("SPX", "2027-01-01")


def test_ticks_of_one_symbol_from_a_slot_on(seen: GatewayStore, any_redis: Redis) -> None:
    """Oldest first, over as many pages as it takes, and no others."""
    for slot in range(1, 701):
        tick(any_redis, slot * 10_000)
        tick(any_redis, slot * 10_000, "SPY")
    found = seen.spots("SPX", 11 * 10_000)
    assert [int(one["ts"]) for one in found.ticks] == [slot * 10_000 for slot in range(11, 701)]
    assert {one["symbol"] for one in found.ticks} == {"SPX"}
    assert places(found.cursor) == tops(any_redis)
    assert seen.spots("SPX", 0).ticks[0]["ts"] == "10000"
    assert seen.spots("QQQ", 0).ticks == []
    assert seen.spots("QQQ", 0).latest == {}


def test_what_was_told_as_it_is_stored(seen: GatewayStore, any_redis: Redis) -> None:
    """The last wanted ones, oldest first; rubbish between them is passed over."""
    for number in range(600):
        tell(any_redis, id=str(number), symbol="SPY" if number % 100 else "SPX")
    tell(any_redis, "{torn")
    tell(any_redis, "[1]")
    any_redis.xadd(keys.VIGIL_EVENTS, {"other": "{}"})
    found = seen.told(keys.VIGIL_EVENTS, "event", 4, lambda document: document["symbol"] == "SPX")
    assert [json.loads(text)["id"] for text in found.texts] == ["200", "300", "400", "500"]
    assert places(found.cursor) == tops(any_redis)
    every = seen.told(keys.VIGIL_EVENTS, "event", 1_000, lambda _: True)
    assert len(every.texts) == 600
    assert seen.told(keys.VEXY_MESSAGES, "message", 5, lambda _: True).texts == []


def test_annotations_by_their_id(seen: GatewayStore, any_redis: Redis) -> None:
    """Those that can be read."""
    stored = {"b": '{"id":"b"}', "a": '{"id":"a"}', "c": "{torn"}
    any_redis.hset(keys.vexy_widgets("SPX"), mapping=stored)
    assert seen.annotations("SPX") == [b'{"id":"a"}', b'{"id":"b"}']
    assert seen.annotations("SPY") == []


def test_how_full_the_streams_are(seen: GatewayStore, any_redis: Redis, any_server_name: str) -> None:
    """All of them; what was ever added where the server counts it."""
    for number in range(5):
        tell(any_redis, id=str(number))
    any_redis.xtrim(keys.VIGIL_EVENTS, maxlen=2, approximate=False)
    counted = None if any_server_name == "redis-6.2" else 5
    fills = seen.fills()
    assert set(fills) == set(STREAMS)
    assert fills[keys.VIGIL_EVENTS] == StreamFill(2, counted)
    assert fills[keys.VEXY_MESSAGES] == StreamFill(0, None)


def test_a_store_that_is_away() -> None:
    """Every call says so, and names it."""
    away = GatewayStore(Redis(port=1, retry=None), "redis://there", RUN)
    calls = (
        lambda: away.chain("SPX", None),
        lambda: away.spots("SPX", 0),
        lambda: away.told(keys.VIGIL_EVENTS, "event", 1, lambda _: True),
        lambda: away.annotations("SPX"),
        away.fills,
    )
    for call in calls:
        with pytest.raises(StoreUnavailable, match="redis://there"):
            call()
