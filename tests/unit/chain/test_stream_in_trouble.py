"""What the stream does when something is lost, silent or gone: a connection, a store, or what it holds."""

import signal

import pytest
from redis import Redis

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.loader import LoadRequest
from marketswarm.chain.stored import Window
from marketswarm.ports import FeedNotice
from tests.support.builders import EXPIRE_MS, SPX, quote, ticker
from tests.support.chain_stream_rig import CALL, Rig
from tests.support.free_ports import free_port
from tests.support.valkey import server_binaries, start_server


def test_a_lost_connection_is_a_gap_until_it_is_repaired(live):
    """Gap at once; after the subscription stands again a load is asked for; live when it is stored."""
    live.feed.lose()
    live.turn()
    assert live.state == "gap"
    assert live.asked == []

    live.feed.confirm()
    live.turn()
    live.turn()
    assert live.asked == ["gap"]
    assert live.state == "gap"

    live.answer()
    live.feed.send(quote(ts=3000))
    live.turn(1.1)
    assert live.state == "live"
    assert live.reports.read("SPX")["gaps"] == 1


def test_a_load_from_before_the_gap_does_not_repair_it(live):
    """Rows that were asked for before the connection was back prove nothing."""
    live.feed.lose()
    live.turn()
    live.loader.load(LoadRequest("SPX", "manual", 4))
    live.clock.advance(0.01)
    live.feed.confirm()
    live.turn()
    live.turn(1.1)

    assert live.state == "gap"


def test_silence_in_session_is_stale_and_ends_with_the_next_frame(live):
    """Less than five seconds without a frame: stale, and stored so; after the next frame it is fetched, and live."""
    live.feed.send(quote(ts=3000))
    for _ in range(49):
        live.turn(0.1)
    assert live.state == "stale"

    live.feed.send(quote(ts=4000))
    live.turn(1.1)
    live.turn(1.1)
    live.turn(0.1)
    assert (live.state, live.asked) == ("loading", ["audit"])

    live.answer()
    live.feed.send(quote(ts=5000))
    live.turn(1.1)
    assert live.state == "live"


def test_silence_out_of_session_is_no_fault(live):
    """A closed market is closed, for a whole weekend."""
    live.open = False
    for _ in range(10):
        live.turn(6 * 3600)

    assert live.state == "closed"
    assert live.reports.read("SPX")["gaps"] == 0

    live.open = True
    live.turn(1.1)
    assert live.state == "live"


def test_a_loss_that_an_audit_announced_is_repaired(live):
    """The announced gap is seen, counted with its cause, repaired by a load that was asked for since, and over."""
    row = live.loader._market.chain_rows(SPX, 6800, 6800).contracts[CALL]
    live.redis.set("loading:SPX", "audit")
    live.store.stage(SPX, "audit", [row])
    live.store.commit(
        SPX,
        "audit",
        Window(6801.5, 6800, 6780, 6820),
        reason="gap",
        source="sim",
        expire_ms=EXPIRE_MS,
        origin=None,
        in_force=False,
        doubt="audit",
    )
    live.redis.delete("loading:SPX")
    assert live.state == "gap"

    live.turn()
    live.turn(1.1)
    assert (live.asked, live.state) == (["gap"], "gap")
    assert live.reports.read("SPX")["gap_causes"] == {"audit": 1}

    live.feed.send(quote(ts=4000))
    live.turn()
    live.answer()
    live.turn(1.1)
    assert live.state == "live"


def test_a_chain_hash_that_was_taken_away_is_fetched_again(live):
    """Somebody deletes the hash: the next update finds nothing to land on, and the chain is loaded again."""
    live.redis.delete("chain:SPX:2026-11-23")
    live.feed.send(quote(ts=5000))
    live.turn()
    live.turn()

    assert live.asked
    live.answer()
    assert live.redis.hlen("chain:SPX:2026-11-23") == 18


def test_a_single_contract_that_was_taken_away_is_fetched_again(live):
    """A listed contract that the hash lacks at an unchanged epoch is a gap, and comes back with the repair."""
    live.redis.hdel("chain:SPX:2026-11-23", CALL)
    live.feed.send(quote(ts=5000))
    live.turn(1.1)
    live.turn()
    assert (live.state, live.asked) == ("gap", ["gap"])

    live.answer()
    assert live.redis.hlen("chain:SPX:2026-11-23") == 18


