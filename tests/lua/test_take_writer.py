"""`take_writer`: one owner at a time, and a higher token for each new one."""

import pytest

from marketswarm.chain.lease import WriterLeases
from marketswarm.scripts import script


@pytest.fixture
def owner(redis, clock):
    """A process by name, on an account with four connections."""
    return lambda name: WriterLeases(redis, clock, "test", name, connections=4)


@pytest.fixture
def take(owner):
    """The token that an owner is given for a symbol, None when it is given none; each owner has its own connection."""

    def take(name, symbol="SPX"):
        return owner(name).take(["abcd".index(name) + 1], [symbol]).fences.get(symbol)

    return take


def test_the_first_comer_gets_a_token(take):
    """A free symbol is given at once."""
    assert take("a") is not None


def test_another_owner_waits(take):
    """While one holds the symbol, another gets nothing."""
    take("a")

    assert take("b") is None


def test_renewing_keeps_the_token(take, redis):
    """The holder keeps its token and its time to live starts anew."""
    token = take("a")
    redis.pexpire("writer:SPX", 500)

    assert take("a") == token
    assert redis.pttl("writer:SPX") > 2000


def test_a_successor_gets_a_higher_token(take, redis):
    """When the right has run out, the next owner shuts the old one out."""
    token = take("a")
    redis.delete("writer:SPX")

    assert take("b") > token


def test_a_right_that_ran_out_is_a_new_one(take, redis):
    """Who lets its right run out gets a higher token itself: it cannot know who wrote meanwhile."""
    token = take("a")
    redis.delete("writer:SPX")

    assert take("a") > token


def test_a_flushed_server_gives_no_old_token_again(take, redis, clock):
    """Tokens start at the time, so that a writer from before the flush stays shut out."""
    token = take("a")
    redis.flushall()
    clock.advance(0.001)

    assert take("b") > token


def test_a_clock_that_goes_back_gives_no_old_token_again(take, redis, clock):
    """An hour back and an hour forth: each new owner's token is higher than the one before."""
    tokens = [take("a")]
    for step_s, name in ((-3600, "b"), (7200, "c"), (-3600, "d")):
        clock.step(step_s)
        redis.delete("writer:SPX")
        tokens.append(take(name))

    assert tokens == sorted(set(tokens))


def test_symbols_have_owners_of_their_own(take):
    """Who writes SPX says nothing about SPY."""
    take("a")

    assert take("b", "SPY") is not None


def test_many_rights_are_one_step(owner):
    """All that is free is given and the rest is not, in the order of asking."""
    owner("a").take([1], ["SPY"])

    held = owner("b").take([2, 3], ["SPX", "SPY", "QQQ"])

    assert held.slots == (2, 3)
    assert list(held.fences) == ["SPX", "QQQ"]


def test_without_the_first_right_nothing_is_taken(owner, redis):
    """Who does not get the connection that it names first gets no symbol and no other connection."""
    owner("a").take([1], [])

    held = owner("b").take([1, 2], ["SPX"])

    assert (held.slots, held.fences) == ((), {})
    assert redis.exists("connection:2", "writer:SPX", "writertoken:SPX") == 0


def test_every_digit_of_a_token_is_kept(redis):
    """A token is a time in ms: it is stored and returned without an exponent."""
    keys = ["writer:SPX", "writertoken:SPX"]

    assert script("take_writer").run(redis, keys, ["a", 1000, 1_795_446_000_123]) == [1_795_446_000_123]
    assert redis.get("writertoken:SPX") == b"1795446000123"
