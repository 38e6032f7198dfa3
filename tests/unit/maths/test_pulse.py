"""How long a chain may be silent, by its own pace."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.maths.pulse import SILENCE_S, Pulse

ALWAYS = float("-inf")
KNOWN = 20  # pauses after which a pace is known


def false_alarms(seed, rate_of, pauses):
    """How many of so many pauses of a source that speaks at random would be called silence; `rate_of` moments a second."""
    chance, now_s, alarms = random.Random(seed), 0.0, 0
    pulse = Pulse(now_s)
    for n in range(pauses):
        now_s += chance.expovariate(rate_of(now_s))
        alarms += n >= KNOWN and pulse.is_silent(now_s, ALWAYS)
        pulse.hear(now_s)
    return alarms


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(-2.5, 2.5))
def test_a_steady_source_is_never_silent(seed, magnitude):
    """No false alarm in 2,000 pauses at any rate from one word in five minutes to 300 a second."""
    assert false_alarms(seed, lambda _now_s: 10**magnitude, 2_000) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.3, 3))
def test_lunch_is_no_fault(seed, magnitude):
    """The rate falls to a tenth within half an hour, stays there, and comes back: no false alarm."""

    def rate_of(now_s):
        into_lunch = min(max((now_s - 600) / 1800, 0), 1) - min(max((now_s - 4200) / 1800, 0), 1)
        return 10 ** (magnitude - into_lunch)

    assert false_alarms(seed, rate_of, 5_000) == 0


def test_a_fast_source_may_be_silent_as_long_as_a_feed():
    """From about six words a second on, its own pace asks for nothing more."""
    pulse = Pulse(0)
    for n in range(3_000):
        pulse.hear(n / 6)
    assert pulse.allowed_s() == SILENCE_S
    assert not pulse.is_silent(pulse.last_s + SILENCE_S, ALWAYS)
    assert pulse.is_silent(pulse.last_s + SILENCE_S + 0.01, ALWAYS)


def test_a_slow_source_may_be_silent_for_twenty_of_its_pauses():
    """One word in ten seconds: about 200 seconds."""
    pulse = Pulse(0)
    for n in range(120):
        pulse.hear(n * 10)
    assert pulse.allowed_s() == pytest.approx(200, rel=0.05)


def test_what_is_long_ago_is_forgotten():
    """Five minutes after it became slow, a source that was fast is measured by its new pace."""
    pulse = Pulse(0)
    for n in range(10_000):
        pulse.hear(n / 10)
    for n in range(400):
        pulse.hear(1000 + n)
    assert pulse.allowed_s() == pytest.approx(20, rel=0.1)


def test_what_comes_together_counts_once():
    """A burst within 50 ms is one word: its contracts move together and prove no pace."""
    pulse, burst = Pulse(0), Pulse(0)
    for n in range(100):
        pulse.hear(n)
        for k in range(20):
            burst.hear(n + k / 1000)
    assert burst.allowed_s() == pulse.allowed_s()


def test_memory_is_bounded():
    """However long and fast it is heard, it keeps one count for ten seconds of the last five minutes."""
    pulse = Pulse(0)
    for n in range(20_000):
        pulse.hear(n)
    assert len(pulse._steps) <= 32

    for n in range(20_000):
        pulse.hear(20_000 + n * 500)
    assert len(pulse._steps) <= 52


def test_a_night_is_not_remembered_as_a_pause():
    """The morning after, the same silence is too long as the evening before."""
    pulse = Pulse(0)
    for morning_s in (0, 60_000):
        for n in range(600):
            pulse.hear(morning_s + n / 10)
            assert n < 150 or pulse.allowed_s() == SILENCE_S
