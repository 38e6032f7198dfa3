"""What detectors are given."""

from marketswarm.model.event import Fact
from marketswarm.vigil.sighting import Marks
from tests.support.vigil_pictures import CLOSE_MS, OPEN_MS, moment, session_of


def test_where_in_the_session():
    """Minutes count from the open and to the close, below zero before the one and after the other."""
    session = session_of(OPEN_MS + 90_000)
    assert session.minutes_from_open(OPEN_MS + 90_000) == 1.5
    assert session.minutes_to_close(OPEN_MS + 90_000) == 388.5
    assert session.minutes_from_open(OPEN_MS - 60_000) == session.minutes_to_close(CLOSE_MS + 60_000) == -1


def test_a_fact_is_of_its_moment():
    """A number behind an event says when it was so."""
    assert moment().fact(12.5, "points") == Fact(value=12.5, unit="points", as_of=OPEN_MS + 1_800_000)


def test_a_fact_of_the_chain_is_of_when_it_was_read():
    """Which may have been some ticks ago."""
    seen = moment(marks=Marks(as_of=OPEN_MS, flip=6790.0))
    assert seen.chain_fact(6790.0, "points") == Fact(value=6790.0, unit="points", as_of=OPEN_MS)
