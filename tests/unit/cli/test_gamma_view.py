"""Gamma by strike as lines of bars."""

import pytest

from marketswarm.cli.gamma_view import chart_lines
from marketswarm.outlets.gamma_chart import gamma_chart
from marketswarm.outlets.levels import Levels
from tests.support.vigil_documents import all_levels


def drawn(width: int, **more):
    """The lines of a chart of all levels."""
    return list(chart_lines(gamma_chart(Levels("SPX", all_levels(**more)), 20), width))


def test_puts_to_the_left_and_calls_to_the_right():
    """Each as long as its exposure, against the longest."""
    lines = [line.plain for line in drawn(120)]
    lowest = next(line for line in lines if " 6780 " in line)
    highest = next(line for line in lines if " 6820 " in line)
    put, _, call = lowest.partition("6780")
    assert put.count("█") > 40 * call.count("█")
    assert call.strip().startswith("▌")
    assert highest.partition("6820")[0].strip() == "▐"
    assert "-80.0 M" in lowest
    assert "◂ call wall" in highest


def test_spot_and_flip_are_lines_across():
    """Between the strikes where they are, lowest first."""
    lines = [line.plain for line in drawn(120)]
    order = [word for line in lines for word in ("6800 ", "6,801.50", "6,803.25", "6805 ") if word in line]
    assert order == ["6800 ", "6,801.50", "6,803.25", "6805 "]
    assert next(line for line in lines if "6,801.50" in line).endswith("─ spot")
    assert next(line for line in lines if "6,803.25" in line).endswith("─ flip")


@pytest.mark.parametrize("width", [200, 120, 80, 60, 40, 30])
def test_no_line_is_longer_than_the_window(width):
    """Marks and amounts are left out before bars get too short to be read."""
    lines = [line.plain for line in drawn(width)]
    assert max(map(len, lines)) <= width
    assert any("█" in line for line in lines)
    assert any("◂" in line for line in lines) is (width >= 40)
    assert len([line for line in lines if "6805 " in line]) == 1


def test_sides_have_their_colours():
    """Calls are green, puts red, spot yellow, the flip magenta."""
    lines = drawn(120)
    bar = next(line for line in lines if " 6800 " in line.plain)
    styles = [(bar.plain[span.start : span.end].strip(), str(span.style)) for span in bar.spans]
    assert {style for text, style in styles if set(text) <= set("█▌▐") and text} == {"red", "green"}
    assert {str(line.style) for line in lines} >= {"bold yellow", "bold magenta"}


def test_a_chain_of_zeros_has_no_bars():
    """And is no error."""
    rows = [[6800.0, 0.0, 0.0, 0.0, 0.0]]
    lines = drawn(80, gamma_by_strike={"value": rows})
    assert not any("█" in line.plain or "▌" in line.plain for line in lines)
