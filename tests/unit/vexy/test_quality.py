"""Whether data is good enough to speak of."""

import pytest

from marketswarm.vexy.quality import (
    Silence,
    begins_silence,
    ends_silence,
    judged_ms,
    looked_at,
    reason_of,
    unfit,
)
from tests.support.vexy_rig import example

NOW, OPEN = 1_795_446_000_000, 1_795_444_200_000
GOOD = {"spot": {"value": 6800, "as_of": NOW - 10_000}, "quality": {"chain_state": "live"}}


@pytest.mark.parametrize(
    ("more", "begins", "ends"),
    [
        ({}, True, False),
        ({"state": "update"}, True, False),
        ({"state": "exit"}, False, True),
        ({"key": "lag"}, False, False),
        ({"key": "gamma"}, False, False),
        ({"key": "contracts", "state": "exit"}, False, False),
    ],
)
def test_what_begins_a_silence_and_ends_it(more, begins, ends):
    """Vigil's word on the chain; a lag is over when it is told, and what is missing silences nobody."""
    event = example("data_quality", **more)
    assert (begins_silence(event), ends_silence(event)) == (begins, ends)


def test_no_other_event_does():
    """A regime is none."""
    assert not begins_silence(example("regime"))
    assert not ends_silence(example("regime", state="exit"))


def test_a_reason_is_in_the_words_of_a_level():
    """As `low-coverage`; without one it is degraded."""
    assert reason_of(example("data_quality")) == "low-coverage"
    assert reason_of(example("data_quality", evidence={})) == "degraded"


@pytest.mark.parametrize(
    ("levels", "trading_since", "why"),
    [
        (GOOD, OPEN, ""),
        ({}, OPEN, "not-published"),
        (GOOD | {"spot": {"as_of": NOW - 60_000}}, OPEN, ""),
        (GOOD | {"spot": {"as_of": NOW - 60_001}}, OPEN, "levels-old"),
        (GOOD | {"spot": {"as_of": NOW - 60_001}}, None, ""),
        (GOOD | {"spot": {"as_of": NOW - 10**8}}, NOW - 30_000, ""),
        (GOOD | {"spot": {"as_of": NOW - 10**8}}, NOW - 70_000, "levels-old"),
        (GOOD | {"spot": {"as_of": "late"}}, OPEN, "levels-old"),
        (GOOD | {"flip": {"degraded": "low-coverage"}}, OPEN, "low-coverage"),
        (GOOD | {"flip": {"degraded": "no-greeks"}}, None, "no-greeks"),
        (GOOD | {"quality": {"chain_state": "stale"}}, OPEN, "chain-is-stale"),
        (GOOD | {"quality": {"chain_state": "closed"}}, None, ""),
    ],
)
def test_why_nothing_can_be_concluded(levels, trading_since, why):
    """Not published, old, of a chain that is not live, or degraded; the first minute of a session may still have yesterday's."""
    assert unfit(levels, NOW, trading_since=trading_since) == why


def test_when_levels_were_judged():
    """The slot of their tick; 0 without one."""
    assert judged_ms(GOOD) == NOW - 10_000
    assert judged_ms({}) == 0


def test_a_silence_ends_after_a_minute_of_good_levels():
    """One bad look begins the minute anew."""
    silence = Silence(NOW, "low-coverage")
    silence = looked_at(silence, "", NOW)
    silence = looked_at(silence, "", NOW + 50_000)
    silence = looked_at(silence, "low-coverage", NOW + 55_000)
    silence = looked_at(silence, "", NOW + 60_000)
    assert looked_at(silence, "", NOW + 119_999) == silence
    assert looked_at(silence, "", NOW + 120_000) is None


def test_a_silence_that_looks_good_in_the_future_begins_its_minute_anew():
    """The clock was set back."""
    silence = Silence(NOW, "low-coverage", good_since=NOW + 10**9)
    assert looked_at(silence, "", NOW).good_since == NOW
