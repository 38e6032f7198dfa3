"""Another expiration is in force."""

from datetime import date

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import roll
from tests.support.watched import Watched

TODAY, TOMORROW = (ChainId("SPX", date(2026, 11, day)) for day in (23, 24))


def test_a_roll_is_told_once_with_both_expirations():
    """The tick at which the chain has changed tells it; the first chain, and the same again, tell nothing."""
    watched = Watched(roll)
    told = [watched.see(chain=chain) for chain in (TODAY, TODAY, TOMORROW, TOMORROW)]
    assert told == [[], [], [("expiry_roll", "enter", "2026-11-24")], []]
    event = watched.events[0]
    assert event.title == "Chain of 2026-11-23 retired, 2026-11-24 in force"
    assert len(event.title) <= 60
    assert (event.evidence["from"].value, event.evidence["to"].value) == ("2026-11-23", "2026-11-24")
    assert event.expiration == date(2026, 11, 24)


def test_a_chain_that_is_missing_for_a_while_is_not_forgotten():
    """Between two chains there may be none: the roll is told when the next is in force, and the same one is none."""
    watched = Watched(roll)
    assert [watched.see(chain=chain) for chain in (TODAY, None, TODAY, None)] == [[]] * 4
    assert watched.see(chain=TOMORROW) == [("expiry_roll", "enter", "2026-11-24")]


def test_it_needs_no_picture():
    """It is told at the first tick with the new chain, whether or not that was read."""
    assert not roll.DETECTOR.needs_chain
