"""What the command line of the benchmarks takes."""

import pytest

from benchmarks import __main__ as command
from benchmarks.measures import NAMES
from benchmarks.rows import Row
from benchmarks.settings import BenchSettings, Interrupted


def a_row():
    """Any."""
    return Row(measure="some", what="thing", figure=1.0, unit="s")


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
        ["--write", "--only", "stream"],
        ["--write", "--only", "growth", "--quick"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments, capsys):
    """With exit code 2 and a word why."""
    with pytest.raises(SystemExit) as exit_:
        command._options(arguments)
    assert exit_.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_the_plots_alone_may_be_written():
    """A whole run or `growth`."""
    assert command._options(["--write", "--only", "growth"]).only == ["growth"]
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


@pytest.mark.parametrize(("error", "rows"), [(Interrupted([a_row()]), 2), (KeyboardInterrupt(), 1)])
def test_a_stop_keeps_what_was_found(measures, tmp_path, error, rows):
    """Also what the stopped measure had found by then; what would have come after it is not begun."""
    measures |= {"one": lambda _: [a_row()], "two": raising(error), "three": raising(AssertionError("begun"))}
    found = command._measured(["one", "two", "three"], BenchSettings(tmp_path))
    assert found.stopped
    assert len(found.rows) == rows
    assert not found.failed
