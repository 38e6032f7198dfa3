"""Workers that share connections and symbols, on a real server."""

from itertools import pairwise

import pytest

from marketswarm.chain.lease import LEASE_MS, RENEW_S, WriterLeases
from marketswarm.chain.rights import Granted, Rights

FOUR = ("SPX", "SPY", "QQQ", "NDX")


class Workers:
    """Workers by name; each turn lets all that live keep their rights, and hand over what they should."""

    def __init__(self, redis, clock, connections=1, symbols=FOUR):
        self.redis, self.clock, self.connections, self.symbols = redis, clock, connections, symbols
        self.rights: dict[str, Rights] = {}
        self.granted: dict[str, Granted] = {}
        self.contracts: dict[str, dict[str, int]] = {}
        self.told: list[str] = []

    def join(self, *names):
        for name in names:
            leases = WriterLeases(self.redis, self.clock, "test", name, connections=self.connections)
            self.rights[name] = Rights(leases, self.clock, self.symbols)
        return self

    def keep(self, name):
        granted = self.rights[name].keep(self.contracts.get(name, {}))
        for symbol in granted.leaving:
            self.rights[name].give_back(symbol)
        kept = {symbol: fence for symbol, fence in granted.fences.items() if symbol not in granted.leaving}
        self.granted[name] = Granted(granted.connections, kept)

    def turn(self, times=1, seconds=RENEW_S):
        for _ in range(times):
            self.clock.advance(seconds)
            for name in self.rights:
                self.keep(name)
                writers = [symbol for granted in self.granted.values() for symbol in granted.fences]
                assert len(writers) == len(set(writers)), "two writers of a symbol"
                self.told.append(self.shown)
        return self

    def die(self, name):
        """End without a word; its rights run out."""
        del self.rights[name], self.granted[name]
        for key in self.redis.keys("writer:*") + self.redis.keys("connection:*"):
            if self.redis.get(key) == name.encode():
                self.redis.delete(key)

    @property
    def shown(self):
        """The writer of each symbol by its letter, a dot for none."""
        writers = {symbol: name for name, granted in self.granted.items() for symbol in granted.fences}
        return "".join(writers.get(symbol, ".") for symbol in self.symbols)

    def uses(self, name):
        """How many connections it may use."""
        return self.granted[name].connections


@pytest.fixture
def workers(redis, clock):
    """Workers on an account with so many connections."""
    return lambda connections, symbols=FOUR: Workers(redis, clock, connections, symbols)


def test_one_worker_holds_everything(workers):
    """With one connection there is one writer of all symbols, and the next one stands by."""
    crew = workers(1).join("a", "b").turn(3)

    assert crew.shown == "aaaa"
    assert (crew.uses("a"), crew.uses("b")) == (1, 0)


def test_two_workers_on_one_connection_take_over_from_each_other(workers):
    """When the one dies the other has everything at its next turn."""
    crew = workers(1).join("a", "b").turn(2)

    crew.die("a")
    crew.turn()

    assert crew.shown == "bbbb"


def test_two_workers_on_two_connections_share_four_symbols(workers):
    """Two and two, whoever comes first, and nobody moves any more."""
    crew = workers(2).join("a", "b").turn(3)
    assert crew.shown == "aabb"

    crew.turn(20)

    assert set(crew.told[-40:]) == {"aabb"}


def test_a_third_worker_evens_the_shares_out(workers):
    """It gets one symbol from whoever holds more, and the other symbols stay."""
    crew = workers(3).join("a", "b").turn(3)
    crew.join("c").turn(3)

    assert crew.shown == "aabc"
    assert all(sum(map(str.__ne__, one, two)) <= 1 for one, two in pairwise(crew.told[6:]))


def test_a_dead_workers_symbols_go_to_the_others(workers):
    """And they come back to even shares when another worker joins."""
    crew = workers(3).join("a", "b", "c").turn(4)
    assert sorted(crew.shown) == list("aabc")

    crew.die("a")
    crew.turn(2)
    assert sorted(crew.shown) == list("bbcc")

    crew.join("d").turn(3)
    assert sorted(crew.shown) == list("bbcd")


