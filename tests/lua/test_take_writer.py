"""`take_writer`: one owner at a time, and a higher token for each new one."""

import pytest

from marketswarm.chain.lease import WriterLeases


@pytest.fixture
def owner(redis, clock):
    """A process by name."""
    return lambda name: WriterLeases(redis, clock, "test", name)


def test_the_first_comer_gets_a_token(owner):
    """A free symbol is given at once."""
    assert owner("a").take("SPX") is not None


def test_another_owner_waits(owner):
    """While one holds the symbol, another gets nothing."""
    owner("a").take("SPX")

    assert owner("b").take("SPX") is None


def test_renewing_keeps_the_token(owner, redis):
    """The holder keeps its token and its time to live starts anew."""
    token = owner("a").take("SPX")
    redis.pexpire("writer:SPX", 500)

    assert owner("a").take("SPX") == token
    assert redis.pttl("writer:SPX") > 3000


def test_a_successor_gets_a_higher_token(owner, redis):
    """When the right has run out, the next owner shuts the old one out."""
    token = owner("a").take("SPX")
    redis.delete("writer:SPX")

    assert owner("b").take("SPX") > token


def test_a_flushed_server_gives_no_old_token_again(owner, redis, clock):
    """Tokens start at the time, so that a writer from before the flush stays shut out."""
    token = owner("a").take("SPX")
    redis.flushall()
    clock.advance(0.001)

    assert owner("b").take("SPX") > token


def test_symbols_have_owners_of_their_own(owner):
    """Who writes SPX says nothing about SPY."""
    owner("a").take("SPX")

    assert owner("b").take("SPY") is not None
