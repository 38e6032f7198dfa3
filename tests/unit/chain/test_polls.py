"""The last poll of each symbol in Redis."""

from marketswarm.chain.polled import Poll
from marketswarm.chain.polls import PollLedger


def test_what_was_written_is_read(redis):
    """The last poll of that symbol; an empty one before the first."""
    ledger = PollLedger(redis, "test")
    poll = Poll(5, 10, 6, 18, 17, 4, 3, 0, "late")
    ledger.write("SPX", poll)
    assert (ledger.read("SPX"), ledger.read("SPY")) == (poll, Poll())


def test_one_turn_at_a_time(redis):
    """A second one is refused while the first lasts, and may follow it."""
    ledger = PollLedger(redis, "test")
    with ledger.take_turn("a") as first, ledger.take_turn("b") as second:
        assert (first, second) == (True, False)
    with ledger.take_turn("c") as third:
        assert third
