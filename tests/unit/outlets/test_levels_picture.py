"""Levels as a picture."""

import sys

import pytest

from marketswarm.errors import PictureError
from marketswarm.outlets.levels import Levels
from marketswarm.outlets.levels_picture import draw_levels
from tests.support.vigil_documents import absent, all_levels

PNG = b"\x89PNG\r\n\x1a\n"


def levels(**more) -> Levels:
    """All of them, some others."""
    return Levels("SPX", all_levels(**more))


def test_the_same_levels_give_the_same_bytes(tmp_path):
    """A PNG that carries no time of its own, and nothing beside it."""
    for name in ("one.png", "two.png"):
        draw_levels(levels(), tmp_path / name)
    one, two = (tmp_path / name for name in ("one.png", "two.png"))
    assert one.read_bytes().startswith(PNG)
    assert one.read_bytes() == two.read_bytes()
    assert b"tIME" not in one.read_bytes()
    assert b"tEXt" not in one.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "two.png"]


def test_what_is_absent_is_not_drawn(tmp_path):
    """Another picture without flip, walls and profile, and no error."""
    gone = {name: absent("none") for name in ("flip", "call_wall", "put_wall", "gamma_profile")}
    draw_levels(levels(), tmp_path / "all.png")
    draw_levels(levels(**gone), tmp_path / "less.png")
    assert (tmp_path / "all.png").read_bytes() != (tmp_path / "less.png").read_bytes()


def test_without_gamma_there_is_nothing_to_draw(tmp_path):
    """The reason is said, and no file is left."""
    with pytest.raises(PictureError, match="no gamma to draw: no-open-interest"):
        draw_levels(levels(gamma_by_strike=absent("no-open-interest")), tmp_path / "out.png")
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_it_says_what_to_install(tmp_path, monkeypatch):
    """One clear line."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PictureError, match=r"pip install 'marketswarm\[plots\]'"):
        draw_levels(levels(), tmp_path / "out.png")


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    """And nothing is left behind."""
    with pytest.raises(PictureError, match="cannot be written"):
        draw_levels(levels(), tmp_path / "none" / "out.png")
    assert not (tmp_path / "none").exists()
