"""`marketswarm replay`: serves a recording on the vendor's wire, or checks that it gives the recorded chains."""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import rich_click as click

from marketswarm.cli.replay_events import show_events
from marketswarm.cli.terminal import console
from marketswarm.clock import SystemClock
from marketswarm.errors import BadArgument
from marketswarm.logs import only_errors
from marketswarm.recorder.pace import speed_of
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.replay_server import ReplayConfig, ReplayServer, serve

_SHOWN = 20
_NEW_YORK = ZoneInfo("America/New_York")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--speed",
    metavar="X|max",
    help="Times as fast as it was; 1 unless given, with --events max: as fast as can be.",
)
@click.option("--from", "from_time", metavar="HH:MM[:SS]", help="Begin at that time of day in New York.")
@click.option("--loop", is_flag=True, help="Begin again at the end; the recorded times come again, too.")
@click.option(
    "--port", default=8701, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option("--since", "since_ms", type=click.IntRange(min=1), hidden=True)
@click.option(
    "--check", is_flag=True, help="Play it through the real stages and compare the chains; serves nothing."
)
@click.option(
    "--events", is_flag=True, help="Play it through the real stages and print Vigil's events; serves nothing."
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="The two bases, or the outcome of --check, as one JSON line; with --events one line for each.",
)
def replay(
    *,
    path: Path,
    speed: str | None,
    from_time: str | None,
    loop: bool,
    port: int,
    since_ms: int | None,
    check: bool,
    events: bool,
    as_json: bool,
) -> None:
    """Serve the recording in PATH on the vendor's wire: REST and WebSocket on one port, until Ctrl-C.

    It begins with the first subscription; any key is accepted. With --check nothing is served: frames and answers go through
    the real stages in virtual time, as fast as they can, and the chains at the end are compared with the recorded ones.
    Exit code 0 when they are equal, 1 when not. With --events they are played in the same way, and what Vigil tells is printed,
    byte for byte the same at any --speed.
    """
    if events:
        _refuse_beside_events({"--check": check, "--from": from_time is not None, "--loop": loop})
        show_events(Recording(path), speed_of(speed or "max"), as_json=as_json)
        return
    if check:
        _check(path, as_json=as_json)
    recording = Recording(path)
    from_us = None if from_time is None else _moment_us(recording, from_time)
    config = ReplayConfig(
        port=port, speed=speed_of(speed or "1"), from_us=from_us, since_ms=since_ms, loop=loop
    )
    screen = console(stderr=True)
    server = ReplayServer(
        recording, config, SystemClock(), lambda: screen.print("the recording has ended; silent from here on")
    )
    for note in recording.contents.notes():
        screen.print(note)
    asyncio.run(_run_until_signal(server, as_json=as_json))


def _refuse_beside_events(given: dict[str, bool]) -> None:
    named = [name for name, is_given in given.items() if is_given]
    if named:
        raise click.UsageError(f"{', '.join(named)}: not with --events, which plays the whole recording once")


async def _run_until_signal(server: ReplayServer, *, as_json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(server, lambda rest, ws: _announce(rest, ws, as_json=as_json), stop)


def _announce(rest: str, ws: str, *, as_json: bool) -> None:
    text = json.dumps({"rest": rest, "ws": ws}) if as_json else f"REST       {rest}\nWebSocket  {ws}"
    click.echo(text)


def _moment_us(recording: Recording, text: str) -> int:
    """That time of day, on the recording's first day in New York.

    Raises:
        BadArgument: for what is no time of day, or none of the recording.
    """
    first_us, last_us = recording.start_us(), recording.last_us()
    begun = datetime.fromtimestamp(first_us / 1e6, UTC).astimezone(_NEW_YORK)
    ended = datetime.fromtimestamp(last_us / 1e6, UTC).astimezone(_NEW_YORK)
    allowed = f"a time of day in New York from {begun:%H:%M:%S} to {ended:%H:%M:%S}"
    try:
        wanted = datetime.combine(begun.date(), time.fromisoformat(text), _NEW_YORK)
    except ValueError:
        raise BadArgument("--from", text, allowed) from None
    at_us = round(wanted.timestamp() * 1e6)
    if not first_us - 1_000_000 <= at_us <= last_us:
        raise BadArgument("--from", text, allowed)
    return at_us


def _check(path: Path, *, as_json: bool) -> None:
    from marketswarm.recorder.compare import differences  # noqa: PLC0415
    from marketswarm.replaying import play, recorded_end  # noqa: PLC0415  all stages: only for this

    recording = Recording(path)
    end = recorded_end(path)
    with only_errors():
        played = play(recording)
    found = list(differences(end, played.chains))
    told = {
        "equal": not found,
        "chains": len(end.chains),
        "contracts": sum(len(chain.contracts) for chain in end.chains),
        "frames": played.frames,
        "done": played.deeds,
        "feed_entries": played.entries,
        "feed_digest": played.digest,
        "events": played.events,
        "events_digest": played.events_digest,
        "differences": [difference.words() for difference in found],
        "unplayed": played.unplayed,
        "notes": recording.contents.notes(),
    }
    if as_json:
        click.echo(json.dumps(told))
    else:
        _tell(told)
    sys.exit(1 if found else 0)


def _tell(told: dict[str, object]) -> None:
    click.echo(
        f"{told['frames']:,} frames and {told['done']:,} loads, ticks and audits played; "
        f"{told['feed_entries']:,} entries in the feed, SHA-256 {told['feed_digest']}\n"
        f"{told['events']:,} events, SHA-256 {told['events_digest']}"
    )
    for name in ("notes", "unplayed", "differences"):
        lines = told[name]
        assert isinstance(lines, list)
        for line in lines[:_SHOWN]:
            click.echo(f"{'not played: ' if name == 'unplayed' else ''}{line}")
        if len(lines) > _SHOWN:
            click.echo(f"… and {len(lines) - _SHOWN} more")
    verdict = "equal to" if told["equal"] else "NOT equal to"
    click.echo(f"{told['chains']} chains, {told['contracts']:,} contracts: {verdict} the recorded ones")
