"""One process's file: nothing that is handed over waits, and what is missing is told."""

import threading
from pathlib import Path

import pytest

from marketswarm.clock import SystemClock
from marketswarm.model.arrival import Frame
from marketswarm.recorder.blocks import BlockFile
from marketswarm.recorder.entries import Cut, Exchange, Frames, Head, Unrecorded, decoded
from marketswarm.recorder.secrets import Hider
from marketswarm.recorder.writer import PartWriter, write_all


def entries_of(path: Path) -> list:
    """All entries of a file."""
    return [entry for block in BlockFile(path) for entry in decoded(block.data)]


def arrivals(count: int, size: int = 10) -> list[Frame]:
    """So many frames."""
    return [Frame(1, SystemClock().monotonic_s(), b"x" * size) for _ in range(count)]


class StuckDisk:
    """A disk that takes the beginning, and then nothing until it is let go."""

    def __init__(self) -> None:
        self.is_stuck, self.go_on = threading.Event(), threading.Event()
        self._writes = 0

    def __call__(self, file: int, data: bytes) -> None:
        self._writes += 1
        if self._writes == 3:
            self.is_stuck.set()
            assert self.go_on.wait(20)
        write_all(file, data)


def test_what_is_handed_over_is_in_the_file(tmp_path):
    """Frames and answers, in order, behind an entry that says whose file it is."""
    writer = PartWriter(tmp_path / "a.rec", "host:1", SystemClock())
    writer.put_arrivals(arrivals(3))
    writer.put(Exchange(1, 1, "/v3/snapshot", 200, b"{}"))
    tally = writer.end()

    head, frames, exchange = entries_of(tmp_path / "a.rec")
    assert isinstance(head, Head)
    assert head.part == "host:1"
    assert isinstance(frames, Frames)
    assert frames.raws == [b"x" * 10] * 3
    assert exchange == Exchange(1, 1, "/v3/snapshot", 200, b"{}")
    assert (tally.frames, tally.exchanges, tally.unrecorded, tally.failure) == (3, 1, 0, "")
    assert tally.bytes == (tmp_path / "a.rec").stat().st_size


def test_what_is_handed_over_may_change_afterwards(tmp_path):
    """It is bytes by then: nothing of what was handed over is kept until it is written."""
    writer = PartWriter(tmp_path / "a.rec", "p", SystemClock())
    handed, symbols = arrivals(2), ["SPX"]
    writer.put_arrivals(handed, links_from=40)
    writer.put(Cut(1, "end", symbols))
    handed.clear()
    symbols.clear()
    writer.end()
    _, frames, cut = entries_of(tmp_path / "a.rec")
    assert (frames.link, frames.raws) == (41, [b"x" * 10] * 2)
    assert cut.symbols == ["SPX"]


def test_the_file_can_be_read_while_it_grows(tmp_path):
    """Within about a second, without its end."""
    writer = PartWriter(tmp_path / "a.rec", "host:1", SystemClock())
    writer.put_arrivals(arrivals(1))
    for _ in range(500):
        if writer.tally.frames:
            break
        threading.Event().wait(0.01)
    assert [type(entry) for entry in entries_of(tmp_path / "a.rec")] == [Head, Frames]
    writer.end()


def test_a_stuck_disk_holds_up_nobody_and_what_is_missing_is_told(tmp_path):
    """Handing over returns at once; what finds no room is counted, and the file says where it is missing."""
    disk = StuckDisk()
    writer = PartWriter(tmp_path / "a.rec", "p", SystemClock(), append=disk, largest_bytes=10_000)
    writer.put_arrivals(arrivals(1))
    assert disk.is_stuck.wait(20)
    for _ in range(100):
        writer.put_arrivals(arrivals(10, size=100))
    missing = writer.tally.unrecorded
    assert missing > 0
    disk.go_on.set()
    tally = writer.end()

    told = entries_of(tmp_path / "a.rec")
    assert sum(entry.frames for entry in told if isinstance(entry, Unrecorded)) == missing
    assert sum(len(entry.raws) for entry in told if isinstance(entry, Frames)) == 1001 - missing
    assert tally.unrecorded == missing


def test_a_full_disk_ends_the_recording_and_not_the_process(tmp_path):
    """The reason is kept, and everything after it is counted as not recorded."""

    def full(file: int, data: bytes) -> None:
        if b"MSWREC" not in data:
            raise OSError(28, "No space left on device")
        write_all(file, data)

    writer = PartWriter(tmp_path / "a.rec", "p", SystemClock(), append=full)
    for _ in range(500):
        if writer.tally.failure:
            break
        threading.Event().wait(0.01)
    writer.put_arrivals(arrivals(2))
    tally = writer.end()
    assert tally.failure == "No space left on device"
    assert tally.unrecorded == 2


def test_a_secret_is_hidden_in_all_that_is_written(tmp_path):
    """Whatever holds it."""
    writer = PartWriter(tmp_path / "a.rec", "p", SystemClock(), hide=Hider(["a-secret"]))
    writer.put_arrivals([Frame(1, 0.0, b"see: a-secret")])
    writer.put(Exchange(1, 1, "/x?k=a-secret", 200, b"a-secret"))
    writer.end()
    _, frames, exchange = entries_of(tmp_path / "a.rec")
    assert frames.raws == [b"see: ********"]
    assert (exchange.target, exchange.body) == ("/x?k=********", b"********")


def test_no_file_is_ever_written_over(tmp_path):
    """One that is there already is an error."""
    (tmp_path / "a.rec").write_text("")
    with pytest.raises(FileExistsError):
        PartWriter(tmp_path / "a.rec", "p", SystemClock())
