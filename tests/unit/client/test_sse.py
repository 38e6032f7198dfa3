"""Server-sent events out of bytes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.client import sse
from marketswarm.client.sse import Frame, FrameTooLong, SseParser

WIRE = (
    '\ufeffretry: 1500\r\n\r\n: hello\n\nid: 7\nevent: sse:timeseries\ndata: {"a":1}\n\n'
    "id: 8\revent:x\rdata:one\rdata: two é€😀\r\revent: heartbeat\ndata: {}\n\nid\ndata\n\nid: 9\n\n"
).encode()
FRAMES = [
    Frame("", "", "", 1500),
    Frame("sse:timeseries", '{"a":1}', "7"),
    Frame("x", "one\ntwo é€😀", "8"),
    Frame("heartbeat", "{}", "8"),
    Frame("", "", ""),
    Frame("", "", "9"),
]


def parsed(*chunks: bytes) -> list[Frame]:
    """All frames of those chunks."""
    parser = SseParser()
    return [frame for chunk in chunks for frame in parser.feed(chunk)]


def test_the_rules_of_the_standard_hold() -> None:
    """Three line ends, a BOM, comments, several data lines, ids that stay, `retry`, fields without a value."""
    assert parsed(WIRE) == FRAMES


@given(st.lists(st.integers(0, len(WIRE)), max_size=30))
def test_cuts_do_not_matter(cuts: list[int]) -> None:
    """However the bytes are cut, also within a character or a line end, the frames are the same."""
    places = [0, *sorted(cuts), len(WIRE)]
    assert parsed(*(WIRE[start:end] for start, end in pairwise(places))) == FRAMES


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_no_bytes_break_it(chunks: list[bytes]) -> None:
    """Whatever comes, there are frames or none, and the same as in one piece."""
    assert parsed(*chunks) == parsed(b"".join(chunks))


LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=20)


@given(
    st.lists(st.tuples(LINES.filter(bool), LINES, st.sampled_from(["\n", "\r\n", "\r"])), max_size=8),
    st.data(),
)
def test_what_is_written_is_read(written: list[tuple[str, str, str]], data: st.DataObject) -> None:
    """Frames that somebody wrote come out as they are, in any pieces."""
    wire = "".join(f"event: {name}{end}data: {text}{end}{end}" for name, text, end in written).encode()
    cut = data.draw(st.integers(0, len(wire)))
    assert parsed(wire[:cut], wire[cut:]) == [Frame(name, text, "") for name, text, _ in written]


def test_what_is_not_ended_is_not_told() -> None:
    """A frame without its blank line is not given, and its id does not count."""
    parser = SseParser("6")
    assert list(parser.feed(b"id: 7\ndata: 1\n")) == []
    assert list(SseParser("6").feed(b"data: 1\n\n")) == [Frame("", "1", "6")]


@pytest.mark.parametrize("field", ["id: 1\0", "retry: soon", "retry: -1", "other: 1", "data-: 1"])
def test_what_has_no_meaning_is_passed_over(field: str) -> None:
    """An id with NUL, a retry that is no number, a field that is not known."""
    assert parsed(f"{field}\ndata: x\n\n".encode()) == [Frame("", "x", "")]


def test_a_frame_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """More bytes than any frame has, without an end, are refused; the same in many frames are not."""
    monkeypatch.setattr(sse, "MOST_BYTES", 1000)
    assert len(parsed(*[b"data: 0123456789\n\n"] * 100)) == 100
    with pytest.raises(FrameTooLong):
        parsed(*[b"data: 0123456789\n"] * 100)
