"""Where a process hands over what it receives."""

from pathlib import Path

import pytest

from marketswarm.clock import ManualClock
from marketswarm.errors import RecordingError
from marketswarm.model.arrival import Frame, Heard, Opened
from marketswarm.recorder.blocks import BlockFile
from marketswarm.recorder.entries import Cut, Deed, Exchange, Frames, Head, decoded
from marketswarm.recorder.entries import Opened as OpenedEntry
from marketswarm.recorder.tap import Recorder


@pytest.fixture
def clock() -> ManualClock:
    """Stands still."""
    return ManualClock(1_795_449_600_000)


def entries_of(folder: Path) -> list:
    """All entries of the one file."""
    (path,) = folder.glob("*.rec")
    return [entry for block in BlockFile(path) for entry in decoded(block.data)]


def test_only_what_comes_between_the_cuts_is_recorded(tmp_path, clock):
    """Whatever is handed over before and after is not."""
    recorder = Recorder(clock)
    line = recorder.line()
    line.arrived([Frame(1, 0.0, b"early")])
    recorder.open(tmp_path / "a.rec", "p")
    line.arrived([Frame(1, 0.0, b"still early")])
    assert not line.is_on
    recorder.cut("begin", ["SPX"])
    assert line.is_on
    line.arrived([Opened(1), Frame(1, 0.0, b"a")])
    recorder.answered("/v3/x", 0.0, 200, b"{}", None)
    recorder.cut("end", ["SPX"])
    line.arrived([Frame(1, 0.0, b"late")])
    tally = recorder.close()

    kinds = [type(entry) for entry in entries_of(tmp_path)]
    assert kinds == [Head, Cut, OpenedEntry, Frames, Exchange, Cut]
    assert (tally.frames, tally.exchanges) == (1, 1)


def test_connections_of_several_feeds_are_told_apart(tmp_path, clock):
    """Each feed numbers its own from one."""
    recorder = Recorder(clock)
    lines = [recorder.line(), recorder.line()]
    recorder.open(tmp_path / "a.rec", "p")
    recorder.cut("begin", [])
    for line in lines:
        line.arrived([Frame(1, 0.0, b"a"), Heard(1)])
    recorder.close()
    links = [entry.link for entry in entries_of(tmp_path) if isinstance(entry, Frames)]
    assert len(set(links)) == 2


def test_an_answer_carries_its_beginning_and_its_end(tmp_path, clock):
    """Both as wall time."""
    recorder = Recorder(clock)
    recorder.open(tmp_path / "a.rec", "p")
    recorder.cut("begin", [])
    began_s = clock.monotonic_s()
    clock.advance(0.25)
    recorder.answered("/v3/x", began_s, 429, b"", "3")
    recorder.close()
    entry = entries_of(tmp_path)[-1]
    assert entry == Exchange(1_795_449_600_250_000, 1_795_449_600_000_000, "/v3/x", 429, b"", "3")


def test_a_deed_tells_when_the_store_took_it_and_whether_it_failed(tmp_path, clock):
    """And a failure goes on to whoever asked."""
    recorder = Recorder(clock)
    recorder.open(tmp_path / "a.rec", "p")
    recorder.cut("begin", [])
    with recorder.deed("load", symbol="SPX"):
        clock.advance(1)
        recorder.effected()
        clock.advance(1)
    with pytest.raises(RecordingError), recorder.deed("audit"):
        raise RecordingError("x", "went wrong")
    recorder.close()

    done, failed = (entry for entry in entries_of(tmp_path) if isinstance(entry, Deed))
    assert done.arguments == {"symbol": "SPX"}
    assert (done.effect_us - done.began_us, done.at_us - done.began_us) == (1_000_000, 2_000_000)
    assert (failed.name, failed.failed, failed.effect_us) == (
        "audit",
        "recording x: went wrong",
        failed.at_us,
    )


def test_without_a_recording_nothing_is_kept(clock):
    """A tap that nobody listens to costs a look at a flag."""
    recorder = Recorder(clock)
    with recorder.deed("tick", slot=1):
        recorder.answered("/v3/x", 0.0, 200, b"{}", None)
    recorder.cut("begin", [])
    recorder.line().arrived([Frame(1, 0.0, b"a")])
    assert recorder.close().frames == recorder.tally.frames == 0
