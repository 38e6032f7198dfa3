"""What becomes of events, one batch at a time. With the store, in races and over hours: tests/flow/test_vexy*.py."""

import pytest

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.vexy.hearing import LATE_MS, hear
from marketswarm.vexy.hours import Hours
from marketswarm.vexy.speech import Speech
from marketswarm.vexy.state import VexyState
from tests.support.vexy_rig import example, fact

NOW = 1_795_446_000_000


class Ear:
    """Hears, batch after batch, and remembers."""

    def __init__(self) -> None:
        self.state = VexyState()
        self.messages = []

    def hears(self, *events, now=NOW) -> Speech:
        """One batch."""
        speech = Speech(self.state, Hours(us_options_calendar()))
        hear(speech, events, now)
        self.state = speech.state
        self.messages += speech.messages
        return speech


@pytest.fixture
def ear() -> Ear:
    """That has heard nothing."""
    return Ear()


def of(type="regime", **more):
    """An event of now."""
    return example(type, **({"ts": NOW} | more))


def test_each_event_is_heard_once_and_told_or_counted(ear):
    """What goes in comes out somewhere."""
    ear.hears(*(of("drift", key=f"{number}", severity=50) for number in range(20)))

    counts = ear.state.counts
    assert (counts.heard, counts.told, counts.kept_back) == (20, 6, 14)


def test_messages_are_in_the_order_of_events(ear):
    """Whatever they are worth."""
    events = [of("drift", key=f"{number}", severity=40 + number * 7 % 13) for number in range(5)]
    ear.hears(*events)

    assert [one.refs[0] for one in ear.messages] == [event.id for event in events]


def test_what_was_told_together_is_not_told_again_alone(ear):
    """Within the cooldown of each of its symbols."""
    ear.hears(of("drift", symbol="SPX"), of("drift", symbol="SPY"))
    ear.hears(of("drift", symbol="SPX", ts=NOW + 10_000), now=NOW + 10_000)

    assert [one.symbols for one in ear.messages] == [("SPX", "SPY")]
    assert ear.state.counts.kept_back == 1


def test_what_was_told_alone_is_not_told_again_together(ear):
    """Only the other symbol is news."""
    ear.hears(of("drift", symbol="SPX"))
    later = {"ts": NOW + 10_000}
    ear.hears(of("drift", symbol="SPX", **later), of("drift", symbol="SPY", **later), now=NOW + 10_000)

    assert [one.symbols for one in ear.messages] == [("SPX",), ("SPY",)]


def test_events_far_apart_are_told_apart(ear):
    """More than twenty seconds."""
    ear.hears(of(symbol="SPX"), of(symbol="SPY", ts=NOW + 30_000), now=NOW + 30_000)
    assert [one.symbols for one in ear.messages] == [("SPX",), ("SPY",)]


def test_an_end_that_only_the_close_brought_is_not_told(ear):
    """Its mark goes; the message stays what it was."""
    begun = of("pin_risk")
    ear.hears(begun)
    end = of(
        "pin_risk",
        state="exit",
        episode=begun.episode,
        title="The session is over",
        evidence={"lasted": fact(60)},
    )
    speech = ear.hears(end)

    assert len(ear.messages) == 1
    assert speech.standing("SPX") == {}


def test_the_bound_of_what_is_late(ear):
    """Five minutes old is told, a moment older is not."""
    ear.hears(of("drift", ts=NOW - LATE_MS), of("drift", key="other", ts=NOW - LATE_MS - 1))

    assert [one.kind for one in ear.messages] == ["event", "system"]
    assert ear.state.counts.passed_over == 1


def test_bad_data_of_the_past_silences_without_a_word(ear):
    """Heard too late to be told; what follows is silent all the same, until it is over."""
    ear.hears(of("data_quality", ts=NOW - 10 * LATE_MS), of("regime"))

    assert ear.messages == []
    assert ear.state.silences["SPX"].why == "low-coverage"
    ear.hears(
        of("data_quality", state="exit", ts=NOW + 10_000), of("regime", ts=NOW + 20_000), now=NOW + 20_000
    )
    assert [one.kind for one in ear.messages] == ["system", "event"]


def test_a_digest_of_vigil_is_told(ear):
    """It counts what Vigil's own budget kept back."""
    ear.hears(of("digest"))
    assert [one.kind for one in ear.messages] == ["digest"]


def test_words_change_within_one_batch(ear):
    """The same kind of event twice in a row is not told in the same words."""
    ear.hears(of("drift", key="micro", severity=50), of("drift", key="meso", severity=50))
    first, second = ear.messages
    assert (first.template, first.variant) != (second.template, second.variant)


def test_a_drift_that_is_a_jump_is_told_as_the_jump(ear):
    """It is counted, and its mark stands."""
    jump, drift = of("spot_jump", direction="down"), of("drift", direction="down")
    speech = ear.hears(jump, drift)

    assert [one.refs for one in ear.messages] == [(jump.id,)]
    assert (ear.state.counts.told, ear.state.counts.kept_back) == (1, 1)
    assert {name.rsplit("/", 1)[-1] for name in speech.changes["SPX"].put} >= {"spot_jump"}
    assert any("/drift" in name for name in speech.changes["SPX"].put)


def test_a_drift_is_told_where_its_jump_is_not(ear):
    """The same jump was said a moment ago; that spot is far from where it was has not been."""
    again = {"direction": "down", "severity": 50}
    ear.hears(of("spot_jump", **again))
    drift = of("drift", ts=NOW + 10_000, **again)
    ear.hears(of("spot_jump", ts=NOW + 10_000, **again), drift, now=NOW + 10_000)

    assert [one.refs for one in ear.messages][1:] == [(drift.id,)]
