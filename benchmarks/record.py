"""What was measured last, measure by measure: the data behind the tables of the documents.

A run of some measures replaces theirs and leaves the others, so each stands with the machine and the day that it is of.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_line, name_of, time_of
from benchmarks.measures import NAMES
from benchmarks.rows import Row


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure's rows, and the machine that they are of."""

    machine: dict[str, Any]
    rows: tuple[Row, ...]


Record = Mapping[str, Measured]
"""By the measure's name, in the order of the measures."""


def read_record(path: Path) -> Record:
    """What was written last; nothing when there is no such file.

    Raises:
        ValueError: when the file is something else.
    """
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_bytes())
        return {name: _measured(part) for name, part in document.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: no record of benchmarks: {error}") from error


def record_text(record: Record) -> str:
    """One JSON document, a row a line: what a run has changed is easy to see."""
    parts = []
    for name, measured in record.items():
        rows = ",\n    ".join(_json(row.as_json()) for row in measured.rows)
        parts.append(
            f'  {_json(name)}: {{\n   "machine": {_json(measured.machine)},\n   "rows": [\n    {rows}\n   ]\n  }}'
        )
    return "{\n" + ",\n".join(parts) + "\n}\n"


def with_run(record: Record, rows: Sequence[Row], machine: dict[str, Any]) -> Record:
    """The record after a run: its measures in place of the older ones; one that gave no rows keeps what it had.

    Raises:
        ValueError: for a row of no known measure.
    """
    later = defaultdict(list)
    for row in rows:
        later[row.measure].append(row)
    if unknown := set(later) - set(NAMES):
        raise ValueError(f"no such measure: {', '.join(sorted(unknown))}")
    all_of = {**record, **{name: Measured(machine, tuple(mine)) for name, mine in later.items()}}
    return {name: all_of[name] for name in NAMES if name in all_of}


def rows_of(record: Record) -> list[Row]:
    """All rows, in the order of the measures."""
    return [row for measured in record.values() for row in measured.rows]


def machines_of(record: Record, shown: Sequence[Row]) -> str:
    """The machine of most measures as one line; below it, for each other run with a row that is shown, its measures and what differs."""
    runs: defaultdict[str, list[str]] = defaultdict(list)
    named = {row.measure for row in shown}
    for name, measured in record.items():
        if name in named:
            runs[machine_line(measured.machine)].append(name)
    usual = max(runs, key=lambda line: len(runs[line]), default="")
    others = [names for line, names in runs.items() if line != usual]
    lines = [f"- {_listed(names)}: {_besides(record[names[0]].machine, usual)}" for names in others]
    return "\n".join([usual, *(["", *lines] if lines else [])])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _besides(machine: dict[str, Any], usual: str) -> str:
    is_the_same = usual.startswith(f"{name_of(machine)}, ")
    return time_of(machine) if is_the_same else machine_line(machine)


def _measured(part: Any) -> Measured:
    machine_line(part["machine"])  # which knows what has to be there
    return Measured(dict(part["machine"]), tuple(Row.from_json(row) for row in part["rows"]))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
