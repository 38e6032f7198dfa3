"""Several stream workers as real processes: shares, newcomers, deaths, an emptied store."""

import json
import signal
import time
from collections import Counter

import pytest

from tests.support.simulator import running_simulator
from tests.support.spine import STREAM, WORKER, Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY", "QQQ", "NDX")
TAKE_OVER_S = 10


@pytest.fixture(scope="module")
def vendor():
    """A vendor that allows three connections."""
    with running_simulator(connections=3, seed=7, events_per_second=1000) as made:
        yield made


@pytest.fixture(scope="module")
def crew(vendor, tmp_path_factory):
    """Two stream workers on an account with three connections, live."""
    settings = {
        "MASSIVE_API_KEY": "crew-key",
        "MARKETSWARM_CONNECTIONS": "3",
        "MARKETSWARM_STRIKES_EACH_SIDE": "8",
    }
    with spine(tmp_path_factory.mktemp("crew"), vendor.rest, vendor.ws, **settings) as made:
        made.start("worker", *WORKER)
        join(made, "one")
        join(made, "two")
        made.wait_live(*SYMBOLS)
        yield made


def join(crew: Spine, name: str) -> None:
    """Start a further stream worker."""
    crew.start(name, *(part.replace("stream@", f"{name}@") for part in STREAM))


def owners(crew: Spine) -> dict[str, str]:
    """Symbol → who may write it now."""
    return {symbol: crew.redis.get(f"writer:{symbol}") or "" for symbol in SYMBOLS}


def shares(crew: Spine) -> list[int]:
    """How many symbols the workers write, ascending; empty while one has no writer."""
    held = owners(crew)
    return [] if "" in held.values() else sorted(Counter(held.values()).values())


def process_of(crew: Spine, owner: str) -> str:
    """The name of the process behind an owner."""
    return next(name for name, process in crew.processes.items() if owner.split(":")[1] == str(process.pid))


def report(crew: Spine, symbol: str) -> dict:
    """What the stream says of a symbol."""
    return {name: json.loads(value) for name, value in crew.redis.hgetall(f"stream:{symbol}").items()}


def test_two_workers_write_two_symbols_each(crew: Spine):
    """Each with a connection of its own, which carries the contracts of its symbols alone."""
    crew.wait_for("even shares", lambda: shares(crew) == [2, 2])
    crew.wait_live(*SYMBOLS)

    contracts = {symbol: len(crew.chain(symbol)) for symbol in SYMBOLS}
    held = owners(crew)
    for symbol in SYMBOLS:
        mine = sum(contracts[name] for name in SYMBOLS if held[name] == held[symbol])
        crew.wait_for("a report", lambda name=symbol, n=mine: report(crew, name)["subscribed"] == n)
        assert report(crew, symbol)["connections"] == 1
    assert crew.redis.mget("connection:1", "connection:2", "connection:3").count(None) == 1


def test_a_third_worker_takes_its_share_without_a_gap(crew: Spine):
    """One symbol moves, through `loading` to `live`; the others stay where they are and lose nothing."""
    before = owners(crew)
    seen: dict[str, list[str]] = {symbol: [] for symbol in SYMBOLS}

    def evened() -> bool:
        for symbol in SYMBOLS:
            seen[symbol].append(crew.meta(symbol)["state"])
        moved = [symbol for symbol in SYMBOLS if owners(crew)[symbol] != before[symbol]]
        return shares(crew) == [1, 1, 2] and all(crew.meta(symbol)["state"] == "live" for symbol in moved)

    join(crew, "three")
    crew.wait_for("shares of 1, 1 and 2", evened)

    moved = [symbol for symbol in SYMBOLS if owners(crew)[symbol] != before[symbol]]
    assert len(moved) == 1
    assert set(seen[moved[0]]) <= {"live", "loading"}
    assert all(set(seen[symbol]) == {"live"} for symbol in SYMBOLS if symbol not in moved)
    assert all(report(crew, symbol)["reconnects"] == 0 for symbol in SYMBOLS)


def test_a_pause_of_a_second_and_a_half_costs_no_right(crew: Spine):
    """The token stays, no gap is told of, and nobody else has written."""
    owner = owners(crew)["SPX"]
    token, gaps = crew.redis.get("writertoken:SPX"), report(crew, "SPX")["gaps"]
    process = crew.processes[process_of(crew, owner)]

    process.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    process.send_signal(signal.SIGCONT)
    time.sleep(1.5)

    assert owners(crew)["SPX"] == owner
    assert crew.redis.get("writertoken:SPX") == token
    assert report(crew, "SPX")["gaps"] == gaps


def test_a_killed_workers_symbols_go_to_the_others(crew: Spine):
    """Within ten seconds of the kill all chains are live again, on two workers."""
    owner = max(owners(crew).values(), key=list(owners(crew).values()).count)
    name = process_of(crew, owner)
    crew.end(name, signal.SIGKILL)

    crew.wait_for("two workers with two symbols", lambda: shares(crew) == [2, 2], TAKE_OVER_S)
    crew.wait_live(*SYMBOLS, timeout_s=TAKE_OVER_S)

    assert owner not in owners(crew).values()


def test_after_an_emptied_store_everybody_has_what_they_had(crew: Spine):
    """FLUSHALL: rights are claimed anew by those who held them, and all chains are live again."""
    before = owners(crew)

    crew.redis.flushall()
    crew.wait_for("all rights", lambda: shares(crew) == [2, 2], TAKE_OVER_S)
    assert owners(crew) == before
    crew.wait_live(*SYMBOLS)

    assert owners(crew) == before


def test_a_clean_end_hands_everything_over_at_once(crew: Spine):
    """SIGTERM: the last worker writes all four."""
    leaving = process_of(crew, owners(crew)["SPX"])

    assert crew.end(leaving) == 0
    crew.wait_for("one worker with all symbols", lambda: shares(crew) == [4], TAKE_OVER_S)
    crew.wait_live(*SYMBOLS)
