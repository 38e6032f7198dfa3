"""Where the commands write."""

import sys

import pytest

from marketswarm.cli.terminal import console, own_command


def test_rows_stay_on_one_line_without_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal lines may be 200 long, unless COLUMNS says otherwise."""
    monkeypatch.delenv("COLUMNS", raising=False)
    assert console().width == 200
    monkeypatch.setenv("COLUMNS", "90")
    assert console().width == 90


def test_no_color_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR is honoured, on a terminal too."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert console().no_color


def test_people_s_text_may_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """What is not the answer goes to standard error."""
    console(stderr=True).print("a hint")
    told = capsys.readouterr()
    assert (told.out, told.err.strip()) == ("", "a hint")


def test_how_this_program_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name where a shell finds it, else by the path of the script or of the interpreter that runs it."""
    assert own_command(lambda name: f"/usr/bin/{name}") == "marketswarm"
    monkeypatch.setattr(sys, "argv", ["/venv/bin/marketswarm", "up"])
    assert own_command(lambda _: None) == "/venv/bin/marketswarm"
    monkeypatch.setattr(sys, "argv", ["/venv/site/marketswarm/__main__.py", "up"])
    assert own_command(lambda _: None) == f"{sys.executable} -m marketswarm"
