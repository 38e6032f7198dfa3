"""What Vigil knows of calendar and settlement."""

from datetime import UTC, datetime

import pytest

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.vigil.registry import DETECTORS
from marketswarm.vigil_joint import VigilJoint
from tests.support.builders import SPX
from tests.support.vigil_rig import settings


@pytest.fixture
def joint(redis, clock):
    """With the exchange's calendar, or open always."""

    def joint(session="calendar"):
        return VigilJoint(settings(MARKETSWARM_SESSION=session), redis, clock, "test", us_options_calendar())

    return joint


def at(day, hour, minute=0):
    """New York in November, as ms since the epoch."""
    return int(datetime(2026, 11, day, hour + 5, minute, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("ts", "day", "is_open"),
    [
        (at(23, 8), "2026-11-23", False),
        (at(23, 9, 30), "2026-11-23", True),
        (at(23, 15, 59), "2026-11-23", True),
        (at(23, 16), "2026-11-24", False),
        (at(27, 12, 59), "2026-11-27", True),
        (at(27, 13), "2026-11-30", False),
        (at(22, 12), "2026-11-23", False),
    ],
)
def test_a_session_lasts_until_its_close_as_its_chain_does(joint, ts, day, is_open):
    """Then the next one is looked forward to, over nights, weekends and early closes."""
    session = joint().session_of(ts)

    assert (session.day, session.is_open) == (day, is_open)
    assert session.close_ms > ts


def test_where_there_is_no_calendar_it_is_always_open(joint):
    """The day and its close are still the exchange's, since chains roll by them."""
    session = joint("always").session_of(at(22, 12))

    assert (session.day, session.is_open, session.close_ms) == ("2026-11-23", True, at(23, 16))


@pytest.mark.parametrize(("mode", "is_open"), [("calendar", False), ("always", True)])
def test_a_moment_beyond_the_calendar_is_no_obstacle(joint, mode, is_open):
    """Nothing is known of it but its day."""
    session = joint(mode).session_of(10_000)

    assert (session.day, session.is_open, session.open_ms) == ("1969-12-31", is_open, 10_000)
    assert joint(mode).session_day(10_000) == ""


@pytest.mark.parametrize(
    ("ts", "day"), [(at(23, 10), "2026-11-23"), (at(22, 10), "2026-11-20"), (at(26, 10), "2026-11-25")]
)
def test_open_interest_is_of_the_last_session(joint, ts, day):
    """What was loaded on a Sunday or a holiday was counted before it."""
    assert joint().session_day(ts) == day


def test_settlement_comes_from_the_calendar(joint):
    """Afternoon and morning roots of one day."""
    assert joint().settles_ms(SPX, "SPXW") == at(23, 16)
    assert joint().settles_ms(SPX, "SPX") == at(23, 9, 30)


def test_all_detectors_are_asked_with_their_thresholds(joint):
    """What the registry lists, and nothing else."""
    engine = joint().watch._engine

    assert engine.detectors == DETECTORS
    assert engine.thresholds.keys() == {one.name for one in DETECTORS}


def test_thresholds_may_come_from_a_file(redis, clock, tmp_path):
    """The one that the settings name."""
    (tmp_path / "mine.toml").write_text("[quality]\ndwell = 7\n")
    told = settings(MARKETSWARM_VIGIL_THRESHOLDS=str(tmp_path / "mine.toml"))
    engine = VigilJoint(told, redis, clock, "test", us_options_calendar()).watch._engine

    assert engine.thresholds["quality"].dwell == 7
