"""The stream's step in a Celery worker; with a real worker it is tested in tests/flow/test_spine_on_simulator.py."""

import threading
from types import SimpleNamespace

import pytest

from marketswarm import bootstep
from marketswarm.bootstep import RecordingStep, StreamStep, inspect_streams, reload_stream
from marketswarm.clock import SystemClock
from marketswarm.errors import SettingsError, StoreUnavailable


class RecordingApp:
    """An app that notes what is sent, or refuses to."""

    def __init__(self) -> None:
        self.sent, self.broken = [], False

    def send_task(self, name, **options):
        if self.broken:
            raise ConnectionError("no broker")
        self.sent.append((name, options["kwargs"]))


class FakeStream:
    """A stream that runs until told to stop."""

    def __init__(self) -> None:
        self.runs = threading.Event()
        self.is_refused = False

    def begun(self, _request_load, *, reads_on):
        """The stream of a worker reads on while the store works."""
        assert reads_on
        return self

    def run(self, should_stop):
        self.runs.set()
        while not should_stop():
            threading.Event().wait(0.01)

    def status(self):
        return {"feed": "streaming"}

    def reload(self, symbol):
        return symbol == "SPX"


@pytest.fixture
def parent():
    """A worker."""
    return SimpleNamespace(app=RecordingApp())


@pytest.fixture
def stream(monkeypatch):
    """The stream that the step will find."""
    made = FakeStream()
    swarm = SimpleNamespace(redis=None, address="here", stream=made.begun, clock=SystemClock())
    monkeypatch.setattr(bootstep, "swarm", lambda: swarm)
    monkeypatch.setattr(bootstep, "is_own", lambda known: known is bootstep.swarm())
    monkeypatch.setattr(bootstep, "check_server", lambda _redis, _address: "Valkey")
    return made


def state_of(step):
    """What a control command is given."""
    return SimpleNamespace(consumer=SimpleNamespace(controller=SimpleNamespace(streams=step)))


def test_a_worker_without_the_option_has_no_stream(parent):
    """The step is there for the commands, and says that it does nothing."""
    step = StreamStep(parent)

    assert step.enabled is False
    assert parent.streams is step
    assert step.status() == {"running": False, "detail": "worker runs without --streams"}


def test_the_stream_runs_in_a_thread_and_stops(parent, stream):
    """Starting returns at once; stopping ends the thread."""
    step = StreamStep(parent, streams=True)
    assert step.status()["detail"] == "not started"

    step.start(parent)
    assert stream.runs.wait(5)
    assert step.status() == {"running": True, "feed": "streaming"}
    step.stop(parent)

    assert not step._thread.is_alive()


def test_a_stream_that_cannot_run_is_tried_again(parent, stream, monkeypatch):
    """A store that is not there yet does not end the worker, nor does a fault of the stream's own."""
    failures = iter([StoreUnavailable("here", "refused"), RuntimeError("a fault of our own")])

    def fail_twice(_redis, _address):
        for failure in failures:
            raise failure

    monkeypatch.setattr(bootstep, "check_server", fail_twice)
    monkeypatch.setattr(bootstep, "_RESTART_S", 0.01)
    step = StreamStep(parent, streams=True)

    step.start(parent)

    assert stream.runs.wait(5)
    step.terminate(parent)


def test_a_refused_stream_begins_anew_when_the_settings_have_changed(parent, stream, monkeypatch):
    """A refused key is not tried again by itself; settings that cannot be used change nothing; a new key starts a new stream."""
    answers = iter([False, SettingsError("MASSIVE_WS_URL", "ftp://x", "ws or wss"), True])
    asked = threading.Event()

    def renew(_known):
        asked.set()
        answer = next(answers, False)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(bootstep, "renew_swarm", renew)
    monkeypatch.setattr(bootstep, "_SETTINGS_S", 0.0)
    monkeypatch.setattr(bootstep, "_RESTART_S", 0.01)
    step = StreamStep(parent, streams=True)
    step.start(parent)
    assert stream.runs.wait(5)
    assert not asked.wait(0.1)

    stream.runs.clear()
    stream.is_refused = True

    assert stream.runs.wait(5)
    step.stop(parent)


def test_a_stream_beside_tasks_goes_over_to_the_swarm_that_they_made(parent, stream, monkeypatch):
    """A task found the key refused first, and the settings changed: nobody is left on the old swarm."""
    monkeypatch.setattr(bootstep, "_SETTINGS_S", 0.0)
    monkeypatch.setattr(bootstep, "_RESTART_S", 0.01)
    step = StreamStep(parent, streams=True)
    step.start(parent)
    assert stream.runs.wait(5)

    new = FakeStream()
    other = SimpleNamespace(
        redis=None, address="here", stream=lambda _request, reads_on: new, clock=SystemClock()
    )
    monkeypatch.setattr(bootstep, "swarm", lambda: other)

    assert new.runs.wait(5)
    step.stop(parent)


def test_commands_reach_the_stream(parent, stream):
    """`inspect streams` shows it, `control stream_reload` asks it; what it does not stream is refused by name."""
    step = StreamStep(parent, streams=True)
    assert reload_stream(state_of(step), "SPX") == {"error": "symbol 'SPX' is not streamed by this worker"}
    step.stream = stream

    assert inspect_streams(state_of(step)) == {"running": True, "feed": "streaming"}
    assert reload_stream(state_of(step), "spx") == {"ok": "reload of SPX requested"}
    assert reload_stream(state_of(step), "IWM") == {"error": "symbol 'IWM' is not streamed by this worker"}


def test_the_workers_statistics_show_the_stream(parent):
    """Flower's page of the worker has it too."""
    assert set(StreamStep(parent, streams=True).info(parent)) == {"streams"}


class FakeAttendant:
    """Attends until told to stop, or needed no more; the first times it fails, if told so."""

    def __init__(self, failures: int = 0) -> None:
        self.runs, self.left, self._failures = threading.Event(), threading.Event(), failures

    def run(self, stopping, is_needed):
        if self._failures:
            self._failures -= 1
            raise RuntimeError("a fault of our own")
        self.runs.set()
        while not stopping.wait(0.01) and is_needed():
            pass
        self.left.set()


def attended(attendant):
    """A swarm with that attendant."""
    return SimpleNamespace(recording=SimpleNamespace(attendant=lambda: attendant))


@pytest.fixture
def swarms(monkeypatch):
    """The swarms of the process, the last one in force."""
    made = []
    monkeypatch.setattr(bootstep, "swarm", lambda: made[-1])
    monkeypatch.setattr(bootstep, "is_own", lambda known: known is made[-1])
    monkeypatch.setattr(bootstep, "_RESTART_S", 0.01)
    return made


def test_every_worker_looks_whether_to_record(parent, swarms):
    """In a thread that stops with the worker; a fault of the recorder's does not end it for good."""
    attendant = FakeAttendant(failures=2)
    swarms.append(attended(attendant))
    step = RecordingStep(parent)

    step.start(parent)
    assert attendant.runs.wait(5)
    step.terminate(parent)

    assert not step._thread.is_alive()


def test_recording_goes_over_to_a_new_swarm(parent, swarms):
    """Where the settings named another key, another swarm streams: the old one's recorder would hear nothing any more."""
    old, new = FakeAttendant(), FakeAttendant()
    swarms.append(attended(old))
    step = RecordingStep(parent)
    step.start(parent)
    assert old.runs.wait(5)

    swarms.append(attended(new))

    assert old.left.wait(5)
    assert new.runs.wait(5)
    step.terminate(parent)
