"""The rights in Redis, as one process uses them."""

import pytest
from redis import Redis

from marketswarm.chain.lease import LEASE_MS, RENEW_S, WriterLeases
from marketswarm.errors import StoreUnavailable
from tests.support.free_ports import free_port

SYMBOLS = ("SPX", "SPY")


@pytest.fixture
def owner(redis, clock):
    """A process by name, on an account with two connections."""
    return lambda name, **more: WriterLeases(redis, clock, "test", name, **{"connections": 2} | more)


def test_a_lease_survives_a_pause_of_two_seconds():
    """However unluckily a pause falls between two renewals, two seconds of it cost no right."""
    assert LEASE_MS >= 2000 + RENEW_S * 1000


def test_everybody_sees_who_holds_what(owner):
    """One look shows all connections, all writers, and who waits."""
    owner("a").take([1], ["SPY"])
    owner("c").wait()

    table = owner("b").look(SYMBOLS)

    assert table.slots == {1: "a", 2: None}
    assert table.writers == {"SPX": None, "SPY": "a"}
    assert table.waiting == "c"
    assert table.untouched == {2}


def test_workers_are_those_with_a_connection(owner):
    """Who waits, or was never there, carries nothing."""
    assert owner("b").workers() == 0
    owner("a").take([1], ["SPY"])
    owner("c").wait()
    assert owner("b").workers() == 1

    owner("b").take([2], ["SPX"])
    assert owner("b").workers() == 2


def test_a_look_is_one_question_and_renewing_everything_another(owner, redis):
    """However many symbols there are, keeping the rights costs two commands."""
    many = [f"S{number}" for number in range(50)]
    leases = owner("a")
    leases.take([1], many)
    before = calls(redis)

    leases.look(many)
    leases.take([1, 2], many)

    spent = {name: count - before.get(name, 0) for name, count in calls(redis).items()}
    assert (spent["cmdstat_mget"], spent["cmdstat_evalsha"]) == (1, 1)


def calls(redis: Redis) -> dict[str, int]:
    """Command → how often it was called."""
    return {name: stat["calls"] for name, stat in redis.info("commandstats").items()}


def test_rights_run_out_by_themselves(owner, redis):
    """Who does not renew holds nothing after the lease."""
    owner("a", lease_ms=50).take([1], SYMBOLS)
    assert 0 < redis.pttl("writer:SPX") <= 50
    assert 0 < redis.pttl("connection:1") <= 50


def test_giving_back_lets_the_next_one_in(owner):
    """A clean goodbye hands a symbol and a connection over at once."""
    owner("a").take([1], ["SPX"])
    assert owner("b").take([1], ["SPX"]).fences == {}

    owner("a").give_back("SPX")
    owner("a").give_back_connection(1)

    assert owner("b").take([1], ["SPX"]).fences.keys() == {"SPX"}


def test_nobody_gives_back_what_is_not_theirs(owner):
    """A late goodbye takes nothing from the one who holds the right now."""
    owner("a").take([1], ["SPX"])

    owner("b").give_back("SPX")
    owner("b").give_back_connection(1)

    assert owner("b").look(["SPX"]).writers == {"SPX": "a"}
    assert owner("b").look(["SPX"]).slots[1] == "a"


def test_without_a_connection_nothing_is_asked_for(owner, redis):
    """Who names no connection gets no symbol."""
    assert owner("a").take([], SYMBOLS).fences == {}
    assert redis.exists("writer:SPX") == 0


@pytest.mark.parametrize(
    "act", [lambda a: a.look(SYMBOLS), lambda a: a.take([1], SYMBOLS), lambda a: a.wait()]
)
def test_without_a_server_the_error_is_retryable_and_names_the_address(clock, act):
    """A lost server is the project's own error, not the library's."""
    leases = WriterLeases(Redis(port=free_port(), retry=None), clock, "127.0.0.1:1", "a")

    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1 is not reachable"):
        act(leases)
