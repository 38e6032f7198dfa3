"""The file of blocks: what is written is read again, what is cut off ends it, what is damaged is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.errors import RecordingError
from marketswarm.recorder.blocks import FILE_HEAD, Block, BlockFile, compressor, packed

BLOCKS = [Block(1, b"one"), Block(2, b"two" * 50), Block(0, b"")]
WHOLE = FILE_HEAD + b"".join(map(packed, BLOCKS))


def read(folder: Path, data: bytes) -> tuple[list[Block], int]:
    """The blocks of a file with that content, and how much was cut off."""
    path = folder / "part.rec"
    path.write_bytes(data)
    blocks = BlockFile(path)
    return list(blocks), blocks.cut_off


@given(st.lists(st.builds(Block, st.integers(0, 2**32 - 1), st.binary(max_size=2000)), max_size=6))
def test_what_is_written_is_read_again(tmp_path_factory, blocks):
    """Any blocks come back as they were, in their order, and nothing is left over."""
    data = FILE_HEAD + b"".join(map(packed, blocks))
    assert read(tmp_path_factory.mktemp("blocks"), data) == (blocks, 0)


def test_one_compressor_serves_all_blocks():
    """Each block is what it would be by itself."""
    by = compressor()
    assert [packed(block, by) for block in BLOCKS] == list(map(packed, BLOCKS))


@pytest.mark.parametrize("length", range(len(WHOLE) + 1))
def test_a_file_that_was_cut_off_gives_its_whole_blocks(tmp_path, length):
    """Wherever a killed process stopped writing, every block before it is read, and the rest is told of."""
    ends = [len(FILE_HEAD)]
    for block in BLOCKS:
        ends.append(ends[-1] + len(packed(block)))
    whole = max((end for end in ends if end <= length), default=0)

    found, cut_off = read(tmp_path, WHOLE[:length])

    assert found == BLOCKS[: sum(end <= length for end in ends[1:])]
    assert cut_off == length - whole


def test_a_damaged_block_is_named(tmp_path):
    """A block whose bytes have changed is refused with the place where it stands; the ones before it are read."""
    first = len(FILE_HEAD) + len(packed(BLOCKS[0]))
    data = bytearray(WHOLE)
    data[first + 20] ^= 1
    (tmp_path / "part.rec").write_bytes(data)
    blocks = iter(BlockFile(tmp_path / "part.rec"))
    assert next(blocks) == BLOCKS[0]
    with pytest.raises(RecordingError, match=rf"part.rec: the block at byte {first} is damaged"):
        next(blocks)


def test_an_impossible_length_is_damage(tmp_path):
    """A length that no block has is not waited for."""
    with pytest.raises(RecordingError, match="damaged"):
        read(tmp_path, FILE_HEAD + b"\xff" * 12)


def test_a_foreign_and_a_newer_file_are_refused(tmp_path):
    """Each with one clear line."""
    with pytest.raises(RecordingError, match="is no file of a recording"):
        read(tmp_path, b"PAR1 and more")
    with pytest.raises(RecordingError, match="has version 2 of the format; this program reads version 1"):
        read(tmp_path, b"MSWREC\x02\x00")


def test_a_file_that_is_not_there_is_named(tmp_path):
    """With the system's own reason."""
    with pytest.raises(RecordingError, match="cannot be read"):
        list(BlockFile(tmp_path / "none.rec"))
