"""The strict tempo of beat: on the marks, once a mark, whatever the clock does."""

import pickle
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery import Celery

from marketswarm import beat, wiring
from marketswarm.beat import StrictScheduler, WallClockSchedule, current_slot
from marketswarm.clock import ManualClock
from marketswarm.settings import Settings
from tests.support.cutting_proxy import cutting_proxy

MARK = datetime(2026, 11, 23, 15, 0, 0, tzinfo=UTC)


class Now:
    """The time that schedule and scheduler see."""

    def __init__(self):
        self.clock = ManualClock(int(MARK.timestamp() * 1000))

    def __call__(self):
        return datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC)


def bare_app() -> Celery:
    """An app without the project's configuration, which needs a server."""
    app = Celery("test", set_as_current=False)
    app.config_from_object(SimpleNamespace())
    return app


@pytest.fixture
def now():
    """Exactly on a mark."""
    return Now()


@pytest.mark.parametrize(
    ("after_s", "last_s", "now_s", "due", "wait_s"),
    [
        (0, 0, 0.5, False, 9.5),
        (0, 0, 9.999, False, 0.001),
        (0, 0, 10, True, 10),
        (0, 0.004, 10.001, True, 9.999),
        (0, 9.9, 10, True, 10),
        (0, 0, 35, True, 5),
        (0, 40, -7, True, 7),
        (0, 3, 0, False, 10),
        (3, 0, 0.5, False, 2.5),
        (3, 0, 2.999, False, 0.001),
        (3, 0, 3, True, 10),
        (3, 3.01, 12.9, False, 0.1),
        (3, 4, 2, True, 1),
    ],
)
def test_due_at_the_marks_in_either_direction(now, after_s, last_s, now_s, due, wait_s):
    """Due when a mark, or what lies always as long behind it, is between the last run and now, also when the clock went back."""
    now.clock.step(now_s)
    schedule = WallClockSchedule(10, nowfun=now, app=bare_app(), after_s=after_s)

    state = schedule.is_due(MARK + timedelta(seconds=last_s))

    assert state.is_due is due
    assert state.next == pytest.approx(wait_s, abs=0.002)


def test_equal_periods_are_equal_schedules():
    """So that beat does not take an unchanged schedule for a new one."""
    assert WallClockSchedule(10) == WallClockSchedule(10)
    assert WallClockSchedule(10) != WallClockSchedule(60)
    assert WallClockSchedule(10) != WallClockSchedule(10, after_s=1)
    assert pickle.loads(pickle.dumps(WallClockSchedule(10, after_s=1))) == WallClockSchedule(10, after_s=1)
    assert repr(WallClockSchedule(10, after_s=1)) == "<every 10 s of the wall clock, 1 s behind>"


def test_nothing_but_a_close_shares_the_marks_of_the_heartbeat(monkeypatch):
    """What is sent at the same moment stands in its way: in beat, and in the worker."""
    monkeypatch.setenv("MARKETSWARM_REDIS_URL", "redis://127.0.0.1:1/0")
    entries = runpy.run_path(str(Path(__file__).parents[2] / "celeryconfig.py"))["beat_schedule"]
    mark_s = MARK.timestamp()
    assert {name for name, each in entries.items() if each["schedule"].slot_of(mark_s) == mark_s} == {
        "spot.snapshot",
        "chain.roll",
    }


class RecordingScheduler(StrictScheduler):
    """A scheduler that notes what it would send."""

    def apply_async(self, entry, producer=None, advance=True, **kwargs):
        self.sent.append((entry.name, self._clock.now_ms()))

    @property
    def producer(self):
        return None


@pytest.fixture
def make_scheduler(now, redis, valkey_url, monkeypatch):
    """Schedulers that share a server and a clock, as two beats do."""

    def make(url=valkey_url):
        swarm = wiring.Swarm(Settings.model_validate({"MARKETSWARM_REDIS_URL": url}), now.clock)
        monkeypatch.setattr(beat, "swarm", lambda: swarm)
        app = bare_app()
        app.conf.beat_schedule = {
            "tick": {"task": "tick", "schedule": WallClockSchedule(10, nowfun=now, app=app)}
        }
        scheduler = RecordingScheduler(app, clock=now.clock)
        scheduler.sent = []
        return scheduler

    return make


def run(now, seconds, *schedulers, step_s=0.05):
    """Let time pass, ticking every scheduler."""
    for _ in range(round(seconds / step_s)):
        now.clock.advance(step_s)
        for scheduler in schedulers:
            scheduler.tick()


def sent_at(scheduler):
    """Seconds after the first mark at which something was sent."""
    return [round((at - MARK.timestamp() * 1000) / 1000) for _, at in scheduler.sent]


def test_every_mark_is_sent_once(now, make_scheduler):
    """Half a minute: three sends, on the marks."""
    scheduler = make_scheduler()
    run(now, 30, scheduler)

    assert sent_at(scheduler) == [10, 20, 30]


def test_two_beats_send_every_mark_once(now, make_scheduler):
    """A second beat doubles nothing, and the death of one leaves no hole."""
    first, second = make_scheduler(), make_scheduler()
    run(now, 30, first, second)
    run(now, 20, second)

    assert sorted(sent_at(first) + sent_at(second)) == [10, 20, 30, 40, 50]


def test_a_mark_is_sent_though_the_answer_to_its_claim_was_lost(now, make_scheduler, valkey_url):
    """The client asks again and finds the slot taken, by itself; another beat finds it taken as well."""
    with cutting_proxy(valkey_url) as proxy:
        first = make_scheduler(proxy.url)
        proxy.lose_answer("beat:tick")
        run(now, 10, first)
        second = make_scheduler()
        second.tick()

    assert proxy.cuts == 1
    assert (sent_at(first), sent_at(second)) == ([10], [])


def test_a_clock_set_back_does_not_silence_beat(now, make_scheduler):
    """After a step of 47 seconds back the next send comes with the next tick and then on the marks."""
    scheduler = make_scheduler()
    run(now, 10, scheduler)
    now.clock.step(-47)
    run(now, 14, scheduler)

    assert sent_at(scheduler) == [10, -37, -30]


def test_a_clock_set_forward_skips_and_goes_on(now, make_scheduler):
    """After a step forward the missed marks are not made up for."""
    scheduler = make_scheduler()
    run(now, 10, scheduler)
    now.clock.step(60)
    run(now, 11, scheduler)

    assert sent_at(scheduler) == [10, 70, 80]


def test_a_slow_send_does_not_shift_the_next_mark(now, make_scheduler):
    """A send that took four seconds is followed by one on the mark."""
    scheduler = make_scheduler()
    quick = scheduler.apply_async

    def slow(entry, **options):
        quick(entry, **options)
        now.clock.advance(4)

    scheduler.apply_async = slow
    run(now, 30, scheduler)

    assert sent_at(scheduler) == [10, 20, 30, 40]


def test_without_a_server_the_slot_is_sent_all_the_same(now, make_scheduler, monkeypatch):
    """The claim is a courtesy between beats; the task's own guard keeps each slot single."""
    scheduler = make_scheduler()
    lost = wiring.Swarm(Settings.model_validate({"MARKETSWARM_REDIS_URL": "redis://127.0.0.1:1/0"}))
    monkeypatch.setattr(beat, "swarm", lambda: lost)
    run(now, 10, scheduler)

    assert sent_at(scheduler) == [10]


def test_the_slot_is_a_multiple_of_ten_seconds():
    """What is sent along is the mark, not the moment."""
    assert current_slot() % 10_000 == 0
