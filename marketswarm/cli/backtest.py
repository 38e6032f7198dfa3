"""`marketswarm vigil backtest`: what each detector would have told over a recording."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from marketswarm.cli.events_view import EventPrinter, told_event
from marketswarm.cli.replay_events import tell_what_was_played
from marketswarm.cli.terminal import console
from marketswarm.errors import BadArgument, RecordingError
from marketswarm.logs import only_errors
from marketswarm.maths.calendar import NEW_YORK
from marketswarm.recorder.recording import Recording

if TYPE_CHECKING:
    from marketswarm.rehearsal.tally import Row
    from marketswarm.replaying import Played

_NUMBERS: Final = ("begun", "updates", "ended", "highest")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--thresholds",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file with a table for each detector; MARKETSWARM_VIGIL_THRESHOLDS unless given.",
)
@click.option("--events", "with_events", is_flag=True, help="Every event, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def backtest(path: Path, thresholds: Path | None, *, with_events: bool, as_json: bool) -> None:
    """Play the recording in PATH and count what each detector tells under these thresholds.

    All of it goes through the real stages in virtual time, as fast as they can; nothing has to run.
    """
    from marketswarm.model.event import Event  # noqa: PLC0415  all that computes: only for this
    from marketswarm.rehearsal.tally import tally  # noqa: PLC0415
    from marketswarm.vigil.registry import DETECTORS  # noqa: PLC0415
    from marketswarm.vigil.thresholds import read_thresholds  # noqa: PLC0415

    if thresholds is not None:
        _ = read_thresholds(thresholds)  # said before anything is played
    try:
        recording = Recording(path)
        told, played = _played(recording, thresholds)
    except RecordingError as error:
        raise BadArgument("PATH", str(path), f"a recording that can be read; {error}") from None
    rows = tally(map(Event.model_validate_json, told), DETECTORS)
    if as_json:
        document = _document(recording, played, rows, thresholds)
        events = {"told": [json.loads(event) for event in told]} if with_events else {}
        click.echo(json.dumps(document | events, ensure_ascii=False))
        return
    if with_events and told:
        EventPrinter(as_json=False).show([told_event(event) for event in told])
        click.echo()
    console().print(_table(rows))
    tell_what_was_played(played, recording)


def _played(recording: Recording, thresholds: Path | None) -> "tuple[list[bytes], Played]":
    """All events, and what came of it; how far it is stands on the last line of a window meanwhile."""
    from marketswarm.replaying import Manner, play  # noqa: PLC0415

    told: list[bytes] = []
    out = console(stderr=True)
    columns = TextColumn("playing"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        reached = _bar(progress, recording) if out.is_terminal else _nobody
        manner = Manner(thresholds=thresholds, told=told.append, reached=reached)
        with only_errors():
            return told, play(recording, manner)


def _bar(progress: Progress, recording: Recording) -> Callable[[int], None]:
    begun_ms, ended_ms = recording.start_us() // 1000, recording.last_us() // 1000
    bar = progress.add_task("", total=max(1, ended_ms - begun_ms))
    return lambda now_ms: progress.update(bar, completed=now_ms - begun_ms)


def _nobody(_now_ms: int) -> None:
    pass


def _document(
    recording: Recording, played: "Played", rows: "Sequence[Row]", thresholds: Path | None
) -> dict[str, Any]:
    told: dict[str, Any] = {"recording": str(recording.folder), "symbols": list(recording.session.symbols)}
    if thresholds is not None:
        told["thresholds"] = str(thresholds)
    return told | {
        "judged": played.judged,
        "events": played.events,
        "events_digest": played.events_digest,
        "detectors": [row.as_json() for row in rows],
        "unplayed": played.unplayed,
        "notes": recording.contents.notes(),
    }


def _table(rows: "Sequence[Row]") -> Table:
    """A row for each detector and type; the detector is named once."""
    are_several = len({symbol for row in rows for symbol in row.symbols}) > 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("detector", "type", *_NUMBERS, "first", "last", *(["begun of"] if are_several else [])):
        table.add_column(name, justify="right" if name in _NUMBERS else "left", no_wrap=name != "begun of")
    before = None
    for row in rows:
        named = "" if row.detector == before else row.detector
        before = row.detector
        if row.type is None:
            table.add_row(named, "nothing", style="dim")
            continue
        figures = [f"{value}" if value else "" for value in (row.begun, row.updates, row.ended)]
        cells = [named, row.type, *figures, f"{row.highest}", _clock(row.first_ms), _clock(row.last_ms)]
        by_symbol = ", ".join(f"{symbol} {count}" for symbol, count in sorted(row.symbols.items()))
        table.add_row(*cells, *([by_symbol] if are_several else []))
    return table


def _clock(ts: int) -> str:
    """Day and time of day in New York."""
    return f"{datetime.fromtimestamp(ts / 1000, UTC).astimezone(NEW_YORK):%m-%d %H:%M:%S}"
