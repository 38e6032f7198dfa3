"""`marketswarm vigil`: judges the detectors, on what was made to happen and on what was recorded."""

import json
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click
from rich.progress import BarColumn, Progress, TimeRemainingColumn
from rich.table import Table

from marketswarm.cli.backtest import backtest
from marketswarm.cli.lazy import LazyGroup
from marketswarm.cli.terminal import console
from marketswarm.cores import usable_cores

if TYPE_CHECKING:
    from marketswarm.cli.vigil_work import Played, Work
    from marketswarm.rehearsal.cases import Case
    from marketswarm.rehearsal.score import Score

_INTERRUPTED: Final = 130
_SPEED_OF_S: Final = 600.0  # a day takes half a minute, and pace is known from several of them


@click.group(cls=LazyGroup)
def vigil() -> None:
    """Judge Vigil's detectors."""


vigil.add_command(backtest)


@vigil.command()
@click.argument("cases", nargs=-1, metavar="[CASE]…")
@click.option(
    "--seeds", default=10, show_default=True, type=click.IntRange(1, 10_000), help="How many of each case."
)
@click.option(
    "--thresholds",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file with a table for each detector; what it leaves out keeps its default.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    help="Processes; one for each core unless told. With 1 there is none beside this one.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def rehearse(
    cases: tuple[str, ...], seeds: int, thresholds: Path | None, jobs: int | None, as_json: bool
) -> None:
    """Play labelled scenarios of the simulator straight into the detectors: how many labels they find, what they claim falsely.

    Without a CASE all are played. Nothing has to run, and no time passes: a day takes about half a minute of one core. Ctrl-C or
    SIGTERM ends it with what was played so far.
    """
    from marketswarm.cli.vigil_work import Work  # noqa: PLC0415  numpy is for those that compute
    from marketswarm.rehearsal.cases import cases_named  # noqa: PLC0415
    from marketswarm.vigil.thresholds import default_thresholds, read_thresholds  # noqa: PLC0415

    chosen = cases_named(cases)
    rules = read_thresholds(thresholds) if thresholds else default_thresholds()
    # A seed of every case before the next seed, so that whoever interrupts has something of each.
    works = [Work(case, seed, rules) for seed in range(1, seeds + 1) for case in chosen]
    done: list[Played] = []
    try:
        with _terminated_as_interrupted():
            for played in _watched(works, min(jobs or usable_cores(), len(works))):
                done.append(played)  # noqa: PERF402  what was played before an interrupt is kept
    except KeyboardInterrupt:
        click.echo(f"interrupted: {len(done)} of {len(works)} rehearsals were played", err=True)
    _show(chosen, done, as_json=as_json)
    if len(done) < len(works):
        sys.exit(_INTERRUPTED)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """A time limit ends it as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _watched(works: "list[Work]", jobs: int) -> "Iterator[Played]":
    """Play them, and show how far that is by the ticks that were played."""
    from marketswarm.cli.vigil_work import play_all  # noqa: PLC0415

    screen = console(stderr=True)
    columns = ("{task.description}", BarColumn(), "{task.fields[played]} of {task.fields[works]}")
    with Progress(
        *columns,
        TimeRemainingColumn(elapsed_when_finished=True),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
        speed_estimate_period=_SPEED_OF_S,
    ) as progress:
        ticks = sum(work.case.ticks for work in works)
        task = progress.add_task("rehearsing", total=ticks, played=0, works=len(works))
        for number, played in enumerate(play_all(works, jobs), 1):
            progress.update(task, advance=played.case.ticks, played=number)
            yield played


def _show(cases: "Iterable[Case]", done: "list[Played]", *, as_json: bool) -> None:
    from marketswarm.rehearsal.score import score  # noqa: PLC0415

    ordered = sorted(done, key=lambda one: one.seed)
    scores = [(case, score((one.seed, one.verdict) for one in ordered if one.case == case)) for case in cases]
    if as_json:
        click.echo(json.dumps([_document(case, found) for case, found in scores], ensure_ascii=False))
    else:
        console().print(_table(scores))


def _document(case: "Case", found: "Score") -> dict[str, Any]:
    return {
        "case": case.name,
        "scenario": case.scenario,
        "seeds": found.seeds,
        "labels": {
            name: {
                "promised": kind.promised,
                "recall": kind.recall,
                "delay_s": kind.delay_s,
                "missed": kind.missed,
            }
            for name, kind in found.kinds.items()
        },
        "claims": dict(found.claims),
        "most_claims": found.most_claims,
        "events": found.events,
        "is_quiet": case.is_quiet,
    }


def _table(scores: "Iterable[tuple[Case, Score]]") -> Table:
    table = Table("case", "seeds", "label", "found", "recall", "after", "claims", "events a seed", box=None)
    for case, found in scores:
        claims = ", ".join(f"{name} {count}" for name, count in found.claims.items()) or "none"
        first = [case.name, f"{found.seeds}"]
        last = [
            f"{claims} (most in a seed: {found.most_claims})" if case.is_quiet else claims,
            f"{found.events:.1f}",
        ]
        for name, kind in found.kinds.items():
            share, after = f"{kind.recall:.3f}", "–" if kind.delay_s is None else f"{kind.delay_s:.0f} s"
            table.add_row(*first, name, f"{len(kind.delays_s)} of {kind.promised}", share, after, *last)
            first, last = ["", ""], ["", ""]
        if not found.kinds:
            table.add_row(*first, "nothing", "", "", "", *last)
    return table
