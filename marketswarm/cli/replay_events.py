"""What Vigil tells of a recording, while it is played."""

from typing import TYPE_CHECKING, Final

import rich_click as click

from marketswarm.cli.events_view import EventPrinter, told_event
from marketswarm.logs import only_errors
from marketswarm.recorder.recording import Recording

if TYPE_CHECKING:
    from marketswarm.replaying import Played

_SHOWN: Final = 20


def show_events(recording: Recording, speed: float | None, *, as_json: bool) -> None:
    """Play it and print each event when it is told: as a line, or as the bytes that stand in the stream.

    Args:
        recording: is played once, from its beginning to its end.
        speed: seconds of the recording in one of ours; None: as fast as can be.
        as_json: whether it is for programs.
    """
    from marketswarm.replaying import Manner, play  # noqa: PLC0415  all stages: only for this

    printer = EventPrinter(as_json=False)

    def tell(event: bytes) -> None:
        if as_json:
            click.echo(event)
        else:
            printer.show([told_event(event)])

    try:
        with only_errors():
            played = play(recording, Manner(speed=speed, told=tell))
    except KeyboardInterrupt:
        return
    tell_what_was_played(played, recording)


def tell_what_was_played(played: "Played", recording: Recording) -> None:
    """For people, on standard error: how much was judged, what it came to, and what could not be played."""
    click.echo(
        f"{played.judged:,} ticks judged; {played.events:,} events, SHA-256 {played.events_digest}", err=True
    )
    for note in recording.contents.notes():
        click.echo(note, err=True)
    for line in played.unplayed[:_SHOWN]:
        click.echo(f"not played: {line}", err=True)
    if len(played.unplayed) > _SHOWN:
        click.echo(f"… and {len(played.unplayed) - _SHOWN} more", err=True)
