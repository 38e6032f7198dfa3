"""Telling which Celery command a process runs."""

import sys

import pytest

from marketswarm.outlets.flower_page import running_flower
from marketswarm.outlets.flower_page.command_line import command_of


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("-A marketswarm flower", "flower"),
        ("-A marketswarm flower --port=5555", "flower"),
        ("--app=marketswarm --quiet flower", "flower"),
        ("-Amarketswarm -b redis://127.0.0.1/1 flower", "flower"),
        ("-A flower worker", "worker"),
        ("--workdir flower -A marketswarm beat", "beat"),
        ("-A marketswarm call chain.reload flower", "call"),
        ("-A", None),
        ("", None),
    ],
)
def test_command(line: str, command: str | None) -> None:
    """The command is the first word that is neither an option nor the value of one."""
    assert command_of(line.split()) == command


def test_needs_the_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that never loaded Flower's plug-in does not run Flower, whatever its words."""
    monkeypatch.setattr(sys, "argv", ["celery", "flower"])
    monkeypatch.delitem(sys.modules, "flower.command", raising=False)
    assert not running_flower()


def test_other_commands_load_the_plugin_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has loaded Flower's plug-in is still no Flower."""
    monkeypatch.setitem(sys.modules, "flower.command", sys)
    monkeypatch.setattr(sys, "argv", ["celery", "-A", "marketswarm", "worker"])
    assert not running_flower()
    monkeypatch.setattr(sys, "argv", ["celery", "-A", "marketswarm", "flower"])
    assert running_flower()
