"""What the throwing-away client counts."""

import pytest

from benchmarks.children.sink import Sink

QUOTE = b'{"ev":"Q","sym":"O:SPX","bp":1}'
WIRE = b"".join(b"\x81\x7e" + b"[" + b",".join([QUOTE] * size) + b"]" for size in (1, 5, 2))
WIRE += b'\x81\x7e[{"ev":"T","c":[209]},' + QUOTE + b"]"


@pytest.mark.parametrize("piece", [1, 3, 7, 8, 9, 50, 10_000])
def test_every_quote_and_frame_is_counted_once(piece):
    """However the bytes are cut by the network."""
    sink, tail = Sink(), b""
    for first in range(0, len(WIRE), piece):
        part = WIRE[first : first + piece]
        tail = sink._count(tail + part, len(part))
    assert sink._found == {"quotes": 9, "frames": 4, "bytes": len(WIRE)}
