"""One recording from the command's side, with a process that answers or does not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from marketswarm.cli import recording_run
from marketswarm.cli.recording_run import RecordingRun
from marketswarm.clock import SystemClock
from marketswarm.errors import BadArgument, RecordingError
from marketswarm.recorder.orders import Order, RecordingOrders
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm


@pytest.fixture
def swarm(redis, valkey_url, environment) -> Swarm:
    """The command's own, on real time."""
    return Swarm(Settings.load(), SystemClock())


@contextmanager
def process(swarm: Swarm) -> Iterator[None]:
    """A worker that looks often."""
    stopping, attendant = threading.Event(), swarm.recording.attendant()

    def look() -> None:
        while not stopping.wait(0.02):
            attendant.look()
        attendant.leave()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)


def test_a_recording_begins_goes_on_and_ends(swarm, tmp_path):
    """With the workers' own settings in its session, and what it came to."""
    worker = Swarm(swarm.settings.model_copy(update={"strikes_each_side": 3}), SystemClock())
    run = RecordingRun(swarm, tmp_path / "recording")
    with process(worker):
        assert run.begin().total("frames") == 0
        run.begin_frames()
        assert run.look().states == {"recording"}
        summary = run.end()
    assert (summary["processes"], summary["failed"], summary["unrecorded"]) == (1, [], 0)
    told = json.loads((tmp_path / "recording" / "session.json").read_text())
    assert told["settings"]["MARKETSWARM_STRIKES_EACH_SIDE"] == "3"
    assert told["summary"]["processes"] == 1
    assert RecordingOrders(swarm.redis).read() is None


def test_nobody_who_records_is_an_error_that_leaves_nothing_behind(swarm, tmp_path, monkeypatch):
    """Neither folder nor order; one that was there stays."""
    monkeypatch.setattr(recording_run, "ANSWER_S", 0.2)
    for folder, is_left in ((tmp_path / "new", False), (tmp_path, True)):
        with pytest.raises(RecordingError, match=r"no worker has answered; is `.* up` running\?"):
            RecordingRun(swarm, folder).begin()
        assert folder.is_dir() == is_left
    assert not (tmp_path / "session.json").exists()
    assert RecordingOrders(swarm.redis).read() is None


def test_a_folder_that_cannot_be_used_is_refused(swarm, tmp_path):
    """One that is not empty, one that is a file, one that cannot be made: each with the reason."""
    (tmp_path / "file").write_text("")
    for path, said in (
        (tmp_path, "this one is not empty"),
        (tmp_path / "file", "this is a file"),
        (tmp_path / "file" / "below", "a folder that can be made and written (Not a directory)"),
    ):
        with pytest.raises(BadArgument) as refused:
            RecordingRun(swarm, path).begin()
        assert said in str(refused.value)
        assert str(path) in str(refused.value)


def test_a_second_recording_is_refused_and_the_first_goes_on(swarm, tmp_path):
    """With the place of the first."""
    first = Order("first", "/elsewhere")
    RecordingOrders(swarm.redis).give(first)
    with pytest.raises(RecordingError, match="another one is under way, into /elsewhere"):
        RecordingRun(swarm, tmp_path / "recording").begin()
    assert RecordingOrders(swarm.redis).read() == first


def test_processes_on_another_machine_are_an_error(swarm, tmp_path, monkeypatch):
    """They say that they cannot write there."""
    run = RecordingRun(swarm, tmp_path / "recording")
    monkeypatch.setattr(
        "marketswarm.recorder.attendant.read_session",
        lambda _folder: (_ for _ in ()).throw(RecordingError("x", "there is no such folder")),
    )
    with process(swarm), pytest.raises(RecordingError, match="cannot write there"):
        run.begin()


def test_an_end_from_elsewhere_is_noticed(swarm, redis: Redis, tmp_path):
    """Such as a machine that slept for longer than the order lives."""
    run = RecordingRun(swarm, tmp_path / "recording")
    with process(swarm):
        run.begin()
        redis.delete("recording")
        with pytest.raises(RecordingError, match="was ended from elsewhere"):
            run.look()
