"""Vexy as she is joined: by the settings, with the clock and calendar that she is given."""

import pytest

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.vexy_joint import speaker_of
from tests.support.vexy_rig import VexyRig, settings


@pytest.mark.parametrize(("session", "is_always_open"), [("calendar", False), ("always", True)])
def test_the_session_is_that_of_the_settings(redis, clock, session, is_always_open):
    """The exchange's, or always."""
    speaker = speaker_of(settings("SPX", session), redis, clock, "test", us_options_calendar())
    assert speaker._hours.is_always_open is is_always_open


def test_phases_are_of_the_configured_symbols(redis, clock):
    """Events are heard of others, too."""
    rig = VexyRig(redis, clock, symbols="SPX")
    rig.clock.advance(5 * 3_600)
    rig.tick()
    redis.hset("chaincurrent", "QQQ", "2026-11-23")
    rig.tell("regime", symbol="QQQ")
    rig.phases()

    assert {(one.kind, one.symbols) for one in rig.messages()} >= {("event", ("QQQ",)), ("epoch", ("SPX",))}
    assert not [one for one in rig.messages() if one.kind == "epoch" and one.symbols == ("QQQ",)]
