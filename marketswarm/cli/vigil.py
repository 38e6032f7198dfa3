"""`marketswarm vigil`: judges the detectors, on what was made to happen and on what was recorded."""

import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.progress import track
from rich.table import Table

from marketswarm.cli.backtest import backtest
from marketswarm.cli.terminal import console

if TYPE_CHECKING:
    from marketswarm.rehearsal.cases import Case
    from marketswarm.rehearsal.judge import Verdict
    from marketswarm.rehearsal.score import Score


@click.group()
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
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes; one for each core unless told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def rehearse(
    cases: tuple[str, ...], seeds: int, thresholds: Path | None, jobs: int | None, as_json: bool
) -> None:
    """Play labelled scenarios of the simulator straight into the detectors: how many labels they find, what they claim falsely.

    Without a CASE all are played. Nothing has to run, and no time passes: a day takes a few seconds.
    """
    from marketswarm.rehearsal.cases import cases_named  # noqa: PLC0415  numpy is for those that compute
    from marketswarm.vigil.thresholds import default_thresholds, read_thresholds  # noqa: PLC0415

    chosen = cases_named(cases)
    _ = read_thresholds(thresholds) if thresholds else default_thresholds()  # said before anything is played
    work = [(case, seed, thresholds) for case in chosen for seed in range(1, seeds + 1)]
    done: dict[str, list[tuple[int, Verdict]]] = {case.name: [] for case in chosen}
    for name, seed, verdict in _played(work, jobs or os.cpu_count() or 1):
        done[name].append((seed, verdict))
    _show(chosen, done, as_json=as_json)


def _played(work: "list[tuple[Case, int, Path | None]]", jobs: int) -> "Iterator[tuple[str, int, Verdict]]":
    from marketswarm.cli.vigil_work import play  # noqa: PLC0415

    with ProcessPoolExecutor(jobs) as pool:
        yield from track(
            pool.map(play, work, chunksize=1),
            total=len(work),
            description="rehearsing",
            console=console(stderr=True),
            transient=True,
        )


def _show(cases: "Iterable[Case]", done: "dict[str, list[tuple[int, Verdict]]]", *, as_json: bool) -> None:
    from marketswarm.rehearsal.score import score  # noqa: PLC0415

    scores = [(case, score(done[case.name])) for case in cases]
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
