"""How far reloads are, and what became of them."""

import io

from rich.console import Console

from marketswarm.cli.refresh_view import RefreshProgress, refresh_table
from marketswarm.cli.reloads import Reload

LOADED = {
    "state": "loaded",
    "expiration": "2026-11-23",
    "contracts": 202,
    "added": 2,
    "removed": 0,
    "took_ms": 352,
}


def console(*, terminal: bool) -> Console:
    """A console that writes to memory."""
    return Console(file=io.StringIO(), force_terminal=terminal, width=160, color_system=None)


def test_a_bar_a_symbol_on_a_terminal() -> None:
    """Each symbol has a bar with the step that it is at."""
    out, reload = console(terminal=True), Reload("SPX", "one", "running", "contracts", 3, 5)
    with RefreshProgress(out, [reload]) as progress:
        progress.show(reload)
    assert "SPX" in out.file.getvalue()
    assert "contracts" in out.file.getvalue()


def test_no_bars_elsewhere() -> None:
    """Without a terminal only what is said is printed."""
    out, reload = console(terminal=False), Reload("SPX", "one")
    with RefreshProgress(out, [reload]) as progress:
        progress.show(reload)
        progress.say("nobody answers")
    assert out.file.getvalue().strip() == "marketswarm: nobody answers"


def test_one_line_a_reload() -> None:
    """Counts of what was loaded, the error of what was not."""
    out = console(terminal=False)
    done = [
        Reload("SPX", "one", "loaded", result=LOADED),
        Reload("SPY", "two", "failed", error="no spot for SPY"),
    ]
    out.print(refresh_table(done))
    lines = [line.split() for line in out.file.getvalue().splitlines()]
    assert lines[1] == ["SPX", "loaded", "2026-11-23", "202", "2", "0", "352", "ms"]
    assert lines[2] == ["SPY", "failed", "no", "spot", "for", "SPY"]


def test_a_load_that_got_fewer_strikes_says_so() -> None:
    """In the last column, where an error would stand."""
    out = console(terminal=False)
    reload = Reload("SPX", "one", "loaded", result=LOADED | {"notice": "±30 strikes of ±50"})
    out.print(refresh_table([reload]))
    assert "±30 strikes of ±50" in out.file.getvalue()
