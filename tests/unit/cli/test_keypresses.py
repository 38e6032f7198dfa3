"""Keys by their names."""

import os
import pty
import sys
from pathlib import Path

import pytest

from marketswarm.cli.keypresses import Keypresses, named


def test_keys_have_names() -> None:
    """Arrows and pages come as sequences, characters as they are."""
    assert named("q\x1b[A\x1b[B\x1b[5~c") == ["q", "up", "down", "page up", "c"]


def test_keys_come_without_waiting_for_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was pressed is given at once; when nothing was, nothing is."""
    master, slave = pty.openpty()
    with os.fdopen(slave) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with Keypresses() as keys:
            assert keys.pressed() == []
            os.write(master, b"c\x1b[A")
            assert keys.pressed() == ["c", "up"]
    os.close(master)


def test_without_a_terminal_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where standard input is no terminal nothing is ever pressed."""
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with Keypresses() as keys:
            assert keys.pressed() == []
