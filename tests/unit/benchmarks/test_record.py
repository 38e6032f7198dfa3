"""The record of what was measured: kept measure by measure, and read as it was written."""

import pytest

from benchmarks.record import Measured, machines_of, read_record, record_text, rows_of, with_run
from benchmarks.rows import Bound, Row

MACHINE = {"cpu": "EPYC", "cores": 2, "system": "Linux", "python": "3.11.7", "server": "Valkey 9.1.2", "load": 0.5,
           "date": "2026-11-27", "commit": "1a2b3c4", "seconds": None}  # fmt: skip
LATER = {**MACHINE, "load": 0.1, "date": "2026-11-28", "commit": "5d6e7f8", "seconds": 3600.0}
LINE = (
    "EPYC, 2 cores, Linux, Python 3.11.7, Valkey 9.1.2, load 0.5 before the run, 2026-11-27, commit 1a2b3c4"
)


def a_row(measure, figure=1.0, **more):
    """One of a measure."""
    return Row(measure=measure, what="lag", figure=figure, unit="ms", **more)


def test_a_record_is_read_as_it_was_written(tmp_path):
    """With all that a row has, and the machine."""
    row = a_row(
        "load",
        baseline=2.5,
        beside="bare",
        must=Bound(3),
        goal=Bound(2, at_most=False),
        judged="ratio",
        short=False,
    )
    record = {"load": Measured(MACHINE, (row, a_row("load"))), "stream": Measured(LATER, (a_row("stream"),))}
    (tmp_path / "record.json").write_text(record_text(record))
    assert read_record(tmp_path / "record.json") == record


def test_there_may_be_none_yet(tmp_path):
    """Then it is empty."""
    assert read_record(tmp_path / "record.json") == {}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"load": 7}', '{"load": {"machine": {}, "rows": []}}', '{"load": {"rows": [{}]}}'],
)
def test_something_else_is_no_record(tmp_path, text):
    """The error names the file."""
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"record\.json: no record of benchmarks"):
        read_record(path)


def test_a_run_replaces_its_measures_alone():
    """All rows of theirs, in the order of the measures, whatever the order they were run in."""
    first = with_run({}, [a_row("stream", 1.0), a_row("stream", 2.0), a_row("heartbeat", 3.0)], MACHINE)
    second = with_run(first, [a_row("stream", 4.0), a_row("load", 5.0)], LATER)
    assert [(row.measure, row.figure) for row in rows_of(second)] == [
        ("load", 5.0), ("stream", 4.0), ("heartbeat", 3.0),
    ]  # fmt: skip
    assert [second[name].machine for name in second] == [LATER, LATER, MACHINE]


def test_one_run_is_one_line():
    """The machine, its load and the day."""
    record = with_run({}, [a_row("load"), a_row("stream")], MACHINE)
    assert machines_of(record, rows_of(record)) == LINE


def test_other_runs_say_what_is_theirs():
    """Load and day; of another machine everything."""
    record = with_run({}, [a_row("load"), a_row("busy"), a_row("stream"), a_row("vexy")], MACHINE)
    record = with_run(record, [a_row("stream")], LATER)
    record = with_run(record, [a_row("heartbeat")], {**LATER, "cores": 8})
    stream = "- `stream`: 3600 s each, load 0.1 before the run, 2026-11-28, commit 5d6e7f8"
    heartbeat = f"- `heartbeat`: EPYC, 8 cores, Linux, Python 3.11.7, Valkey 9.1.2, {stream.removeprefix('- `stream`: ')}"
    assert machines_of(record, rows_of(record)).splitlines() == [LINE, "", stream, heartbeat]
    assert machines_of(record, [a_row("load"), a_row("stream")]).splitlines() == [LINE, "", stream]


def test_a_row_of_no_measure_is_refused():
    """Nothing would ever replace it."""
    with pytest.raises(ValueError, match="no such measure: some"):
        with_run({}, [a_row("some")], MACHINE)
