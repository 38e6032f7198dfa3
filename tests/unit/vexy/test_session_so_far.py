"""What spots have done in a session, and what of it may be told."""

from datetime import date, datetime

import pytest

from marketswarm.maths.calendar import NEW_YORK, us_options_calendar
from marketswarm.vexy.hours import Hours
from marketswarm.vexy.session_so_far import SessionSoFar, Tick, facts_of, with_tick

HOURS = Hours(us_options_calendar())


def ms(text):
    """A moment of New York."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1000


def after(*ticks, so_far=None):
    """The session after ticks, each a moment and a spot."""
    so_far = so_far or SessionSoFar()
    for text, spot in ticks:
        phase = HOURS.phase(ms(text))
        so_far = with_tick(so_far, Tick(ms(text), spot), phase, HOURS.session(phase))
    return so_far


def told(so_far, text):
    """What is known at a moment."""
    return facts_of(so_far, {}, HOURS.phase(ms(text)), date(2026, 11, 23))


WHOLE = [
    ("2026-11-23T09:29:50", 6790.0),
    ("2026-11-23T09:30:00", 6800.0),
    ("2026-11-23T12:00:00", 6830.0),
    ("2026-11-23T14:00:00", 6780.0),
    ("2026-11-23T15:59:50", 6810.0),
]


def test_a_session_that_was_watched():
    """Open, high and low are of the ticks between open and close; the close is known once it is over."""
    facts = told(after(*WHOLE), "2026-11-23T15:59:50")
    assert (facts.open, facts.high, facts.low, facts.close) == (6800, 6830, 6780, None)
    over = told(after(*WHOLE, ("2026-11-23T16:00:10", 6811.0)), "2026-11-23T16:00:10")
    assert (over.close, over.high, over.spot) == (6810, 6830, 6811)


def test_the_next_session_knows_the_close_before_it():
    """Also before its own first tick."""
    so_far = after(*WHOLE)
    assert told(so_far, "2026-11-24T08:00:00").previous_close == 6810
    assert told(so_far, "2026-11-24T08:00:00").open is None
    facts = told(after(("2026-11-24T09:30:00", 6820.0), so_far=so_far), "2026-11-24T09:30:00")
    assert (facts.previous_close, facts.open, facts.high) == (6810, 6820, 6820)


def test_what_was_not_watched_is_not_told():
    """Of a day that was joined at noon nobody knows open, high or low; of one that was left before its end nobody knows the close."""
    late = told(after(*WHOLE[2:]), "2026-11-23T15:00:00")
    assert (late.open, late.high, late.low) == (None, None, None)
    assert told(after(*WHOLE[2:]), "2026-11-23T16:05:00").close == 6810
    left = after(*WHOLE[:4])
    assert told(left, "2026-11-23T16:05:00").close is None
    assert told(left, "2026-11-24T08:00:00").previous_close is None


def test_a_half_day_closes_early():
    """By its own close."""
    so_far = after(("2026-11-27T09:30:00", 6800.0), ("2026-11-27T12:59:50", 6805.0))
    assert told(so_far, "2026-11-27T13:05:00").close == 6805


@pytest.mark.parametrize("text", ["2026-11-23T12:00:00", "2026-11-23T10:00:00"])
def test_a_tick_that_is_not_newer_changes_nothing(text):
    """Told again, or late."""
    so_far = after(*WHOLE[:3])
    assert after((text, 1.0), so_far=so_far) == so_far


def test_of_a_symbol_without_ticks_only_levels_are_known():
    """And its expiration."""
    facts = facts_of(None, {"flip": {"value": 1}}, HOURS.phase(ms("2026-11-23T10:00:00")), None)
    assert (facts.spot, facts.levels) == (None, {"flip": {"value": 1}})
