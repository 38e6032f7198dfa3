"""How much is said of one symbol, by a clock of the test's own."""

import pytest
from msgspec import json

from marketswarm.clock import ManualClock
from marketswarm.model.event import Importance
from marketswarm.vexy.budget import (
    DIGEST_AFTER_MS,
    Budget,
    digest_due,
    emptied,
    has_room,
    is_hot,
    kept_back,
    spent,
    suppressed,
)


class Speaker:
    """Says what its budget allows, as time passes."""

    def __init__(self) -> None:
        self.clock = ManualClock(1_795_446_000_000)
        self.budget = Budget()

    def says(self, key: str = "SPX|drift", importance: Importance = "notice") -> bool:
        """Whether it is said."""
        now = self.clock.now_ms()
        if is_hot(self.budget, key, importance, now) or not has_room(self.budget, now):
            return False
        self.budget = spent(self.budget, key, importance, now)
        return True


@pytest.fixture
def speaker() -> Speaker:
    """With nothing said yet."""
    return Speaker()


@pytest.mark.parametrize(("importance", "seconds"), [("info", 300), ("notice", 180), ("warning", 60)])
def test_the_same_is_not_said_within_its_cooldown(speaker, importance, seconds):
    """Five minutes, three, one; at the end of it, it may be said again."""
    assert speaker.says(importance=importance)
    speaker.clock.advance(seconds - 0.001)
    assert not speaker.says(importance=importance)
    speaker.clock.advance(0.001)
    assert speaker.says(importance=importance)


def test_what_is_critical_has_no_cooldown(speaker):
    """It is said each time."""
    assert speaker.says(importance="critical")
    assert speaker.says(importance="critical")


def test_an_escalation_waits_for_nothing(speaker):
    """More important than before: at once; less important: not."""
    assert speaker.says(importance="info")
    assert speaker.says(importance="notice")
    assert speaker.says(importance="warning")
    assert not speaker.says(importance="notice")
    assert not speaker.says(importance="warning")
    assert speaker.says(importance="critical")


def test_another_key_has_a_cooldown_of_its_own(speaker):
    """Only the same is kept back."""
    assert speaker.says("SPX|wall_moved|call")
    assert speaker.says("SPX|wall_moved|put")


def test_six_a_minute(speaker):
    """The seventh has no room; a minute after the first there is some."""
    assert [speaker.says(f"key {number}") for number in range(7)] == [True] * 6 + [False]
    speaker.clock.advance(59.999)
    assert not speaker.says("another")
    speaker.clock.advance(0.001)
    assert speaker.says("another")


def test_thirty_an_hour(speaker):
    """However they are spread; an hour after the first there is room again."""
    said = 0
    for number in range(59):
        said += speaker.says(f"key {number}")
        speaker.clock.advance(60)
    assert said == 30
    speaker.clock.advance(59.999)
    assert not speaker.says("another")
    speaker.clock.advance(0.001)
    assert speaker.says("another")


def test_a_late_one_counts_where_it_belongs(speaker):
    """An event that comes after a newer one finds room by its own time."""
    for number in range(6):
        assert speaker.says(f"key {number}")
    speaker.clock.step(-120)
    assert speaker.says("earlier")


def test_a_clock_that_is_set_back_silences_nobody(speaker):
    """What was said in a future that never came, such as another day's replay, holds nothing back."""
    for number in range(6):
        assert speaker.says(f"key {number}")
    speaker.clock.step(-86_400)
    assert speaker.says("key 0")


def test_what_is_kept_back_is_counted():
    """By type, with the worst of it and the newest ids."""
    budget = Budget()
    for number, (kind, severity) in enumerate([("drift", 40), ("wall_moved", 55), ("drift", 30)]):
        budget = kept_back(budget, kind, severity, f"id {number}", 1000 + number)
    told = suppressed(budget, "SPX")

    assert (told.symbol, told.since, told.until, told.worst) == ("SPX", 1000, 1002, 55)
    assert list(told.counts.items()) == [("drift", 2), ("wall_moved", 1)]
    assert told.refs == ("id 0", "id 1", "id 2")


def test_a_digest_is_due_ten_minutes_after_the_first():
    """Not before, and not when nothing was kept back."""
    budget = kept_back(Budget(), "drift", 40, "id", 1000)

    assert not digest_due(Budget(), 10**13)
    assert not digest_due(budget, 1000 + DIGEST_AFTER_MS - 1)
    assert digest_due(budget, 1000 + DIGEST_AFTER_MS)
    assert not digest_due(emptied(budget), 10**13)


def test_it_does_not_grow_without_bound():
    """A day of messages leaves an hour of times, five minutes of keys, and twenty ids."""
    budget = Budget()
    for number in range(10_000):
        budget = spent(budget, f"key {number}", "info", number * 10_000)
        budget = kept_back(budget, "drift", 40, f"id {number}", number * 10_000)

    assert len(budget.times) <= 360
    assert len(budget.said) <= 31
    assert len(budget.kept.refs) == 20
    assert budget.kept.counts == {"drift": 10_000}


def test_it_survives_the_store():
    """As JSON and back."""
    budget = kept_back(spent(Budget(), "key", "info", 1), "drift", 40, "id", 2)
    assert json.decode(json.encode(budget), type=Budget) == budget
