"""Many writers and a fast reader on one chain, on every kind of server."""

import json
import threading
from random import Random

import pytest
from redis import Redis

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import ChainChanges, Change
from marketswarm.clock import ManualClock
from tests.lua.conftest import CHAIN, ORDER
from tests.support.applied import apply_all
from tests.support.builders import SPX, contract, ticker
from tests.support.chain_model import KNOWN, ModelContract
from tests.support.fast_reader import reading_fast

WRITERS, CHANGES = 8, 5_000
STRIKES = [6800 + 5 * at for at in range(50)]
FIRST_MS, LAST_MS = 1_001, 1_400


def change_at(name: str, section: str, ts: int, seq: int) -> Change:
    """The one value that there is of a section at that moment."""
    price = ts * 100 + seq
    members = {
        "quote": f'"bid":{price},"ask":{price + 1},"mid":{price}.5,"bid_size":{seq},"ask_size":{seq},"ts":{ts}',
        "trade": f'"price":{price},"size":{seq},"exchange":302,"ts":{ts}',
    }
    return Change(name, section, ts, seq, members[section])  # type: ignore[arg-type]


def test_racing_writers_never_move_a_contract_back(
    redis: Redis, any_server_url: str, put, clock: ManualClock
):
    """Eight writers with one token, 40,000 changes in random order: no version, time or value falls, and the newest stand."""
    names = [ticker(strike) for strike in STRIKES]
    put(*(contract(strike) for strike in STRIKES))
    orders, newest, failures = [], {}, []
    for writer in range(WRITERS):
        dice = Random(writer)
        moments = [
            (
                dice.choice(names),
                dice.choice(("quote", "trade")),
                dice.randint(FIRST_MS, LAST_MS),
                dice.randint(1, 9),
            )
            for _ in range(CHANGES)
        ]
        for name, section, *moment in moments:
            newest[name, section] = max(newest.get((name, section), [0, 0]), moment)
        orders.append([change_at(*moment) for moment in moments])

    def write(changes: list[Change]) -> None:
        with Redis.from_url(any_server_url) as own:
            store, sizes = RedisChainStore(own, clock, "test"), Random(len(changes))
            while changes:
                size = sizes.randint(1, 40)
                (answer,) = apply_all(store, [ChainChanges(SPX, 7, 3, changes[:size])])
                if isinstance(answer, Exception) or any(batch.refused or batch.unlisted for batch in answer):
                    failures.append(answer)
                changes = changes[size:]

    with reading_fast(any_server_url, CHAIN) as told:
        writers = [threading.Thread(target=write, args=(order,)) for order in orders]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()

    assert failures == []
    assert told["fallen"] == []
    rows = {name.decode(): json.loads(text) for name, text in redis.hgetall(CHAIN).items()}
    for (name, section), (ts, seq) in newest.items():
        expected = json.loads("{" + change_at(name, section, ts, seq).patch + "}")
        assert rows[name][section] == expected
        assert redis.hget(ORDER, f"{name}/{section}") == f"{ts} {seq}".encode()
    print(f"{told['reads']:,} reads of the whole chain beside {WRITERS * CHANGES:,} changes")


@pytest.mark.parametrize("size", [500, 5_000])
def test_a_hundred_large_contracts_are_one_short_call(redis: Redis, put, apply, size):
    """A batch of large contracts is applied; how long it held the server is printed, since a test cannot promise time."""
    names = [f"O:SPXW261123C{at:08d}" for at in range(100)]
    for name in names:
        body = [(section, [(member, "900") for member in KNOWN[section]]) for section in KNOWN]
        put(ModelContract(name, [("padding", '"' + "x" * size + '"')], 1, 900, body).text())
    redis.config_set("slowlog-log-slower-than", 0)
    for ts in range(2000, 2020):
        changes = [change_at(name, "quote", ts, 5) for name in names]
        assert apply(*((one.ticker, one.section, f"{ts} 5", one.patch) for one in changes))[1] == 100
    calls = [call["duration"] for call in redis.slowlog_get(100) if call["command"].startswith(b"EVALSHA")]
    redis.config_set("slowlog-log-slower-than", 10_000)
    print(
        f"100 contracts of {size} bytes more: median {sorted(calls)[len(calls) // 2]} µs, longest {max(calls)} µs"
    )
