"""`marketswarm record`: records what a running spine receives, for as long as the command runs."""

import json
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import rich_click as click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from marketswarm.cli.recording_run import LOOK_S, Progress, RecordingRun
from marketswarm.cli.swarm_reading import open_swarm
from marketswarm.cli.terminal import console, own_command
from marketswarm.errors import MarketSwarmError, StoreUnavailable
from marketswarm.servers import check_server
from marketswarm.wiring import Swarm

_FAILED = 1
_RELOAD_S = 30.0
_PATIENCE_S = 3.0


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="End after so many seconds; until Ctrl-C unless given.",
)
@click.option(
    "--no-load",
    is_flag=True,
    help="Do not reload the chains first; a replay then has no answers to begin with.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document at the end.")
def record(*, path: Path, seconds: float | None, no_load: bool, as_json: bool) -> None:
    """Record what the running spine receives into PATH, a new or empty folder, until Ctrl-C.

    The processes that hold the feed and call the REST API record what they receive; no further connection is opened. All
    chains are reloaded at the beginning, so that the recording can be replayed by itself.

    The vendor's terms forbid to pass its market data on: keep recordings of live data to yourself, and publish none. What
    was recorded from the simulator is yours.
    """
    swarm = open_swarm()
    check_server(swarm.redis, swarm.address)
    run = RecordingRun(swarm, path)
    stopping = _stopped_by_signals()
    run.begin()
    if not no_load:
        _reload(swarm, run, stopping)
    run.begin_frames()
    failure = _follow(run, stopping, seconds)
    summary = run.end()
    _tell(summary, as_json=as_json)
    if failure is not None:
        raise failure
    sys.exit(_FAILED if summary["failed"] else 0)


def _follow(run: RecordingRun, stopping: threading.Event, seconds: float | None) -> MarketSwarmError | None:
    """Show how far it is until it is to end; what ended it otherwise."""
    screen = console(stderr=True)
    away_s: float | None = None
    with Live(console=screen, auto_refresh=False, transient=True) as live:
        if not screen.is_terminal:
            screen.print(f"recording into {run.folder}; Ctrl-C ends it")
        while not stopping.wait(LOOK_S) and (seconds is None or run.elapsed_s < seconds):
            try:
                progress = run.look()
            except StoreUnavailable as error:
                away_s = run.elapsed_s if away_s is None else away_s
                if run.elapsed_s - away_s > _PATIENCE_S:
                    return error
                continue
            except MarketSwarmError as error:
                return error
            away_s = None
            _show(live, screen, progress, run.elapsed_s)
    return None


def _show(live: Live, screen: Console, progress: Progress, elapsed_s: float) -> None:
    if screen.is_terminal:
        live.update(Text(_line(_counts(progress), elapsed_s)), refresh=True)


def _counts(progress: Progress) -> dict[str, int]:
    return {name: progress.total(name) for name in ("frames", "exchanges", "bytes", "unrecorded")}


def _line(counts: dict[str, Any], elapsed_s: float) -> str:
    line = f"{elapsed_s:,.0f} s  {counts['frames']:,} frames  {counts['exchanges']:,} REST answers  "
    line += f"{counts['bytes'] / 1e6:,.1f} MB"
    if counts["unrecorded"]:
        line += f"  {counts['unrecorded']:,} NOT RECORDED: the disk is too slow"
    return line


def _tell(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary))
        return
    screen = console(stderr=True)
    screen.print(Text(_line(summary, summary["seconds"])))
    for reason in summary["failed"]:
        screen.print(Text(f"not recorded by one process: {reason}"))
    screen.print(
        Text(f"recorded in {summary['path']}; try: {own_command()} replay {summary['path']} --check")
    )


def _reload(swarm: Swarm, run: RecordingRun, stopping: threading.Event) -> None:
    """Load all chains while answers are recorded, and wait until they are live again; say so where that does not come about."""
    from marketswarm.cli import reloads  # noqa: PLC0415  only what is sent pays for importing Celery

    screen = console(stderr=True)
    try:
        sent = reloads.send_reloads([{"symbol": name} for name in swarm.settings.symbols], _RELOAD_S)
        until_s = swarm.clock.monotonic_s() + _RELOAD_S
        while not stopping.wait(LOOK_S) and swarm.clock.monotonic_s() < until_s:
            run.look()
            sent = [reloads.look_again(reload) for reload in sent]
            if all(reload.is_over for reload in sent) and _are_live(swarm):
                return
        if not stopping.is_set():
            screen.print(
                Text("the chains were not all loaded and live again in time; a replay may lack answers")
            )
    except StoreUnavailable as error:
        screen.print(Text(f"chains not loaded: {error}"))


def _are_live(swarm: Swarm) -> bool:
    held = [chain for name in swarm.settings.symbols for chain in swarm.tenure.held_chains(name)]
    metas = [swarm.chains.meta(chain) for chain in held]
    return all(meta is not None and meta.state in ("live", "closed") for meta in metas)


def _stopped_by_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping
