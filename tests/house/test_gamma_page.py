"""The page on gamma levels: its words and its figures are those of the code."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

from marketswarm.maths.open_interest import LEAST_CONTRACTS
from marketswarm.vigil.levels.gamma import GAMMA_ABSENCES
from marketswarm.vigil.picture import GammaLevels, Positioning, Wall, Weighing

PAGE = (Path(__file__).parents[2] / "docs" / "gamma.md").read_text()


def section(title):
    """What stands under a heading."""
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def first_cells(title):
    """The names in the first column of a section's table, in order."""
    cells = re.findall(r"^\| (`.*?) \|", section(title), re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)]


def test_every_reason_is_explained():
    """Each has a row, in the order in which it is looked at."""
    assert tuple(first_cells("Why there are none")) == GAMMA_ABSENCES


def test_every_level_that_is_explained_is_there():
    """Each name is one of the picture's, and all of positioning's but what goes with one of them are explained."""
    named = set(first_cells("Levels"))
    known = {field.name for part in (GammaLevels, Positioning, Wall) for field in fields(part)}
    assert named <= known
    assert {field.name for field in fields(Positioning)} - named == {"pain_usd"}


def test_the_figures_of_the_page():
    """The worked example, the ratios' minimum, and a weighing that exists."""
    contracts, gamma, spot, millions = re.search(
        r"([\d,]+) contracts of 100 units with a gamma of ([\d.]+) at a spot of (\d+) are (\d+) million", PAGE
    ).groups()
    exposure = int(contracts.replace(",", "")) * 100 * float(gamma) * int(spot) ** 2 / 100
    assert round(exposure / 1e6) == int(millions)
    assert f"at least {LEAST_CONTRACTS} contracts" in PAGE
    assert set(re.findall(r"`(open-interest[^`]+)`", section("A model, not a fact"))) <= set(
        get_args(Weighing)
    )
