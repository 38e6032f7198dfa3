"""Entries and their bytes."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from marketswarm.model.arrival import Ended, Frame, Heard, Opened
from marketswarm.recorder import entries
from marketswarm.recorder.batch import batch_of
from marketswarm.recorder.entries import Cut, Deed, Exchange, Frames, Head, Unrecorded, arrival_entries

TIMES = st.integers(0, 2**53)
TEXTS = st.text(max_size=30)
ENTRIES = st.one_of(
    st.builds(Head, TIMES, st.floats(0, 1e9), TEXTS),
    st.lists(st.binary(max_size=50), max_size=5).map(
        lambda raws: Frames(10**15, 5.0, 1, [4.5] * len(raws), raws)
    ),
    st.builds(entries.Opened, TIMES, st.integers(0, 10**7)),
    st.builds(entries.Ended, TIMES, st.integers(0, 10**7), st.none() | st.integers(1000, 4999), TEXTS),
    st.builds(Exchange, TIMES, TIMES, TEXTS, st.integers(0, 599), st.binary(max_size=50), st.none() | TEXTS),
    st.builds(Deed, TIMES, TIMES, TIMES, TEXTS, st.dictionaries(TEXTS, st.none() | TEXTS | TIMES), TEXTS),
    st.builds(Unrecorded, TIMES, st.integers(0, 10**9), st.integers(0, 10**9)),
    st.builds(Cut, TIMES, st.sampled_from(["begin", "end"]), st.lists(TEXTS, max_size=3)),
)


@given(st.lists(ENTRIES, max_size=8))
def test_what_is_encoded_is_decoded_again(made):
    """Any entries come back as they were."""
    assert entries.decoded(batch_of(*made).whole()) == made


@given(st.binary(max_size=60))
def test_bytes_that_are_no_entries_are_none(data):
    """Whatever stands in a block, reading it does not fail."""
    assert entries.decoded(data) is None or isinstance(entries.decoded(data), list)


def test_frames_that_came_together_are_one_entry_and_keep_their_times():
    """Each with its arrival by the wall clock, worked out from the monotonic one."""
    arrivals = [Frame(3, 9.5, b"a"), Frame(3, 9.75, b"b")]
    (one,) = arrival_entries(arrivals, 1_000_000_000, 10.0)
    assert (one.link, one.raws) == (3, [b"a", b"b"])
    assert list(one.arrivals()) == [(999_500_000, b"a"), (999_750_000, b"b")]


def test_the_order_of_what_came_is_kept():
    """Openings and ends stand between the frames where they came, and each connection's frames by themselves."""
    arrivals = [Opened(1), Frame(1, 1.0, b"a"), Heard(1), Frame(1, 1.0, b"b"), Ended(1, None, "dropped")]
    arrivals += [Frame(2, 1.0, b"c"), Frame(1, 1.0, b"d")]
    made = arrival_entries(arrivals, 7, 1.0)
    assert [type(each) for each in made] == [entries.Opened, Frames, entries.Ended, Frames, Frames]
    assert [each.raws for each in made if isinstance(each, Frames)] == [[b"a", b"b"], [b"c"], [b"d"]]
    assert made[2] == entries.Ended(7, 1, None, "dropped")


def test_connections_of_another_feed_have_other_numbers():
    """Whether their frames came alone or amid other arrivals."""
    alone = [Frame(1, 1.0, b"a"), Frame(1, 1.0, b"b")]
    mixed = [Opened(2), Frame(2, 1.0, b"c"), Heard(2), Ended(2, 1000, "")]
    made = arrival_entries(alone, 7, 1.0, 100) + arrival_entries(mixed, 7, 1.0, 100)
    assert [each.link for each in made] == [101, 102, 102, 102]


@given(st.lists(ENTRIES, max_size=20))
def test_entries_that_were_encoded_together_are_read_as_well(made):
    """Recordings hold lists with the shortest head that MessagePack has; ours has one length of head."""
    assert entries.decoded(msgpack.encode(made)) == made
