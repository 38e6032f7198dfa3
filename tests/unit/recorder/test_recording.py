"""A recording read as a whole."""

import pytest

from marketswarm.errors import RecordingError
from marketswarm.recorder.blocks import FILE_HEAD, Block, packed
from marketswarm.recorder.entries import Cut, Ended, Exchange, Frames, Head, Opened, Unrecorded
from marketswarm.recorder.recording import Recording
from tests.support.recordings import BEGUN_US, deed, exchange, frames, make_recording, part_bytes

# A part as it was written when all entries of a block were encoded together.
OLD_PART = bytes.fromhex(
    """
    4d535752 45430100 25000000 01000000 28d98ea7 28b52ffd 201ce100 00919400 cf000660 f3af9ec0
    00cb4014 00000000 0000a668 6f73743a 31700000 00040000 00b12b83 7828b52f fd20833d 03003405
    949302cf 000660f3 af9ec001 01960102 cb401800 0192cb40 1600cb40 170092c4 025b5dc4 115b7b22
    6576223a 22737461 74757322 7d5d9704 0302a52f 76332f78 ccc8c402 7b7dc095 0401c0a7 64726f70
    70656407 003b4b65 11e11068 80cba015 9cd04e94 3a
    """
)


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


def test_a_part_of_an_older_program_is_read(tmp_path):
    """Entry by entry, as it was written then."""
    folder = make_recording(tmp_path)
    (folder / "part-1-1.rec").write_bytes(OLD_PART)
    assert list(Recording(folder).entries()) == [
        Head(BEGUN_US, 5.0, "host:1"),
        Opened(BEGUN_US + 1, 1),
        Frames(BEGUN_US + 2, 6.0, 1, [5.5, 5.75], [b"[]", b'[{"ev":"status"}]']),
        Exchange(BEGUN_US + 3, BEGUN_US + 2, "/v3/x", 200, b"{}"),
        Ended(BEGUN_US + 4, 1, None, "dropped"),
    ]