def test_an_emptied_server_gives_everything_back_to_those_who_had_it(workers):
    """After FLUSHALL nobody takes another's symbols or connection, whoever comes first, and a stander-by takes none."""
    crew = workers(2).join("c", "a", "b")
    crew.rights = {name: crew.rights[name] for name in "abc"}
    crew.turn(3)
    crew.rights = {name: crew.rights[name] for name in "cba"}
    assert crew.shown == "aabb"

    crew.redis.flushall()
    crew.turn(1, 0.0)
    crew.turn(4)

    assert set(crew.told[-15:]) <= {"aabb", "aa..", "..bb", "...."}
    assert crew.told[-1] == "aabb"


def test_an_emptied_server_frees_what_nobody_claims(workers):
    """Who died with the server is waited for only for a moment."""
    crew = workers(2).join("a", "b").turn(3)

    crew.redis.flushall()
    crew.die("a")
    crew.turn(3)

    assert crew.shown == "bbbb"


def test_a_paused_worker_has_nothing_when_it_wakes(workers):
    """Its symbols and its connection are another's; it stands by."""
    crew = workers(1).join("a", "b").turn(2)
    asleep = crew.rights.pop("a")
    crew.granted.pop("a")
    crew.redis.delete("connection:1", *(f"writer:{symbol}" for symbol in FOUR))
    crew.turn(2)

    crew.rights["a"] = asleep
    crew.turn()

    assert crew.shown == "bbbb"
    assert crew.uses("a") == 0


def test_a_pause_that_nobody_used_gives_new_tokens(workers):
    """What ran out and comes back is known by a higher token."""
    crew = workers(1).join("a").turn()
    before = crew.granted["a"].fences

    crew.redis.delete("connection:1", *(f"writer:{symbol}" for symbol in FOUR))
    crew.turn()

    assert all(crew.granted["a"].fences[symbol] > before[symbol] for symbol in FOUR)


@pytest.mark.parametrize("step_s", [-3600.0, 3600.0])
def test_a_step_of_the_wall_clock_changes_nothing(workers, step_s):
    """Rights are kept by time that never goes back; no token changes."""
    crew = workers(2).join("a", "b").turn(3)
    before = {name: granted.fences for name, granted in crew.granted.items()}

    crew.clock.step(step_s)
    crew.turn(3)

    assert {name: granted.fences for name, granted in crew.granted.items()} == before


def test_more_contracts_take_more_connections(workers):
    """One connection more at a time, as many as there are."""
    crew = workers(2).join("a")
    crew.contracts["a"] = dict.fromkeys(FOUR, 900)

    assert [crew.turn().uses("a") for _ in range(3)] == [1, 2, 2]


def test_a_newcomer_gets_a_connection_and_its_share(workers):
    """Who holds two gives one up when it has been closed for a moment, then half of its symbols."""
    crew = workers(2).join("a")
    crew.contracts["a"] = dict.fromkeys(FOUR, 450)
    crew.turn(3)
    assert crew.uses("a") == 2

    crew.join("b").turn(2)
    assert crew.uses("a") == 1
    assert crew.redis.get("connection:2") == b"a"

    crew.turn(4)
    assert crew.shown == "aabb"
    assert (crew.uses("a"), crew.uses("b")) == (1, 1)


def test_a_second_connection_is_given_back_when_it_is_not_needed_for_a_minute(workers):
    """A need that comes and goes does not open and close connections."""
    crew = workers(2).join("a")
    crew.contracts["a"] = {"SPX": 1500}
    crew.turn(3)
    crew.contracts["a"] = {"SPX": 900}

    assert crew.turn(4, 14).uses("a") == 2
    assert crew.turn(1, 14).uses("a") == 1
    crew.turn(2, 1)

    assert crew.redis.get("connection:2") is None


def test_leaving_frees_all_connections(workers):
    """After a clean end others connect at once."""
    crew = workers(2).join("a")
    crew.contracts["a"] = {"SPX": 1500}
    crew.turn(3)

    crew.rights["a"].leave()

    assert crew.redis.exists("connection:1", "connection:2") == 0
    assert crew.rights["a"].slots == ()


def test_a_worker_looks_before_its_rights_run_out():
    """Four renewals fall into one lease."""
    assert LEASE_MS / 1000 >= 4 * RENEW_S
