"""The page on volatility levels: its words and its figures are those of the code."""

import re
from dataclasses import fields
from pathlib import Path

from marketswarm.maths.expected_move import PIN_REACH
from marketswarm.maths.realised import LONGEST_STEP_MS
from marketswarm.maths.smile import REACH
from marketswarm.vigil.levels.move import MOVE_ABSENCES
from marketswarm.vigil.levels.quality import DEFAULT_GATE, DEGRADATIONS
from marketswarm.vigil.levels.smile import (
    LARGEST_ERROR,
    LARGEST_SHARE,
    LEAST_EACH_SIDE,
    LEAST_POINTS,
    SMILE_ABSENCES,
)
from marketswarm.vigil.picture import MoveLevels, SmileLevels

PAGE = (Path(__file__).parents[2] / "docs" / "volatility.md").read_text()


def first_cells(title):
    """The names in the first column of a section's table, in order."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)]


def test_every_reason_is_explained():
    """Each has a row, in the order in which it is looked at."""
    assert tuple(first_cells("Why there are none")) == MOVE_ABSENCES + SMILE_ABSENCES
    assert tuple(first_cells("What counts")) == DEGRADATIONS


def test_every_figure_of_the_picture_is_explained():
    """All of move and smile, but what goes without saying."""
    known = {field.name for part in (MoveLevels, SmileLevels) for field in fields(part)}
    assert known - set(first_cells("Formulas")) == {"forward", "years", "error", "points", "is_good"}
    assert set(first_cells("Formulas")) <= known


def test_the_figures_of_the_page():
    """Thresholds as the code has them."""
    assert f"quote of the last {DEFAULT_GATE.oldest_s:.0f} seconds" in PAGE
    assert f"older than {DEFAULT_GATE.quiet_s:.0f} seconds" in PAGE
    assert f"less than {DEFAULT_GATE.least_coverage:.0%}".replace("%", " %") in PAGE
    assert f"{DEFAULT_GATE.widest:.2f} or {100 * DEFAULT_GATE.widest_share:.0f} % of its mid" in PAGE
    assert f"fewer than {LEAST_POINTS} quotes within two sigmas, or {LEAST_EACH_SIDE} on a side" in PAGE
    assert f"steps over {LONGEST_STEP_MS // 1_000} seconds" in PAGE
    assert f"within {REACH:.0f} sigmas" in PAGE
    assert f"({PIN_REACH} straddle)" in PAGE
    assert f"one volatility point or {100 * LARGEST_SHARE:.0f} % of the level" in PAGE
    assert LARGEST_ERROR == 0.01
