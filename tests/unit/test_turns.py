"""One at a time: whoever has the turn keeps it for as long as it takes, and whoever died with it holds nobody up."""

import time
from functools import partial

import pytest

from marketswarm import turns

KEY = "massive:turn"


@pytest.fixture
def turn(redis):
    """Takes the turn of one key."""
    return partial(turns.take_turn, redis, "test", KEY)


def test_one_at_a_time(turn):
    """The second run is not let in while the first is at it; afterwards it is."""
    with turn("a") as first, turn("b") as second:
        assert (first, second) == (True, False)

    with turn("b") as again:
        assert again is True


def test_whoever_was_not_let_in_gives_nothing_back(turn, redis):
    """The turn stays with the one who has it."""
    with turn("a"):
        with turn("b"):
            pass
        assert redis.get(KEY) == b"a"

    assert redis.get(KEY) is None


def test_the_same_run_does_not_wait_for_itself(turn):
    """A task that was delivered again goes on."""
    with turn("a"), turn("a") as again:
        assert again is True


def test_a_crash_ends_the_turn(turn):
    """An error on the way lets the next one in."""
    with pytest.raises(RuntimeError), turn("a"):
        raise RuntimeError

    with turn("b") as taken:
        assert taken is True


def test_the_turn_of_whoever_was_killed_runs_out(turn, redis):
    """It has a time to live, for the process that never comes back."""
    with turn("a"):
        assert 0 < redis.pttl(KEY) <= turns.TURN_MS


def test_what_takes_long_keeps_its_turn(turn, redis, monkeypatch):
    """It is renewed until the block ends."""
    monkeypatch.setattr(turns, "_RENEW_S", 0.01)
    with turn("a"):
        redis.pexpire(KEY, 200)
        time.sleep(0.1)
        assert redis.pttl(KEY) > 1000


def test_whoever_overslept_does_not_end_the_next_turn(turn, redis):
    """Nothing is given back that is not one's own."""
    with turn("a"):
        redis.set(KEY, "b")

    assert redis.get(KEY) == b"b"
