"""The status as people read it."""

import io

import pytest
from rich.console import Console

from marketswarm.cli.status_view import age_text, render_status, status_table
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.builders import ladder

SPX = {
    "state": "live",
    "spot": 6800.12,
    "spot_age_ms": 2100,
    "contracts": 202,
    "lag_ms": {"p50": 31, "p99": 66.4},
}


def drawn(what, width: int = 160) -> list[str]:
    """Its lines, without colours."""
    out = Console(file=io.StringIO(), width=width, color_system=None)
    out.print(what)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def test_one_row_a_symbol() -> None:
    """What is known in its column, what is not an empty cell; below it, source and heartbeat."""
    document = {
        "source": "sim",
        "symbols": {"SPX": SPX, "SPY": {"state": "loading"}},
        "heartbeat": {"published": 1200},
    }
    lines = drawn(status_table(document))
    assert lines[1].split() == ["SPX", "live", "6,800.12", "2.1", "s", "202", "31", "ms", "66", "ms"]
    assert lines[2].split() == ["SPY", "loading"]
    assert lines[3] == "data: sim   heartbeat: 1,200 published, 0 missed"


@pytest.mark.parametrize(
    ("width", "gone"),
    [(100, 0), (99, 1), (87, 2), (81, 3), (80, 3), (74, 4), (62, 5), (51, 6), (40, 7), (29, 8)],
)
def test_a_narrow_window_has_fewer_columns(width: int, gone: int) -> None:
    """Columns go one after the other; symbol, state and spot are never cut."""
    more = {"expiration": "2026-11-23", "updates_per_s": 812, "gaps": 1, "reconnects": 2}
    shown = status_table({"source": "sim", "symbols": {"SPX": SPX | more | {"state": "loading"}}})
    head, row, *_ = drawn(shown, width)
    order = ("reconnects", "gaps", "p99", "expiration", "contracts", "lag p50", "updates/s", "age")
    assert [name for name in order if name not in head] == list(order[:gone])
    assert row.split()[:3] == ["SPX", "loading", "6,800.12"]


def test_why_a_load_failed_is_below_the_table() -> None:
    """One line for each symbol that has such a reason."""
    symbols = {"SPX": {"state": "loading", "detail": "chain of SPX: no"}, "SPY": SPX}
    assert drawn(status_table({"source": "none", "symbols": symbols}))[3] == "SPX: chain of SPX: no"


def test_what_a_state_means_is_below_the_table() -> None:
    """In words, for people who see no colours and for those who do not know the word."""
    symbols = {"SPX": {"state": "gap", "reason": "updates were lost (audit 1)", "detail": "no"}, "SPY": SPX}
    lines = drawn(status_table({"source": "sim", "symbols": symbols}))
    assert lines[3:5] == ["SPX: updates were lost (audit 1)", "SPX: no"]


@pytest.mark.parametrize(
    ("audits", "told"),
    [
        ([{}, {}], ""),
        ([{"rate": 0.0}, {}], "mismatch: none"),
        ([{"rate": 0.0125}, {"rate": 0.0}], "mismatch: SPX 1.25%"),
    ],
)
def test_how_much_is_not_as_the_vendor_has_it(audits: list[dict], told: str) -> None:
    """The rates of the last ten minutes, none, or nothing where nothing was compared."""
    symbols = {name: SPX | {"audit": audit} for name, audit in zip(("SPX", "SPY"), audits, strict=True)}
    assert drawn(status_table({"source": "sim", "symbols": symbols}))[-1].partition("   ")[2] == told


def test_what_could_not_be_used_is_told() -> None:
    """Bad frames stand below with their reasons."""
    assert "late 2" in drawn(status_table({"source": "sim", "symbols": {}, "bad_frames": {"late": 2}}))[-1]


def test_down_is_one_line() -> None:
    """Without anything to read there is the reason."""
    assert drawn(status_table({"error": "Redis is away"})) == ["down: Redis is away"]


def test_the_status_of_a_swarm(environment, redis, live_chain) -> None:
    """A swarm's own status, read now."""
    live_chain(ladder())
    assert "6,801.50" in drawn(render_status(Swarm(Settings.load())))[1]


@pytest.mark.parametrize(
    ("age_ms", "text"),
    [(None, ""), (0, "0.0 s"), (2149, "2.1 s"), (300_000, "5 min"), (3 * 3_600_000, "3 h")],
)
def test_ages(age_ms, text: str) -> None:
    """Seconds with a tenth, then minutes, then hours."""
    assert age_text(age_ms) == text


def test_a_window_that_shrank_is_told_below_the_table() -> None:
    """Once for all symbols that it is said of."""
    short = SPX | {"notice": "±30 strikes of ±50"}
    lines = drawn(status_table({"source": "sim", "symbols": {"SPX": short, "SPY": SPX, "QQQ": short}}))
    assert lines[4] == "SPX, QQQ: ±30 strikes of ±50"


def test_what_is_not_plain_is_said_in_words() -> None:
    """Delayed, polled, without quotes, spot by other means: each once, with its symbols; what is plain is not."""
    plain = SPX | {"quotes": "streamed", "spot_by": "unified"}
    late = SPX | {"delayed": True, "quotes": "none", "spot_by": "parity", "spot_age_ms": 905_000}
    polled = SPX | {"quotes": "polled", "polled_age_ms": 3000}
    symbols = {"SPX": plain, "SPY": late, "QQQ": late, "NDX": polled}
    lines = drawn(status_table({"source": "live", "symbols": symbols}))
    assert "SPY, QQQ: DELAYED, no quotes, spot by put-call parity" in lines
    assert "NDX: quotes polled 3.0 s ago" in lines
    assert not any(line.startswith("SPX:") for line in lines)