def test_a_server_whose_clock_went_back_is_followed_all_the_same(live):
    """On an emptied server the entries of loads may have lower ids than the ones seen before."""
    live.stream._lookout._seen = "9999999999999-0"
    live.redis.flushall()
    live.feed.send(quote(ts=5000))
    live.turn()
    live.turn()

    live.answer()
    live.turn()

    assert len(live.feed.wanted) == 18


def test_only_usable_updates_are_a_sign_of_life(live):
    """Frames for other contracts, or with impossible times, do not keep a chain live."""
    for _ in range(8):
        live.feed.send(quote(ticker(9999), ts=5000), quote(ts=live.clock.now_ms() + 600_000))
        live.turn(1.0)

    assert live.state == "stale"


def test_an_emptied_server_is_filled_again(live):
    """After FLUSHALL the stream takes its symbol again, asks for a load, and streams it."""
    live.redis.flushall()
    live.feed.send(quote(ts=5000))
    live.turn()
    live.turn()
    assert live.asked == ["startup"]

    live.answer()
    live.feed.confirm()
    live.turn()
    live.turn()
    live.answer()
    live.feed.send(quote(ts=6000, bid=1.9))
    live.turn(1.1)
    live.turn(1.1)

    assert live.stored()["quote"]["bid"] == 1.9
    assert live.state == "live"


def test_a_loss_that_names_other_contracts_is_no_gap(live):
    """When one of several connections is lost, only chains with contracts on it have a gap."""
    live.feed.items.append(FeedNotice("lost", "closed 1006", frozenset({ticker(9999)})))
    live.turn(1.1)
    assert live.state == "live"

    live.feed.items.append(FeedNotice("lost", "closed 1006", frozenset({CALL, ticker(9999)})))
    live.turn(1.1)
    assert live.state == "gap"


def test_a_load_that_failed_is_asked_for_again_soon(rig):
    """The worker tells the stream which request has failed; a load of somebody else's is none of its business."""
    rig.turn()
    assert rig.asked == ["startup"]
    flights = FlightControl(rig.redis, "test")
    flights.note_failure("SPX", "another", 1)
    rig.turn(0.5)
    assert rig.asked == ["startup"]

    flights.note_failure("SPX", rig.requests[-1], 2)
    rig.turn()
    rig.turn(0.3)

    assert rig.asked == ["startup", "startup"]
    assert len(set(rig.requests)) == 1


def test_a_store_that_went_back_unnoticed_is_a_gap(live):
    """A replica that lagged has taken over, and no connection was lost: the next flush comes to an older seq."""
    chain, meta = "chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23"
    old, seq = live.redis.hget(chain, ticker(6805)), live.redis.hget(meta, "seq")
    for step in range(5):
        live.feed.send(quote(ticker(6805), ts=3000 + step, bid=2.0 + step))
        live.turn()
    live.redis.hset(chain, ticker(6805), old)
    live.redis.hset(meta, "seq", seq)

    live.feed.send(quote(ticker(6800), ts=4000, bid=2.5))
    live.turn()
    live.turn(1.1)
    live.turn()

    assert live.state == "gap"
    assert live.reports.read("SPX")["gap_causes"] == {"store": 1}
    assert live.asked == ["gap"]


def test_a_refused_key_is_said_and_nothing_is_live(live):
    """A terminal refusal is a lost connection that does not come back."""
    live.feed.up = False
    live.feed.items.append(FeedNotice("refused", "authentication failed"))

    live.turn()

    assert live.state == "gap"


@pytest.mark.processes
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_dies_and_comes_back_empty_is_rebuilt(clock, end):
    """While the server is away the latest states wait; when it is back the chain is loaded and streamed again."""
    port, binary = free_port(), server_binaries()["valkey"]
    server = start_server(binary, port)
    live = Rig(Redis(port=port, retry=None), clock).go_live()

    server.send_signal(end)
    server.wait()
    for step in range(5):
        live.feed.send(quote(ts=5000 + step, bid=1.5 + step / 10))
        live.turn(0.6)
    server = start_server(binary, port)
    try:
        live.turn(0.6)
        live.turn(0.6)
        assert live.asked[-1] in ("gap", "startup")
        live.asked = live.asked[-1:]
        live.answer()
        live.feed.send(quote(ts=6000, bid=2.5))
        live.turn(1.1)
        live.turn(1.1)
        assert live.stored()["quote"]["bid"] == 2.5
    finally:
        server.kill()
        server.wait()
