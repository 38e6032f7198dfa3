"""The ring: what a client reads is what it wants, each frame once and in order, or a word that some of it is lost."""

import gc

from hypothesis import given
from hypothesis import strategies as st

from marketswarm.outlets.gateway.ring import EVERYBODY, Frame, Ring, Wanted

STREAMS, SYMBOLS = ("a", "b", EVERYBODY), ("X", "Y", "Z")
EVERYTHING = Wanted(frozenset({"a", "b"}))

_FRAMES = st.lists(
    st.builds(
        lambda stream, symbols, size: (stream, frozenset(symbols), size),
        st.sampled_from(STREAMS),
        st.sets(st.sampled_from(SYMBOLS), max_size=2),
        st.integers(1, 40),
    ),
    max_size=12,
)
_WANTED = st.builds(
    Wanted,
    st.frozensets(st.sampled_from(["a", "b"]), min_size=1),
    st.frozensets(st.sampled_from(SYMBOLS), max_size=2),
    st.booleans(),
)


def frame(
    number: int, stream: str = "a", symbols=frozenset(), size: int = 8, full: bytes | None = None
) -> Frame:
    """A frame that can be told from others."""
    return Frame(stream, frozenset(symbols), b"%d;" % number + b"." * size, f"c{number}", full)


class Reader:
    """A client that notes what it gets."""

    def __init__(self, ring: Ring, wanted: Wanted) -> None:
        self.ring, self.wanted, self.view = ring, wanted, ring.view(wanted)
        self.position, self.got, self.lost = ring.head, b"", 0

    def read(self) -> None:
        """One slice."""
        found = self.view.read(self.position)
        if found is None:
            self.lost += 1
            self.position = self.ring.head
        else:
            self.got += found.data
            self.position = found.position


@given(
    st.lists(st.tuples(_FRAMES, st.sets(st.integers(0, 3))), max_size=30),
    st.lists(_WANTED, min_size=4, max_size=4),
    st.integers(1, 20),
    st.integers(20, 400),
    st.integers(1, 100),
)
def test_each_client_gets_what_it_wants(ticks, wanted, most_frames, most_bytes, slice_bytes):
    """Whatever comes and whoever reads when: what a client got is all that it wanted, in order, but for what it was told is lost."""
    ring = Ring(most_frames, most_bytes, slice_bytes)
    readers = [Reader(ring, one) for one in wanted]
    expected, number = [b""] * 4, 0
    for frames, reading in ticks:
        made = [frame(number + at, *one) for at, one in enumerate(frames)]
        number += len(made)
        ring.append(made)
        assert ring.head - ring.tail <= most_frames
        assert ring.bytes <= most_bytes or ring.head - ring.tail == 1
        for at, reader in enumerate(readers):
            expected[at] += b"".join(one.text for one in made if wanted[at].takes(one.stream, one.symbols))
            if at in reading:
                lost = reader.lost
                while reader.position < ring.head:
                    reader.read()
                if reader.lost > lost:
                    reader.got = expected[at]
                assert reader.got == expected[at]


def test_what_is_joined_for_one_is_there_for_all():
    """Clients that want the same and stand at the same position get the same bytes, not equal ones."""
    ring = Ring(100, 10_000, 1_000)
    one, other = Wanted(frozenset("ab"), frozenset("X")), Wanted(frozenset("ab"), frozenset("X"))
    views = [ring.view(one), ring.view(other)]
    ring.append([frame(1), frame(2)])
    assert views[0] is views[1]
    assert views[0].read(0).data is views[1].read(0).data


def test_a_view_goes_with_its_last_client():
    """What nobody wants any more is not kept."""
    ring = Ring(100, 10_000, 1_000)
    view = ring.view(EVERYTHING)
    assert len(ring._views) == 1
    del view
    gc.collect()
    assert not ring._views


def test_a_slice_is_bounded():
    """A client that is behind is sent a part at a time; a frame that is larger than that comes whole."""
    ring = Ring(100, 100_000, 50)
    ring.append(frame(number, size=30) for number in range(10))
    view, sizes, position = ring.view(EVERYTHING), [], 0
    while position < ring.head:
        found = view.read(position)
        sizes.append(found.frames)
        position = found.position
    assert sizes == [2] * 5
    ring.append([frame(10, size=5_000)])
    assert len(view.read(10).data) > 5_000


def test_a_cursor_has_its_position():
    """From a cursor that the ring still knows a client goes on behind the frame that gave it."""
    ring = Ring(3, 10_000, 1_000)
    ring.append(frame(number) for number in range(5))
    assert ring.position_of("c3") == 4
    assert ring.position_of("c0") is None
    assert ring.position_of("c9") is None
    assert len(ring._behind) <= 3


def test_frames_without_a_cursor_move_nobody():
    """A heartbeat behind a frame leaves the position of that frame's cursor where it is."""
    ring = Ring(10, 10_000, 1_000)
    ring.append([frame(1), Frame(EVERYBODY, frozenset(), b"beat")])
    assert ring.position_of("c1") == 1
    assert ring.position_of("") is None


def test_the_whole_chain_is_for_those_who_ask():
    """A frame with a chain is told with it or without; one that has none is the same for all."""
    ring = Ring(10, 10_000, 1_000)
    whole = Wanted(frozenset("a"), full=True)
    ring.append([frame(1, full=b"whole"), frame(2)])
    assert ring.view(whole).read(0).data.startswith(b"whole2;")
    assert ring.view(Wanted(frozenset("a"))).read(0).data.startswith(b"1;")
    assert ring.bytes == sum(one.size for one in (frame(1, full=b"whole"), frame(2)))
