"""The command behind `make bench`: runs the measures and prints one table, or one JSON document."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console

from benchmarks.machine import machine, machine_line
from benchmarks.measures import NAMES
from benchmarks.record import Record, machines_of, read_record, record_text, rows_of, with_run
from benchmarks.rows import Row
from benchmarks.settings import BenchSettings, Interrupted, say
from benchmarks.table import BEGIN, END, markdown, shortened, terminal_table, with_results

_ROOT = Path(__file__).resolve().parents[1]
_ALL, _DEMANDED, _RECORD = "docs/benchmarks.md", "README.md", "docs/benchmarks.json"
_GROWTH, _PLOTS = "docs/pictures/growth.json", "tools/make_plots.py"
_NOT_QUICK = frozenset({"peers"})  # whose preparation alone takes longer than a quick look may
_STOPPED = 130
_TRIES = 2
_LONGEST_S, _TIMES_ITS_SECONDS = (
    360.0,
    40,
)  # of one measure: at most, and for each second of its measurements beside


@dataclass(slots=True)
class Found:
    """What a run gave: rows, measures that failed with their reasons, and whether somebody stopped it."""

    rows: list[Row] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stopped: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 when a measurement itself failed or the record cannot be read, or 130 when it was stopped; whether a bound is met changes nothing."""
    options = _options(arguments)
    facts = machine(options.seconds)
    try:
        before = read_record(_ROOT / _RECORD) if options.write else {}
    except ValueError as error:
        say(str(error))
        return 1
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory(prefix="marketswarm-bench-", ignore_cleanup_errors=True) as folder:
        _settle_in(Path(folder))
        settings = BenchSettings(Path(folder), options.seconds, options.quick)
        found = _measured(_names(options), settings)
        _tell(found, facts, options)
        if options.write and not found.failed and not found.stopped:
            _write(with_run(before, found.rows, facts), settings)
    if found.stopped:
        return _STOPPED
    return 1 if found.failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", choices=NAMES, help=f"some of {', '.join(NAMES)}"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--seconds", type=float, metavar="N", help="length of each measurement in time")
    parser.add_argument("--quick", action="store_true", help="only a look whether everything runs")
    parser.add_argument(
        "--write",
        action="store_true",
        help=f"put what was measured into {_RECORD}, the tables of {_ALL} and {_DEMANDED}, and the plots",
    )
    options = parser.parse_args(arguments)
    if options.seconds is not None and not 1 <= options.seconds <= 86_400:
        parser.error("--seconds: 1 to 86400")
    if options.write and options.quick:
        parser.error("--write: not with --quick, whose figures are worth little")
    return options


def _names(options: argparse.Namespace) -> Sequence[str]:
    if options.only:
        return list(dict.fromkeys(options.only))
    return [name for name in NAMES if not (options.quick and name in _NOT_QUICK)]


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _settle_in(folder: Path) -> None:
    """Everything that is started finds this package, and none finds a `.env` of whoever measures."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.chdir(folder)


def _measured(names: Sequence[str], settings: BenchSettings) -> Found:
    """Run them; one that fails is tried once more, since a long run on a shared machine should not end for nothing."""
    found = Found()
    for name in names:
        began_s = time.perf_counter()
        for _ in range(settings.times(_TRIES)):
            say(name)
            _run(name, settings, found)
            if found.stopped or name not in found.failed:
                break
            say(f"{name} failed: {found.failed[name]}")
        if found.stopped:
            say(f"stopped while measuring {name}; what was found until then:")
            break
        say(f"{name}: {time.perf_counter() - began_s:.0f} s")
    return found


def _run(name: str, settings: BenchSettings, found: Found) -> None:
    found.failed.pop(name, None)
    try:
        with _bounded(_LONGEST_S + _TIMES_ITS_SECONDS * (settings.seconds or 0.0)):
            found.rows += import_module(f"benchmarks.measures.{name}").measure(settings)
    except Interrupted as interrupted:
        found.rows += interrupted.rows
        found.stopped = True
    except KeyboardInterrupt:
        found.stopped = True
    except Exception as error:  # noqa: BLE001 - the others are still worth measuring
        found.failed[name] = f"{type(error).__name__}: {error}"


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """End what hangs: whatever it waits for, it gets an error in its place."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not over after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _tell(found: Found, facts: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        document = {
            "machine": facts,
            "quick": options.quick,
            "rows": [row.as_json() for row in found.rows],
            "failed": found.failed,
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        _show(found.rows, facts, quick=options.quick)
    for name, error in found.failed.items():
        say(f"{name} failed: {error}")


def _show(rows: Sequence[Row], facts: dict[str, Any], *, quick: bool) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 200
    title = "Benchmarks, a quick look: the figures are worth little" if quick else "Benchmarks"
    console.print(terminal_table(rows, title))
    console.print(machine_line(facts), highlight=False)


def _write(record: Record, settings: BenchSettings) -> None:
    texts = {_ROOT / _RECORD: record_text(record), **texts_with_tables(record, _ROOT)}
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    if settings.growth.is_file():
        shutil.copyfile(settings.growth, _ROOT / _GROWTH)
        subprocess.run([sys.executable, _ROOT / _PLOTS], stdout=sys.stderr, check=True)


def texts_with_tables(record: Record, root: Path) -> dict[Path, str]:
    """The two documents of a checkout with their tables as the record has them; one without markers is left out."""
    everything = rows_of(record)
    demanded = [row for row in everything if row.must is not None and row.short]
    tables = {
        _ALL: markdown(everything, machines_of(record, everything)),
        _DEMANDED: markdown(shortened(everything), machines_of(record, demanded)),
    }
    texts = {}
    for name, table in tables.items():
        path = root / name
        text = with_results(path.read_text(encoding="utf-8"), table) if path.is_file() else None
        if text is None:
            say(f"{name} has no markers {BEGIN} … {END}")
        else:
            texts[path] = text
    return texts


if __name__ == "__main__":
    sys.exit(main())
