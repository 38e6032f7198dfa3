"""Levels as a header and a table."""

import io

import pytest
from rich.console import Console

from marketswarm.cli.levels_view import distance_text, level_rows, levels_header, levels_table, reason_words
from marketswarm.outlets.levels import Levels
from tests.support.vigil_documents import TS, absent, all_levels, beside, field


def levels(**more) -> Levels:
    """All of them, some others."""
    return Levels("SPX", all_levels(**more))


def rows(**more) -> dict[str, tuple[str, str]]:
    """Name → what is said, and what stands beside it."""
    return {row.name: (row.text, row.beside) for row in level_rows(levels(**more))}


def test_the_header_says_of_what_and_how_sure():
    """Symbol, spot, expiration, age, coverage, whose data, which sign model."""
    header = levels_header(levels(), TS + 2100, {}, "sim").plain
    assert header.split("   ") == [
        *("SPX", "6,801.50", "2026-11-23", "live", "2.1 s ago", "coverage 97%"),
        "sim data, sign model naive",
    ]


def test_what_makes_them_doubtful_is_said():
    """Degraded, delayed, and old ones stand out."""
    header = levels_header(
        levels(net_gamma=field(1.0, degraded="stale-quotes")), TS + 60_000, {"delayed": True}
    )
    assert "degraded: stale quotes" in header.plain
    assert "DELAYED" in header.plain
    styles = {header.plain[span.start : span.end]: str(span.style) for span in header.spans}
    assert styles["60.0 s ago"] == "bold yellow"
    assert styles["degraded: stale quotes"] == "bold red"


def test_the_chain_and_the_evaluation_are_told_of():
    """A chain that is not live says so in its colour, and so does an evaluation that had to catch up."""
    quality = all_levels()["quality"] | {"chain_state": "gap", "note": "catching up: 4 slots skipped, 0 lost"}
    header = levels_header(levels(quality=quality), TS, {})
    styles = {header.plain[span.start : span.end]: str(span.style) for span in header.spans}
    assert styles["gap"] == "bold red"
    assert styles["catching up: 4 slots skipped, 0 lost"] == "bold yellow"


def test_without_a_chain_the_reason_is_said():
    """Nothing of it was judged."""
    bare = Levels("SPX", {"spot": all_levels()["spot"], "quality": absent("no-chain")})
    assert levels_header(bare, TS, {}).plain == "SPX   6,801.50   0.0 s ago   degraded: no chain"


def test_every_level_has_its_row():
    """With its unit, and what helps to judge it."""
    assert rows() == {
        "net gamma": ("-257 M USD", "per 1 % move, of 1.02 bn USD gross"),
        "with volume": ("-573 M USD", "half of today's volume counted as open interest; flip 6,805.00"),
        "regime": ("negative -0.25", "net over gross at spot"),
        "flip": (
            "6,803.25",
            "+1.8 points, +0.06 expected moves; confidence 45%; nearest of 2 flips, also 6,650.00",
        ),
        "call wall": (
            "6,820",
            "+18.5 points, +0.62 expected moves; dominance 23%; 13% of all gamma; touched with 34%",
        ),
        "put wall": ("6,780", "-21.5 points, -0.72 expected moves; dominance 11%; 10% of all gamma"),
        "heaviest strike": ("6,800", "-1.5 points, -0.05 expected moves"),
        "max pain": ("6,795", "-6.5 points, -0.22 expected moves"),
        "clusters": ("1", "6,790–6,810 21% pin"),
        "put/call": ("2.72", "by open interest, volume 1.02"),
        "expected move": ("19.5", "left, points; 29.9 at the open; one sigma 24.4"),
        "volatility": ("15.4%", "implied at the forward; realised 9.1%, 0.70 of the 13.0% priced"),
        "smile": (
            "15.2%",
            "skew -1.21 vol points a sigma; curvature +0.57; fit error 0.25; tails 2.13 and 1.06 of a flat smile's",
        ),
        "vanna": ("+107 M USD", "of delta per vol point"),
        "charm": ("-6.00 M USD", "of delta per minute"),
    }


@pytest.mark.parametrize(
    ("field_name", "row"),
    [
        ("net_gamma", "net gamma"),
        ("live_net_gamma", "with volume"),
        ("regime", "regime"),
        ("flip", "flip"),
        ("call_wall", "call wall"),
        ("heaviest", "heaviest strike"),
        ("max_pain", "max pain"),
        ("clusters", "clusters"),
        ("move_left", "expected move"),
        ("volatility", "volatility"),
        ("smile", "smile"),
        ("vanna", "vanna"),
    ],
)
def test_what_is_absent_says_why(field_name, row):
    """A dash and the reason in words, never a zero."""
    assert rows(**{field_name: absent("no-open-interest")})[row] == ("—", "no open interest")


def test_parts_that_are_absent_are_left_out():
    """A row keeps what is known."""
    gone = absent("none")
    assert rows(put_call_open_interest=gone)["put/call"] == ("1.02", "by volume")
    assert rows(put_call_open_interest=gone, put_call_volume=gone)["put/call"] == ("—", "none")
    assert rows(realised=gone)["volatility"] == ("15.4%", "implied at the forward")
    assert rows(move_open=gone)["expected move"][1] == "left, points; one sigma 24.4"
    assert rows(clusters=field([]))["clusters"] == ("—", "none")


def test_a_distance_without_spot_is_empty():
    """There is nothing to measure from; without the open's move, the one that is left measures."""
    assert distance_text(levels(spot=absent("no-tick")), 6800) == ""
    assert (
        distance_text(levels(move_open=absent("not-fixed-yet")), 6821) == "+19.5 points, +1.00 expected moves"
    )


def test_a_weak_wall_stands_back():
    """Below 15 % of its side it raises no event, and is dimmed."""
    styles = {row.name: row.style for row in level_rows(levels())}
    assert (styles["call wall"], styles["put wall"]) == ("bold", "dim")


@pytest.mark.parametrize(("width", "is_beside"), [(120, True), (80, True), (50, False)])
def test_the_table_fits_the_window(width, is_beside):
    """A narrow one shows names and values alone."""
    out = Console(file=io.StringIO(), width=width, color_system=None)
    out.print(levels_table(levels(), width))
    lines = out.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert any("per 1 % move" in line for line in lines) is is_beside
    assert any(line.startswith("net gamma") for line in lines)


def test_reasons_are_words():
    """Without hyphens; none is empty."""
    assert (reason_words("no-open-interest"), reason_words(None)) == ("no open interest", "")


def test_after_a_late_start_the_expected_move_is_not_that_of_the_open():
    """The row says since when it is fixed."""
    fixed = {**beside(29.9), "since_open": True}
    assert rows(move_open=fixed)["expected move"][1] == "left, points; 29.9 at the open; one sigma 24.4"
    late = {**fixed, "since_open": False}
    assert rows(move_open=late)["expected move"][1] == (
        "left, points; 29.9 at 10:00 ET, not at the open; one sigma 24.4"
    )


def test_a_heaviest_strike_that_is_a_wall_is_told_once():
    """The wall's row says the rest."""
    assert rows(heaviest=field(6820.0))["heaviest strike"] == ("6,820", "the call wall")
