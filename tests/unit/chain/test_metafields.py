"""What stands in a meta, there and back."""

from datetime import date

from marketswarm.chain.metafields import days_text, meta_from, origin_fields, window_fields
from marketswarm.chain.stored import LoadOrigin, Window
from tests.support.builders import SPX

OLD = {
    b"epoch": b"7",
    b"seq": b"40",
    b"state": b"live",
    b"spot": b"6801.5",
    b"centre": b"6800",
    b"low": b"6780",
    b"high": b"6820",
    b"contracts": b"18",
    b"loaded_ms": b"5",
    b"applied_ms": b"6",
    b"source": b"sim",
}


def test_what_is_not_known_of_a_window_is_not_written():
    """A part of a chain leaves N and the time of the last move as they are."""
    assert window_fields(Window(6801.5, 6800, 6780, 6820)) == [
        *("spot", "6801.5", "centre", "6800", "low", "6780", "high", "6820")
    ]
    assert window_fields(Window(1, 1, 1, 1, each_side=4, asked=50, moved_ms=9))[8:] == [
        *("strikes_each_side", 4, "strikes_asked", 50, "moved_ms", 9)
    ]


def test_only_a_whole_load_has_an_origin():
    """A part of one leaves the time of the last whole load."""
    assert origin_fields(None) == []
    assert origin_fields(LoadOrigin(5, "r", 2)) == ["loaded_ms", 5, "request", "r", "request_chains", 2]


def test_a_meta_of_an_older_version_can_be_read():
    """What it does not hold is unknown, or empty."""
    meta = meta_from(SPX, OLD)

    assert (meta.epoch, meta.spot, meta.state) == (7, 6801.5, "live")
    assert (meta.strikes_each_side, meta.moved_ms, meta.later, meta.next_streamed) == (0, 0, (), False)


def test_expirations_are_read_as_they_were_written():
    """None, one or several."""
    days = (date(2026, 11, 24), date(2026, 11, 25))
    meta = meta_from(SPX, OLD | {b"later": days_text(days).encode(), b"next": b"", b"next_streamed": b"1"})

    assert (meta.later, meta.next, meta.next_streamed) == (days, (), True)


def test_nothing_stored_is_no_meta():
    """A meta that was never loaded is none."""
    assert meta_from(SPX, {}) is None


def test_how_quotes_come_is_read():
    """Unknown of a meta that nobody has said it of."""
    polled = {b"quotes": b"polled", b"polled_ms": b"8", b"quoted_ms": b"7", b"delayed": b"1"}
    meta, old = meta_from(SPX, OLD | polled), meta_from(SPX, OLD)

    assert (meta.quotes, meta.polled_ms, meta.quoted_ms, meta.delayed) == ("polled", 8, 7, True)
    assert (old.quotes, old.polled_ms, old.quoted_ms, old.delayed) == ("", 0, 0, False)
