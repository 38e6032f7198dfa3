"""The command behind `make bench`: runs the measures and prints one table, or one JSON document."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.machine import machine, machine_line
from benchmarks.measures import NAMES
from benchmarks.rows import Row
from benchmarks.settings import BenchSettings, say
from benchmarks.table import BEGIN, END, markdown, terminal_table, with_results

_ROOT = Path(__file__).resolve().parents[1]
_ALL, _DEMANDED = "docs/benchmarks.md", "README.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 when a measurement itself failed; whether a bound is met changes nothing."""
    options = _options(arguments)
    facts = machine()
    with tempfile.TemporaryDirectory(prefix="marketswarm-bench-", ignore_cleanup_errors=True) as folder:
        _settle_in(Path(folder))
        settings = BenchSettings(Path(folder), options.seconds, options.quick)
        rows, failed = _measured(options.only or NAMES, settings)
    if options.json:
        document = {
            "machine": facts,
            "quick": options.quick,
            "rows": [row.as_json() for row in rows],
            "failed": failed,
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        _show(rows, facts, quick=options.quick)
    for name, error in failed.items():
        say(f"{name} failed: {error}")
    if options.write and not failed:
        _write(rows, machine_line(facts))
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=NAMES, help=f"some of {', '.join(NAMES)}"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--seconds", type=float, metavar="N", help="length of each measurement in time")
    parser.add_argument("--quick", action="store_true", help="only a look whether everything runs")
    parser.add_argument(
        "--write", action="store_true", help=f"put the table into {_ALL}, its demanded rows into {_DEMANDED}"
    )
    options = parser.parse_args(arguments)
    if options.seconds is not None and not 1 <= options.seconds <= 86_400:
        parser.error("--seconds: 1 to 86400")
    if options.write and (options.quick or options.only):
        parser.error("--write takes a whole run: neither --quick nor --only")
    return options


def _settle_in(folder: Path) -> None:
    """Everything that is started finds this package, and none finds a `.env` of whoever measures."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.chdir(folder)


def _measured(names: Sequence[str], settings: BenchSettings) -> tuple[list[Row], dict[str, str]]:
    rows: list[Row] = []
    failed: dict[str, str] = {}
    for name in names:
        say(name)
        try:
            rows += import_module(f"benchmarks.measures.{name}").measure(settings)
        except Exception as error:  # noqa: BLE001 - the others are still worth measuring
            failed[name] = f"{type(error).__name__}: {error}"
    return rows, failed


def _show(rows: Sequence[Row], facts: dict[str, Any], *, quick: bool) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 200
    title = "Benchmarks, a quick look: the figures are worth little" if quick else "Benchmarks"
    console.print(terminal_table(rows, title))
    console.print(machine_line(facts), highlight=False)


def _write(rows: Sequence[Row], line: str) -> None:
    for name, chosen in ((_ALL, rows), (_DEMANDED, [row for row in rows if row.must is not None])):
        path = _ROOT / name
        written = (
            with_results(path.read_text(encoding="utf-8"), markdown(chosen, line)) if path.is_file() else None
        )
        if written is None:
            say(f"{name} has no markers {BEGIN} … {END}")
        else:
            path.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
