"""Which connections and symbols each worker should hold."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.chain.shares import Table, claim_of, connections_for, fair_shares

FOUR = ("SPX", "SPY", "QQQ", "NDX")


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
    ],
)
def test_symbols_are_spread_over_connections(slots, before, after):
    """Each worker writes its part by connections; what may stay where it is stays."""
    assert writers_of(fair_shares(table(slots, before))) == after


def test_nobody_shares_nothing():
    """Without a single connection no symbol has a writer."""
    assert fair_shares(table(".")) == {}


OWNERS = st.sampled_from([None, *"abcdef"])


@given(st.lists(OWNERS, min_size=1, max_size=8), st.lists(OWNERS, max_size=12))
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

    claim = claim_of("a", table("aa", "aaaa", waiting="b"), {"SPX": 900, "SPY": 900})

    assert (claim.slots, claim.spare) == ((1,), 2)


@pytest.mark.parametrize(
    ("slots", "waiting", "contracts"),
    [
        ("aa", "b", {"SPX": 1500, "SPY": 300}),  # one symbol alone needs both
        ("aa", "b", {"SPX": 1500}),  # nothing to hand over
        ("aa", "a", {"SPX": 900, "SPY": 900}),  # its own wish of a moment ago
        ("aab", "b", {"SPX": 900, "SPY": 900}),  # who waited has one by now
        ("aa.", "b", {"SPX": 900, "SPY": 900}),  # there is a free one
        ("bbbaa", "c", {"SPX": 900, "SPY": 900}),  # another has more to spare
        ("aa", None, {"SPX": 900, "SPY": 900}),
    ],
)
def test_a_connection_that_is_needed_is_kept(slots, waiting, contracts):
    """Nobody gives up a connection for nothing."""
    assert claim_of("a", table(slots, "aaaa", waiting=waiting), contracts).spare is None


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
