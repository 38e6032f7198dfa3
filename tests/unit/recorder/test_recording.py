"""A recording read as a whole."""

import pytest

from marketswarm.errors import RecordingError
from marketswarm.recorder.blocks import FILE_HEAD, Block, packed
from marketswarm.recorder.entries import Cut, Frames, Head, Unrecorded
from marketswarm.recorder.recording import Recording
from tests.support.recordings import BEGUN_US, deed, exchange, frames, make_recording, part_bytes


def test_entries_of_all_processes_come_in_the_order_of_time(tmp_path):
    """Those of one process stay in their order, even where its wall clock was set back."""
    one = [frames(0, b"a"), frames(30, b"d"), frames(20, b"e")]
    two = [exchange(10, "/b", {}), exchange(25, "/c", {})]
    recording = Recording(make_recording(tmp_path, one, two))
    told = [
        entry.raws[0].decode() if isinstance(entry, Frames) else entry.target
        for entry in recording.entries()
        if not isinstance(entry, Head)
    ]
    assert told == ["a", "/b", "/c", "d", "e"]
    assert (recording.contents.frames, recording.contents.exchanges) == (3, 2)
    assert recording.contents.notes() == []


def test_what_is_missing_is_told(tmp_path):
    """A file that ends in the middle of a block, and what a slow disk had no room for."""
    folder = make_recording(tmp_path, [frames(0, b"a"), Unrecorded(BEGUN_US, 5, 2)])
    path = folder / "part-1-1.rec"
    path.write_bytes(path.read_bytes() + b"torn")
    recording = Recording(folder)
    assert sum(isinstance(entry, Frames) for entry in recording.entries()) == 1
    cut_off, slow = recording.contents.notes()
    assert cut_off == "part-1-1.rec ends in the middle of a block: its last 4 bytes are left out"
    assert slow == "7 frames or answers were not recorded, the disk was too slow"


def test_a_block_that_holds_something_else_is_refused(tmp_path):
    """With the file's name."""
    folder = make_recording(tmp_path)
    (folder / "part-1-1.rec").write_bytes(FILE_HEAD + packed(Block(1, b"no entries")))
    with pytest.raises(RecordingError, match=r"part-1-1.rec: a block holds what this program does not know"):
        list(Recording(folder).entries())


def test_a_folder_without_a_file_of_a_process_is_refused(tmp_path):
    """Nothing was recorded."""
    with pytest.raises(RecordingError, match="nothing was recorded"):
        Recording(make_recording(tmp_path))


def test_it_starts_where_the_chains_were_read(tmp_path):
    """What came before stands in them; without chains it starts with its first entry."""
    before = [exchange(5, "/a", {})]
    cut = [Cut(BEGUN_US + 9_000, "begin", ["SPX"]), frames(10, b"a")]
    assert Recording(make_recording(tmp_path / "a", before, cut)).start_us() == BEGUN_US + 9_000
    assert Recording(make_recording(tmp_path / "b", before)).start_us() == BEGUN_US + 5_000
    assert Recording(tmp_path / "a").last_us() == BEGUN_US + 10_000


def test_deeds_are_ordered_by_what_they_did(tmp_path):
    """By the moment at which the store took it, not by their ends."""
    folder = make_recording(tmp_path, [deed(50, "load", effect_ms=10), deed(40, "tick", effect_ms=20)])
    assert [each.name for each in Recording(folder).deeds()] == ["load", "tick"]


def test_a_part_may_have_many_blocks(tmp_path):
    """They are read one after the other."""
    folder = make_recording(tmp_path)
    (folder / "part-1-1.rec").write_bytes(part_bytes([[frames(number, b"x")] for number in range(20)]))
    assert len(list(Recording(folder).entries())) == 20
