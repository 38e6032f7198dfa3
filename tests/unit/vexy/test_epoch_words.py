"""What stands in the messages of the session's phases, and in guidance."""

from dataclasses import replace
from datetime import date

import pytest

from marketswarm.model.message import EPOCHS
from marketswarm.vexy.epoch_words import EPOCH_TEMPLATES, epoch_levels, epoch_words, guide_template
from tools.message_examples import GUIDES, HALF_DAY, SPX, context, levels


def words(epoch="premarket", **more):
    """Of SPX with other facts."""
    return epoch_words(context(epoch, symbols={"SPX": replace(SPX, **more)}), "SPX")


def test_every_phase_but_the_night_speaks():
    """Overnight there is nothing to say."""
    assert set(EPOCHS) - set(EPOCH_TEMPLATES) == {"overnight"}


def test_until_when_options_run():
    """The close where they end with the session, else their day."""
    assert words()["expires"] == "the close"
    assert words(expiration=date(2026, 11, 25))["expires"].text == "Wednesday 25 November"


def test_what_is_left_is_no_reach_of_options_that_run_on():
    """Their move is not that of the session."""
    assert "reach" in words("closing")
    assert {"reach", "expires_today"} & set(words("closing", expiration=date(2026, 11, 25))) == set()


def test_realised_and_priced_are_compared_only_where_they_differ():
    """By one year, and by more than a usual hour differs from its session."""
    assert words("morning")["pace"] == "calmer"
    for volatility, pace in ((0.109, None), (0.155, None), (0.157, "livelier")):
        known = levels(realised={"volatility": volatility, "implied": 0.13})
        assert words("morning", levels=known).get("pace") == pace
    assert "pace" not in words("morning", levels=levels(realised={"volatility": 0.05}, volatility=0.154))


def test_only_what_is_near_is_called_near():
    """Within a third of the expected move or so."""
    assert words("power_hour")["near"].full.text == "the 6,850 call wall"
    assert "near" not in words("power_hour", spot=6_825.0, levels=levels(heaviest=6_750.0, max_pain=6_750.0))


def test_a_gap_has_a_side():
    """None where there is none."""
    assert words("open")["gap_side"] == "above"
    assert words("open", open=6_700.0)["gap_side"] == "below"
    assert "gap_side" not in words("open", open=6_790.2)


def test_a_half_day_is_named():
    """Only where it is one."""
    assert "half_day" not in words()
    moment = replace(context("premarket"), session=HALF_DAY)
    assert epoch_words(moment, "SPX")["session"]["closes_at"].text == "13:00 ET"
    assert "half_day" in epoch_words(moment, "SPX")


@pytest.mark.parametrize("template", GUIDES)
def test_guidance_tells_what_stands_out_most(template):
    """A level that is near, then the flip, then the range, then the regime."""
    assert guide_template(context(symbols={"SPX": GUIDES[template]}), "SPX") == template


def test_guidance_is_silent_where_nothing_stands_out():
    """A neutral model far from all levels, or nothing known."""
    calm = replace(GUIDES["guide.positive"], levels=levels(flip=6700.0, regime=0.02))
    assert guide_template(context(symbols={"SPX": calm}), "SPX") is None
    assert guide_template(context(), "XSP") is None


def test_levels_of_a_phase():
    """All that stand out, with their distance."""
    found = epoch_levels(context(), "SPX")
    assert [one.name for one in found] == ["call_wall", "put_wall", "heaviest", "max_pain", "flip"]
