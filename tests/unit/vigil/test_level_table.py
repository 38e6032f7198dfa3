"""The table of levels."""

from dataclasses import fields

import pytest

from marketswarm.vigil.level_table import LEVELS, part_of
from marketswarm.vigil.picture import Picture
from tests.support.vigil_pictures import picture

PARTS = {field.name for field in fields(Picture)} & {"gamma", "live_gamma", "positioning", "move", "smile"}


def test_a_level_is_there_once():
    """No name twice, and every part of a picture is told."""
    assert len({level.name for level in LEVELS}) == len(LEVELS)
    assert {level.part for level in LEVELS} == PARTS


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_a_level_reads_its_part(level):
    """Or has none to read; what may be missing has a reason in one word."""
    part = part_of(picture(), level.part)

    if part is not None and level.read(part) is None:
        assert level.without
    assert " " not in level.without
    assert level.unit
    assert level.method
