"""How a process begins and ends its part of a recording."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from marketswarm import keys
from marketswarm.clock import ManualClock
from marketswarm.model.arrival import Frame
from marketswarm.recorder.attendant import Attendant
from marketswarm.recorder.entries import Cut, Frames
from marketswarm.recorder.orders import Order, RecordingOrders
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.stored import StoredChains, read_snapshots
from marketswarm.recorder.tap import Recorder
from tests.support.builders import SPX, contract
from tests.support.recordings import session


class Process:
    """A process that may stream SPX, and what it is asked to do between two frames."""

    def __init__(self, redis: Redis, clock: ManualClock, *, streams: bool) -> None:
        self.recorder = Recorder(clock)
        self.line = self.recorder.line()
        self.asked = 0
        self.attendant = Attendant(
            RecordingOrders(redis),
            self.recorder,
            StoredChains(redis, lambda _symbol: [SPX]),
            clock,
            has_stream=lambda: streams,
            between_frames=self._between_frames,
            settings={"MARKETSWARM_FLUSH_MS": "50"},
        )

    def _between_frames(self, act) -> None:
        self.asked += 1
        act(["SPX"])

    def receive(self, raw: bytes) -> None:
        """A frame comes."""
        self.line.arrived([Frame(1, 0.0, raw)])


@pytest.fixture
def order(redis, tmp_path) -> Order:
    """An order that stands, for all who record."""
    made = Order("recording-1", str(tmp_path), frames=True)
    session(id=made.id).write(tmp_path)
    RecordingOrders(redis).give(made)
    return made


def told(redis: Redis, order: Order) -> dict:
    """What the one process has told."""
    (found,) = RecordingOrders(redis).told(order).values()
    return found


def raws(folder: Path) -> list[bytes]:
    """All recorded frames."""
    return [raw for entry in Recording(folder).entries() if isinstance(entry, Frames) for raw in entry.raws]


def test_a_stream_records_between_two_readings_of_its_chains(redis, clock, commit, order, tmp_path):
    """What comes before the first and behind the last is left out, and both are written."""
    commit([contract(6800)])
    process = Process(redis, clock, streams=True)
    process.receive(b"before")
    process.attendant.look()
    process.receive(b"within")
    assert told(redis, order)["state"] == "recording"
    RecordingOrders(redis).take_back(order)
    process.attendant.look()
    process.receive(b"behind")

    assert raws(tmp_path) == [b"within"]
    assert told(redis, order)["state"] == "ended"
    assert told(redis, order)["frames"] == 1
    assert told(redis, order)["settings"] == {"MARKETSWARM_FLUSH_MS": "50"}
    cuts = [entry for entry in Recording(tmp_path).entries() if isinstance(entry, Cut)]
    assert [(cut.which, cut.symbols) for cut in cuts] == [("begin", ["SPX"]), ("end", ["SPX"])]
    for which in ("begin", "end"):
        assert [chain.symbol for chain in read_snapshots(tmp_path, which).chains] == ["SPX"]


def test_a_stream_waits_until_the_chains_are_whole(redis, clock, order, tmp_path):
    """A process that only calls begins at once."""
    orders = RecordingOrders(redis)
    orders.renew(replace(order, frames=False))
    stream, worker = Process(redis, clock, streams=True), Process(redis, clock, streams=False)
    stream.attendant.look()
    assert told(redis, order)["state"] == "waiting"
    worker.attendant.look()
    assert (stream.recorder.is_on, worker.recorder.is_on) == (False, True)
    assert worker.asked == 0
    worker.attendant.leave()
    orders.renew(order)
    stream.attendant.look()
    assert stream.recorder.is_on
    stream.attendant.leave()
    assert not stream.recorder.is_on


def test_an_order_that_ran_out_ends_the_recording(redis, clock, order, tmp_path):
    """However the command that gave it died."""
    process = Process(redis, clock, streams=True)
    process.attendant.look()
    redis.delete(keys.RECORDING)
    process.attendant.look()
    assert not process.recorder.is_on
    assert read_snapshots(tmp_path, "end") is not None


def test_a_folder_that_is_not_here_is_told(redis, clock, tmp_path):
    """Once, and nothing is recorded: the command may run on another machine."""
    order = Order("recording-1", str(tmp_path / "elsewhere"), frames=True)
    RecordingOrders(redis).give(order)
    process = Process(redis, clock, streams=True)
    process.attendant.look()
    process.attendant.look()
    assert told(redis, order)["state"] == "failed"
    assert "cannot write there: recording" in told(redis, order)["detail"]
    assert not process.recorder.is_on


def test_another_recording_in_the_folder_is_left_alone(redis, clock, order, tmp_path):
    """The id in its session must be the order's."""
    session(id="another").write(tmp_path)
    process = Process(redis, clock, streams=True)
    process.attendant.look()
    assert "the folder holds another recording" in told(redis, order)["detail"]


def test_it_looks_until_it_is_stopped_and_leaves_a_whole_file(redis, clock, order, tmp_path):
    """Also when the process ends in the middle."""
    process = Process(redis, clock, streams=False)
    stopping = threading.Event()
    thread = threading.Thread(target=process.attendant.run, args=(stopping,))
    thread.start()
    for _ in range(1000):
        if process.recorder.is_on:
            break
        threading.Event().wait(0.01)
    process.receive(b"a")
    stopping.set()
    thread.join(20)
    assert raws(tmp_path) == [b"a"]
    assert Recording(tmp_path).contents.cut_off == {}


def test_it_leaves_a_whole_file_when_it_is_needed_no_more(redis, clock, order, tmp_path):
    """Another one goes on."""
    process = Process(redis, clock, streams=False)
    answers = iter([True, False])
    process.attendant.run(threading.Event(), lambda: next(answers))
    assert told(redis, order)["state"] == "ended"
    assert Recording(tmp_path).contents.cut_off == {}
