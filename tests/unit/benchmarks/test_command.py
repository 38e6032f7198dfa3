"""What the command line of the benchmarks takes."""

import re
import signal
import threading
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.measures import NAMES
from benchmarks.record import read_record, rows_of, with_run
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, Interrupted
from benchmarks.table import BEGIN, END

MACHINE = {"cpu": "some", "cores": 2, "system": "Linux", "python": "3.11.7", "server": "Valkey 9.1.2", "load": 0.5,
           "date": "2026-11-27", "commit": "1a2b3c4", "seconds": None}  # fmt: skip


def a_row(measure="some", figure=1.0, must=None):
    """Any."""
    return Row(measure=measure, what="thing", figure=figure, unit="s", must=must)


@pytest.fixture
def measures(monkeypatch):
    """Measures by name, in place of the real ones."""
    known = {}

    class Measure:
        def __init__(self, name):
            self.measure = known[name.rpartition(".")[2]]

    monkeypatch.setattr(command, "import_module", Measure)
    return known


def raising(error):
    """A measure that does."""

    def measure(_settings):
        raise error

    return measure


@pytest.mark.parametrize(
    "arguments",
    [
        ["--only", "nothing"],
        ["--seconds", "0"],
        ["--write", "--quick"],
        ["--write", "--only", "growth", "--quick"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments, capsys):
    """With exit code 2 and a word why."""
    with pytest.raises(SystemExit) as exit_:
        command._options(arguments)
    assert exit_.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_some_measures_alone_may_be_written():
    """As well as a whole run."""
    assert command._options(["--write", "--only", "growth", "load"]).only == ["growth", "load"]
    assert command._options(["--write"]).only is None


def test_a_quick_look_leaves_out_what_installs_something():
    """Unless it is asked for by name."""
    assert set(NAMES) - set(command._names(command._options(["--quick"]))) == {"peers"}
    assert tuple(command._names(command._options([]))) == NAMES
    assert command._names(command._options(["--quick", "--only", "peers"])) == ["peers"]


def test_a_measure_that_fails_leaves_the_others_alone(measures, tmp_path):
    """It is named with its reason."""
    measures |= {"one": raising(OSError("no disk")), "two": lambda _: [a_row()]}
    found = command._measured(["one", "two"], BenchSettings(tmp_path))
    assert found.failed == {"one": "OSError: no disk"}
    assert len(found.rows) == 1
    assert not found.stopped


def test_a_measure_that_fails_once_is_tried_again(measures, tmp_path):
    """Unless the look is a quick one."""
    tried = []

    def fails_once(_settings):
        tried.append("tried")
        if len(tried) == 1:
            raise OSError("not now")
        return [a_row()]

    measures["one"] = fails_once
    found = command._measured(["one"], BenchSettings(tmp_path))
    assert (len(found.rows), found.failed) == (1, {})
    tried.clear()
    assert command._measured(["one"], BenchSettings(tmp_path, quick=True)).failed.keys() == {"one"}


def test_a_measure_that_hangs_is_ended(measures, tmp_path, monkeypatch):
    """It has failed; nothing is left that would end what comes after it."""
    monkeypatch.setattr(command, "_LONGEST_S", 0.05)
    measures |= {"one": lambda _: threading.Event().wait(30), "two": lambda _: [a_row()]}
    found = command._measured(["one", "two"], BenchSettings(tmp_path, quick=True))
    assert "TimeoutError" in found.failed["one"]
    assert len(found.rows) == 1
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_run_writes_record_and_tables(tmp_path, monkeypatch):
    """All rows into the page of the benchmarks, what is demanded into the README; a part of a run changes its measures alone."""
    monkeypatch.setattr(command, "_ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    pages = [tmp_path / "docs" / "benchmarks.md", tmp_path / "README.md"]
    for page in pages:
        page.write_text(f"{BEGIN}\nold\n{END}\n")
    settings = BenchSettings(tmp_path)
    first = with_run({}, [a_row("load"), a_row("stream", must=Bound(2))], MACHINE)
    command._write(first, settings)
    assert [page.read_text().count("\n| ") for page in pages] == [3, 2]
    command._write(with_run(first, [a_row("stream", 1.5, Bound(2))], {**MACHINE, "load": 0.1}), settings)
    assert [page.read_text().count("\n| ") for page in pages] == [3, 2]
    assert all("1.50 s" in page.read_text() and "load 0.1" in page.read_text() for page in pages)
    assert [row.figure for row in rows_of(read_record(tmp_path / "docs" / "benchmarks.json"))] == [1.0, 1.5]


def test_a_record_that_cannot_be_read_is_told_before_anything_is_measured(tmp_path, monkeypatch, capsys):
    """Nobody waits half an hour for figures that then find no place."""
    monkeypatch.setattr(command, "_ROOT", tmp_path)
    monkeypatch.setattr(command, "_measured", lambda *_: pytest.fail("measured"))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "benchmarks.json").write_text("<<<<<<< HEAD")
    assert command.main(["--only", "load", "--write"]) == 1
    assert "benchmarks.json: no record of benchmarks" in capsys.readouterr().err


def test_a_measure_that_is_named_twice_is_run_once():
    """Its rows would stand there twice."""
    assert command._names(command._options(["--only", "load", "stream", "load"])) == ["load", "stream"]


def test_every_measure_is_explained():
    """docs/benchmarks.md has a part for each, in the order in which they run, and names no other to choose from."""
    page = (Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text()
    assert tuple(re.findall(r"^### `(\w+)`$", page, re.MULTILINE)) == NAMES
    (choice,) = re.findall(r"^\| `--only NAME …` \| (.+) \|$", page, re.MULTILINE)
    assert tuple(re.findall(r"`(\w+)`", choice)) == NAMES


@pytest.mark.parametrize(("error", "rows"), [(Interrupted([a_row()]), 2), (KeyboardInterrupt(), 1)])
def test_a_stop_keeps_what_was_found(measures, tmp_path, error, rows):
    """Also what the stopped measure had found by then; what would have come after it is not begun."""
    measures |= {"one": lambda _: [a_row()], "two": raising(error), "three": raising(AssertionError("begun"))}
    found = command._measured(["one", "two", "three"], BenchSettings(tmp_path))
    assert found.stopped
    assert len(found.rows) == rows
    assert not found.failed
