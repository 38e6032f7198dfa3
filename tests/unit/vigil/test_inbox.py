"""What waits for an evaluation, as the store gives it."""

from datetime import date, timedelta

import pytest

from marketswarm.vigil.inbox import Counts, WaitingTick, inbox_from, snapshot_from
from tests.support.builders import DAY, SPX

SLOT = 1_795_446_000_000


def inbox(*ticks, state=None, **counts):
    """An inbox of texts; counts by field, `_` for what a keyword cannot hold."""
    return inbox_from(
        state, [text.encode() for text in ticks], {name.encode(): text for name, text in counts.items()}
    )


def test_ticks_are_read_in_the_order_of_time():
    """Slot, spot, the heartbeat's count, and whether the spot is delayed."""
    found = inbox(f"{SLOT + 10_000} 6801.5 8 delayed", f"{SLOT} 6800 7")

    assert found.ticks == (
        WaitingTick(SLOT, 6800.0, 7),
        WaitingTick(SLOT + 10_000, 6801.5, 8, is_delayed=True),
    )


def test_of_two_ticks_of_one_slot_the_first_counts():
    """Whoever put the second one there."""
    assert [tick.spot for tick in inbox(f"{SLOT} 6800 7", f"{SLOT} 9999 7").ticks] == [6800.0]


@pytest.mark.parametrize(
    "text", ["", "now 6800 1", f"{SLOT}", f"{SLOT} nan 1", f"{SLOT} 0 1", f"{SLOT} inf 1", "0 6800 1"]
)
def test_what_is_no_tick_is_left_out(text):
    """The others are read."""
    assert inbox(text, f"{SLOT} 6800 7").ticks == (WaitingTick(SLOT, 6800.0, 7),)


def test_bytes_of_anybody_are_no_obstacle():
    """Neither as ticks nor as counts."""
    found = inbox_from(None, [b"\xff\xfe"], {b"2026-11-23": b"x y z", b"other": b""})

    assert found.ticks == ()
    assert found.changes == {"2026-11-23": Counts(), "other": Counts()}


def test_news_are_what_came_since_the_last_evaluation():
    """The cursor is the newest, the rest are differences."""
    found = inbox(**{"2026-11-23": b"7 45 9 100 3 2 1 5000", "2026-11-23/judged": b"7 42 6 90 3 0 0 4000"})

    assert found.news_of(DAY) == Counts(7, 45, 3, 10, 0, 2, 1, 5000)


def test_a_chain_that_was_never_judged_is_all_news():
    """And a chain without entries has none."""
    found = inbox(**{"2026-11-23": b"7 45 9 100 3 2 1 5000"})

    assert found.news_of(DAY).entries == 9
    assert found.news_of(DAY + timedelta(days=1)) == Counts()


def test_counts_that_went_back_are_all_news():
    """The counts were lost and began anew: they are no differences to what was before."""
    assert Counts(entries=2, contracts=5).since(Counts(entries=9, contracts=100)) == Counts(
        entries=2, contracts=5
    )


def test_how_far_news_are_judged_is_written_as_it_was_read():
    """Counts of the chain in force, and the heartbeat's count at the last tick; the next inbox has them."""
    last = WaitingTick(SLOT, 6800.0, 7)
    marks = inbox(**{"2026-11-23": b"7 45 9 100 3 2 1 5000", "2026-11-24": b"1 1 1 1 1 1 1 1"}).marks(
        DAY, last
    )

    assert marks == {"spot/judged": "7", "2026-11-23/judged": "7 45 9 100 3 2 1 5000"}
    again = inbox(**{name: text.encode() for name, text in marks.items()})
    assert (again.tick_seq, again.judged["2026-11-23"].entries) == (7, 9)


def test_without_a_chain_only_the_tick_is_marked():
    """There is nothing else to know."""
    assert inbox(**{"2026-11-23": b"7 45 9"}).marks(None, WaitingTick(SLOT, 6800.0, 7)) == {
        "spot/judged": "7"
    }


def test_chains_before_the_one_in_force_are_over():
    """Their counts are taken out; later ones stay, and nothing goes while no chain is in force."""
    found = inbox(**{"2026-11-20/judged": b"1", "2026-11-23": b"1", "2026-11-24": b"1"})

    assert found.gone(date(2026, 11, 24)) == [
        "2026-11-20",
        "2026-11-20/judged",
        "2026-11-23",
        "2026-11-23/judged",
    ]
    assert found.gone(None) == []


def test_a_snapshot_has_its_cursor():
    """Contracts by ticker, in an order that does not depend on the server's."""
    found = snapshot_from(
        SPX,
        {b"epoch": b"7", b"seq": b"41", b"state": b"live", b"loaded_ms": b"5"},
        {b"O:B": b"{}", b"O:A": b"{}"},
    )

    assert (found.epoch, found.seq, found.state, found.loaded_ms) == (7, 41, "live", 5)
    assert list(found.contracts) == ["O:A", "O:B"]


@pytest.mark.parametrize(("meta", "contracts"), [({}, {b"O:A": b"{}"}), ({b"epoch": b"7"}, {})])
def test_a_chain_that_is_not_stored_is_none(meta, contracts):
    """A part of one is no chain."""
    assert snapshot_from(SPX, meta, contracts) is None


@pytest.mark.parametrize(
    ("meta", "behind_ms"),
    [
        ({}, 0),
        ({b"quotes": b"streamed", b"polled_ms": b"1000"}, 0),
        ({b"quotes": b"polled", b"polled_ms": b"1000"}, 59_000),
        ({b"quotes": b"polled", b"polled_ms": b"90000"}, 0),
        ({b"delayed": b"0"}, 0),
        ({b"delayed": b"1", b"quotes": b"polled", b"polled_ms": b"1000"}, 959_000),
    ],
)
def test_how_far_quotes_are_behind_by_their_way(meta, behind_ms):
    """Since the last poll where they are polled, and fifteen minutes where the plan is a delayed one."""
    found = snapshot_from(SPX, {b"epoch": b"1", **meta}, {b"O:SPXW261123C06800000": b"{}"})
    assert found.behind_ms(60_000) == behind_ms
