"""The file of one process: blocks that are appended, each compressed by itself, so that a file is readable while it grows.

A file begins with `MAGIC` and a version. A block is a header (bytes of its payload, entries in it, CRC-32 of the payload; each
a little-endian unsigned 32-bit number) and a zstd frame. What a killed process left unfinished at the end is left out.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import zstandard

from marketswarm.errors import RecordingError

MAGIC: Final = b"MSWREC"
VERSION: Final = 1
FILE_HEAD: Final = MAGIC + struct.pack("<H", VERSION)
LARGEST_PAYLOAD: Final = 256 * 1024 * 1024
LARGEST_BLOCK: Final = 1024 * 1024 * 1024
_HEAD = struct.Struct("<III")
_LEVEL: Final = 1


class Block(NamedTuple):
    """One block: how many entries it holds, and their bytes."""

    entries: int
    data: bytes | memoryview


def compressor() -> zstandard.ZstdCompressor:
    """What compresses blocks: for one thread, which keeps it, as its tables need not be made anew for each block."""
    return zstandard.ZstdCompressor(level=_LEVEL)


def packed(block: Block, by: zstandard.ZstdCompressor | None = None) -> bytes:
    """A block as it stands in the file."""
    payload = (by or compressor()).compress(block.data)
    return _HEAD.pack(len(payload), block.entries, zlib.crc32(payload)) + payload


class BlockFile:
    """Reads the blocks of a file.

    Attributes:
        cut_off: bytes at the end that are no whole block, known once all blocks were read; 0 when there are none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cut_off = 0

    def __iter__(self) -> Iterator[Block]:
        """The blocks, in order.

        Raises:
            RecordingError: for a file that is no recording, a newer one, or a block that is damaged.
        """
        self.cut_off = 0
        try:
            with self.path.open("rb") as file:
                if self._has_begun(file):
                    yield from self._blocks(file)
        except OSError as error:
            raise RecordingError(str(self.path), f"cannot be read ({error.strerror or error})") from error

    def _has_begun(self, file: BinaryIO) -> bool:
        head = file.read(len(FILE_HEAD))
        if len(head) < len(FILE_HEAD) and FILE_HEAD.startswith(head):
            self.cut_off = len(head)
            return False
        if not head.startswith(MAGIC) or len(head) < len(FILE_HEAD):
            raise RecordingError(str(self.path), "is no file of a recording")
        (version,) = struct.unpack("<H", head[len(MAGIC) :])
        if version != VERSION:
            raise RecordingError(
                str(self.path), f"has version {version} of the format; this program reads version {VERSION}"
            )
        return True

    def _blocks(self, file: BinaryIO) -> Iterator[Block]:
        while head := file.read(_HEAD.size):
            at = file.tell() - len(head)
            payload = b""
            if len(head) == _HEAD.size:
                size, entries, crc = _HEAD.unpack(head)
                if size > LARGEST_PAYLOAD:
                    raise self._damaged(at)
                payload = file.read(size)
                if len(payload) == size:
                    yield Block(entries, self._unpacked(payload, crc, at))
                    continue
            self.cut_off = len(head) + len(payload)
            return

    def _unpacked(self, payload: bytes, crc: int, at: int) -> bytes:
        if zlib.crc32(payload) != crc:
            raise self._damaged(at)
        try:
            size = zstandard.frame_content_size(payload)
            if not 0 <= size <= LARGEST_BLOCK:
                raise self._damaged(at)
            return zstandard.ZstdDecompressor().decompress(payload)
        except zstandard.ZstdError:
            raise self._damaged(at) from None

    def _damaged(self, at: int) -> RecordingError:
        return RecordingError(str(self.path), f"the block at byte {at} is damaged")
