"""One frame of `watch`."""

import io

import pytest
from rich.console import Console

from marketswarm.chain.stored import Change
from marketswarm.cli.watch_view import clamp_offset, watch_frame, watch_header
from marketswarm.cli.watched_chain import WatchedChain
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.applied import apply_changes
from tests.support.builders import SPX, ladder, ticker


@pytest.fixture
def watched(environment, redis, live_chain) -> WatchedChain:
    """A chain of 41 strikes around spot."""
    live_chain(ladder(6700, 6900))
    return WatchedChain(Swarm(Settings.load()), "SPX")


def drawn(frame, height: int = 60) -> list[str]:
    """Its lines, without colours."""
    out = Console(file=io.StringIO(), width=120, height=height, color_system=None)
    out.print(frame)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def test_a_frame_fills_its_window(watched) -> None:
    """As many rungs as the window holds, the strike nearest to spot in the middle, the keys in the last line."""
    lines = drawn(watch_frame(watched, 120, 20))
    assert len(lines) == 20
    assert "6,801.50" in lines[0]
    assert "seq 1" in lines[0]
    assert any("▸ 6800 ◂" in line for line in lines[8:13])
    assert lines[-1].startswith("q quit")


def test_the_centre_can_be_moved_but_not_out(watched) -> None:
    """An offset moves the view; at the ends of the ladder it stays full."""
    assert "6850" in "".join(drawn(watch_frame(watched, 120, 20, offset=10)))
    ends = drawn(watch_frame(watched, 120, 20, offset=500))
    assert "6900" in ends[-2]
    assert clamp_offset(watched, 500) == 20
    assert clamp_offset(watched, -500) == -20


def test_without_a_height_all_strikes_are_there(watched) -> None:
    """A plain frame shows every strike and no keys."""
    text = "\n".join(drawn(watch_frame(watched, 120, None)))
    assert "6700" in text
    assert "6900" in text
    assert "quit" not in text


def test_trouble_is_told_and_nothing_is_called_live(watched) -> None:
    """Why nothing moves stands below the header, on one line, and the state is not live."""
    lines = drawn(watch_frame(watched, 120, 20, trouble="Redis is away " * 20))
    assert " live " not in lines[0]
    assert lines[1].startswith("Redis is away")
    assert len(lines) == 20


def test_without_a_stream_there_is_no_rate(watched) -> None:
    """A chain that no stream attends to says so."""
    watched.updates_per_s = None
    assert "no stream" in watch_header(watched).plain


def test_what_rose_and_fell_differ(watched, store) -> None:
    """A value that rose flashes otherwise than one that fell."""
    rises = Change(ticker(), "quote", 5000, None, '"bid":9,"ask":9.5,"ts":5000')
    falls = Change(ticker(type="put"), "quote", 5000, None, '"bid":0.5,"ask":1,"ts":5000')
    apply_changes(store, SPX, store.meta(SPX).epoch, 1, [rises, falls])
    watched.turn(0.1)
    out = Console(file=io.StringIO(), width=120, color_system="truecolor", force_terminal=True)
    styles = {
        segment.text.strip(): segment.style.bgcolor.name
        for segment in out.render(watch_frame(watched, 120, None))
        if segment.style and segment.style.bgcolor
    }
    assert styles["9.00"] == "#1b5e20"
    assert styles["0.50"] == "#8e2424"
