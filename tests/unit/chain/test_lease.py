"""The right to write, as the stream uses it."""

import pytest
from redis import Redis

from marketswarm.chain.lease import LEASE_MS, RENEW_S, WriterLeases
from marketswarm.errors import StoreUnavailable
from tests.support.valkey import free_port


def test_a_lease_survives_two_missed_renewals():
    """The right lasts more than three times as long as the pause between renewals."""
    assert LEASE_MS > 3 * RENEW_S * 1000


def test_giving_back_lets_the_next_one_in(redis, clock):
    """A clean goodbye hands the symbol over at once."""
    first, second = (WriterLeases(redis, clock, "test", name) for name in "ab")
    first.take("SPX")
    assert second.take("SPX") is None

    first.give_back("SPX")

    assert second.take("SPX") is not None


def test_one_connection_has_one_holder(redis, clock):
    """A second stream stands by until the first gives its connection back."""
    first, second = (WriterLeases(redis, clock, "test", name) for name in "ab")
    assert first.take_connection() is True
    assert second.take_connection() is False
    assert first.take_connection() is True

    first.give_back_connection()

    assert second.take_connection() is True


def test_an_account_with_two_connections_has_two_holders(redis, clock):
    """As many streams connect as the account allows, each with its own."""
    owners = [WriterLeases(redis, clock, "test", name, connections=2) for name in "abc"]

    assert [owner.take_connection() for owner in owners] == [True, True, False]
    assert redis.get("connection:1") == b"a"
    assert redis.get("connection:2") == b"b"


def test_without_a_server_the_error_is_retryable_and_names_the_address(clock):
    """A lost server is the project's own error, not the library's."""
    leases = WriterLeases(Redis(port=free_port(), retry=None), clock, "127.0.0.1:1", "a")

    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1 is not reachable"):
        leases.take("SPX")
