"""`marketswarm watch`: what the feed says is on the screen; a frame without a terminal."""

import os
import sys

from marketswarm.chain.stored import Change
from tests.support.applied import apply_changes
from tests.support.builders import SPX, ladder, ticker
from tools.terminal_screen import screen_text, terminal_program

COMMAND = (sys.executable, "-m", "marketswarm", "watch", "SPX")


def quote(bid: float, ts: int) -> Change:
    """A quote of the call at the money."""
    return Change(ticker(), "quote", ts, None, f'"bid":{bid},"ask":88.5,"ts":{ts}')


def test_one_frame_without_a_terminal(cli, live_chain) -> None:
    """Without a terminal one plain frame of the whole ladder is printed."""
    live_chain(ladder())
    done = cli("watch", "SPX")
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "812 updates/s" in done.out
    assert all(str(strike) in done.out for strike in range(6780, 6821, 5))


def test_no_chain_is_five(cli) -> None:
    """Nothing stored: exit code 5."""
    assert cli("watch", "SPX").code == 5


def test_changes_appear_and_q_quits(environment, redis, live_chain, store) -> None:
    """A change in the feed appears, flashing, in the running window; q ends it with exit code 0."""
    live_chain(ladder())
    with terminal_program(COMMAND, os.environ) as program:
        assert program.watch(15, lambda text: "q quit" in text)
        apply_changes(store, SPX, store.meta(SPX).epoch, 1, [quote(87.25, 5000)])
        assert program.watch(5, lambda text: "87.25" in text)
        row = next(line for line in screen_text(program.screen) if "87.25" in line.plain)
        at = row.plain.index("87.25")
        styles = [span.style for span in row.spans if span.start <= at < span.end]
        assert any(style.bgcolor is not None and style.bgcolor.name == "#1b5e20" for style in styles)
        program.press("q")
        assert program.exit_code() == 0
