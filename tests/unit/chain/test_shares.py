"""Which connections and symbols each worker should hold."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from marketswarm.chain.budget import Claim, Room, share_out
from marketswarm.chain.shares import (
    CONTRACTS_A_CONNECTION,
    Table,
    claim_of,
    connections_for,
    fair_shares,
)

FOUR = ("SPX", "SPY", "QQQ", "NDX")
WIDE = dict.fromkeys(FOUR, 450)


def table(slots="a", writers="....", symbols=FOUR, **more) -> Table:
    """A table from one letter for each connection and symbol, a dot for a free one."""
    owners = [None if letter == "." else letter for letter in slots]
    writing = [None if letter == "." else letter for letter in writers]
    return Table(dict(enumerate(owners, 1)), dict(zip(symbols, writing, strict=True)), **more)


def writers_of(shares: dict[str, str]) -> str:
    """The shares as one letter a symbol."""
    return "".join(shares[name] for name in FOUR)


@pytest.mark.parametrize(
    ("slots", "before", "after"),
    [
        ("a", "....", "aaaa"),
        ("ab", "....", "aabb"),
        ("ab", "aaaa", "aabb"),
        ("ba", "aaaa", "aabb"),
        ("abc", "aabb", "aabc"),
        ("abc", "aab.", "aabc"),
        ("abc", "bbaa", "bcaa"),
        ("ab", "abab", "abab"),
        ("ab", "abca", "abba"),
        ("a.b", "aaab", "aabb"),
        ("b..", "aabb", "bbbb"),
        ("abcd", "aabb", "acbd"),
        ("aab", "aaaa", "aaab"),
        ("aab", "bbbb", "baaa"),
        ("baab", "abba", "abba"),
    ],
)
def test_symbols_are_spread_over_connections(slots, before, after):
    """Each worker writes its part by connections; what may stay where it is stays."""
    assert writers_of(fair_shares(table(slots, before))) == after


def test_nobody_shares_nothing():
    """Without a single connection no symbol has a writer."""
    assert fair_shares(table(".")) == {}


OWNERS = st.sampled_from([None, *"abcdef"])


@settings(max_examples=500, deadline=None)
@given(st.lists(OWNERS, min_size=1, max_size=8), st.lists(OWNERS, max_size=12))
@example(slots=["b", "a", "b", "b"], writers=[None, "a"])
def test_shares_are_fair_complete_and_stable(slots, writers):
    """Every symbol has one writer, nobody gives up what it may keep, and once all is as it should be nothing moves."""
    symbols = [f"S{number}" for number in range(len(writers))]
    now = Table(dict(enumerate(slots, 1)), dict(zip(symbols, writers, strict=True)))
    members = now.members()
    shares = fair_shares(now)

    assert shares.keys() == (set(symbols) if members else set())
    counts = Counter(shares.values())
    for owner, own_slots in members.items():
        exact = len(symbols) * own_slots / sum(members.values())
        assert exact - 1 < counts[owner] < exact + 1
        kept = sum(shares[name] == owner for name in now.symbols_of(owner))
        assert kept == min(len(now.symbols_of(owner)), counts[owner])
    if members:
        assert fair_shares(Table(now.slots, {name: shares[name] for name in symbols})) == shares


def one_look(now: Table, me: str, widths: Mapping[str, int]) -> Table:
    """What everybody holds after one worker has looked and done what it should."""
    claim = claim_of(me, now, {name: widths[name] for name in now.symbols_of(me)})
    slots = now.slots | dict.fromkeys(claim.slots, me)
    writers = now.writers | dict.fromkeys(claim.symbols, me) | dict.fromkeys(claim.leaving)
    if claim.spare is not None:
        slots[claim.spare] = None
    return Table(slots, writers, me if claim.waits else now.waiting)


def at_rest(connections: int, workers: Sequence[str], widths: Mapping[str, int]) -> Table:
    """What everybody holds in the end, after which nothing changes hands any more."""
    now = Table(dict.fromkeys(range(1, connections + 1)), dict.fromkeys(widths))
    for _ in range(40):
        for me in workers:
            now = one_look(now, me, widths)
    rest = now
    for _ in range(5):
        for me in workers:
            now = one_look(now, me, widths)
            assert (now.slots, now.writers) == (rest.slots, rest.writers)
    return rest


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 8), st.integers(1, 1500))
def test_workers_come_to_rest(connections, workers, symbols, width):
    """However wide the symbols are, after some looks everything has its writer and nothing changes hands any more."""
    now = at_rest(connections, "abcde"[:workers], {f"S{n}": width for n in range(symbols)})

    assert None not in now.writers.values()
    assert len(now.members()) <= min(workers, connections, symbols)


@settings(max_examples=300, deadline=None)
@given(
    connections=st.integers(1, 6),
    workers=st.permutations("abcde").flatmap(lambda names: st.integers(1, 5).map(lambda n: names[:n])),
    asked=st.lists(
        st.one_of(st.sampled_from([50, 90, 160, 500]), st.integers(1, 900)), min_size=1, max_size=9
    ),
)
@example(connections=2, workers=["a", "b"], asked=[160, 160, 160])
@example(connections=2, workers=["a", "b"], asked=[90] * 5)
@example(connections=2, workers=["a", "b"], asked=[500, 50])
@example(connections=3, workers=["a", "b"], asked=[160] * 4)
@example(connections=4, workers=["a", "b"], asked=[375, 375])
def test_no_worker_has_more_contracts_than_its_connections_carry(connections, workers, asked):
    """Whatever is asked for: with the windows that the budget gives, each share fits on the connections of its worker."""
    members = min(connections, len(workers), len(asked))
    level = share_out([[Claim(n)] for n in asked], Room(connections, members), 0).level
    widths = {f"S{place}": Claim(n).contracts(min(n, level)) for place, n in enumerate(asked)}

    rest = at_rest(connections, workers, widths)

    assert len(rest.members()) == members
    for owner, held in rest.members().items():
        assert sum(widths[name] for name in rest.symbols_of(owner)) <= held * CONTRACTS_A_CONNECTION


def test_a_newcomer_takes_a_connection_and_what_is_free_of_its_share():
    """It is counted from the first moment, and waits for what another still holds."""
    claim = claim_of("b", table("a.", "aaa."), {})

    assert claim.slots == (2,)
    assert claim.symbols == ("NDX",)


def test_the_one_before_gives_up_what_the_newcomer_should_write():
    """The last of its symbols, and it keeps them until they are handed over."""
    claim = claim_of("a", table("ab", "aaaa"), {})

    assert claim.symbols == ("SPX", "SPY")
    assert claim.leaving == ("QQQ", "NDX")


def test_without_a_free_connection_a_worker_waits():
    """It holds nothing and lets it be known."""
    claim = claim_of("b", table("a", "aaaa"), {})

    assert (claim.slots, claim.symbols, claim.waits) == ((), (), True)


def test_a_worker_that_no_symbol_is_left_for_takes_no_connection():
    """More workers than symbols: the rest stand by without taking a connection from those that may need it."""
    claim = claim_of("c", table("ab..", "ab", symbols=FOUR[:2]), {})

    assert (claim.slots, claim.waits) == ((), False)


@pytest.mark.parametrize(("contracts", "connections"), [(0, 1), (1000, 1), (1001, 2), (2000, 2), (2001, 3)])
def test_a_connection_carries_a_thousand_contracts(contracts, connections):
    """One more contract needs one more connection."""
    assert connections_for(contracts) == connections


def test_more_contracts_than_a_connection_carries_take_another_one():
    """One at a time, and only free ones."""
    assert claim_of("a", table("a..", "aaaa"), {"SPX": 2500}).slots == (1, 2)
    assert claim_of("a", table("a", "aaaa"), {"SPX": 2500}).slots == (1,)
    assert claim_of("a", table("a..", "aaaa"), {"SPX": 900}).slots == (1,)


def test_a_worker_without_a_connection_goes_before_a_second_one():
    """A free connection is left to whoever waits; and one of several is given up for it."""
    assert claim_of("a", table("a.", "aaaa", waiting="b"), {"SPX": 900, "SPY": 900}).slots == (1,)

    claim = claim_of("a", table("aa", "aaaa", waiting="b"), WIDE)

    assert (claim.slots, claim.spare) == ((1,), 2)


@pytest.mark.parametrize(
    ("slots", "waiting", "contracts"),
    [
        ("aa", "b", {"SPX": 1500, "NDX": 300}),  # one symbol alone needs both
        ("aa", "b", {"SPX": 600, "SPY": 600, "NDX": 600}),  # the first two would not fit on one
        ("aaa", "b", {"SPX": 900, "NDX": 1100}),  # what would go would not fit on one
        ("aa", "b", {"SPX": 900}),  # nothing to hand over
        ("aa", "a", WIDE),  # its own wish of a moment ago
        ("aab", "b", WIDE),  # who waited has one by now
        ("aa.", "b", WIDE),  # there is a free one
        ("bbbaa", "c", WIDE),  # another has more to spare
        ("aa", None, WIDE),
    ],
)
def test_a_connection_that_is_needed_is_kept(slots, waiting, contracts):
    """Nobody gives up a connection for nothing."""
    claim = claim_of("a", table(slots, "aaaa", waiting=waiting), contracts, is_settled=False)

    assert claim.spare is None


def test_a_connection_that_is_no_longer_needed_is_given_back_in_time():
    """Once the need has been small for a while, the last one is spared; never the only one."""
    assert claim_of("a", table("aa", "aaaa"), {"SPX": 900}).spare == 2
    assert claim_of("a", table("aa", "aaaa"), {"SPX": 900}, is_settled=False).spare is None
    assert claim_of("a", table("a", "aaaa"), {}).spare is None


def test_whom_an_emptied_server_forgot_is_told_from_the_dead():
    """A dead worker's connection was given out once; on an emptied server none ever was."""
    before = table("ab", "aabb")

    assert table("..", untouched=frozenset({1, 2})).missing(before) == {"a", "b"}
    assert table("..").missing(before) == set()
    assert table("ba", untouched=frozenset({1, 2})).missing(before) == set()


def test_the_missing_count_as_if_they_held_what_nobody_has_taken():
    """What they held counts as theirs, unless another has it by now."""
    seen = table("c..", "c...").counting({"a", "b"}, table(".ab", "aabb"))

    assert seen == table("cab", "cabb")
