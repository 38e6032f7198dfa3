"""`marketswarm events`: what Vigil saw and Vexy said, the last of it and what follows."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import rich_click as click

from marketswarm import keys
from marketswarm.cli.events_view import USUAL_DETAIL, EventPrinter
from marketswarm.cli.swarm_reading import open_swarm
from marketswarm.cli.symbol_completion import complete_symbol
from marketswarm.errors import StoreUnavailable
from marketswarm.model.event import EVENT_TYPES
from marketswarm.model.message import DETAILS, Detail
from marketswarm.outlets.events import FIELDS, Places, ToldStreams, Wanted, wants
from marketswarm.wiring import Swarm

_LAST: Final = 20
_TURN_S: Final = 1.0
_AWAY_S: Final = 0.5


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on with what is told from now on, until Ctrl-C.")
@click.option(
    "--symbol",
    "symbols",
    multiple=True,
    metavar="SYMBOL",
    shell_complete=complete_symbol,
    help="Of this symbol only; may be given several times.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    type=click.Choice(EVENT_TYPES),
    help="Of this type only, such as spot_jump; may be given several times.",
)
@click.option(
    "--last", type=click.IntRange(min=0), default=_LAST, metavar="N", show_default=True, help="The last N."
)
@click.option("--events-only", is_flag=True, help="Vigil's events, no messages.")
@click.option("--messages-only", is_flag=True, help="Vexy's messages, no events.")
@click.option(
    "--detail",
    type=click.Choice(DETAILS),
    default=USUAL_DETAIL,
    metavar="LEVEL",
    show_default=True,
    help="For whom messages are said: beginner, initiated or professional.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line, each as it is stored.")
def events(
    *,
    follow: bool,
    symbols: Sequence[str],
    types: Sequence[str],
    last: int,
    events_only: bool,
    messages_only: bool,
    detail: Detail,
    as_json: bool,
) -> None:
    """Show Vigil's events and Vexy's messages, oldest first: when, of which symbol, how important, what, and why.

    Times are New York's. With --follow a server that goes away is waited for. Who names a type wants events.
    """
    swarm, names = open_swarm(), [symbol.strip().upper() for symbol in symbols]
    for name in names:
        swarm.settings.underlying(name)
    wanted, printer = wants(names, types), EventPrinter(as_json, detail)
    if events_only and messages_only:
        raise click.UsageError("--events-only and --messages-only leave nothing to show: give one of them.")
    only = keys.VIGIL_EVENTS if events_only else keys.VEXY_MESSAGES if messages_only else None
    told = _told(only, types)
    try:
        streams = ToldStreams(swarm.redis, swarm.address, told)
        places = streams.places()
        printer.show(streams.last(last, wanted, places))
        if follow:
            _follow(swarm, streams, places, wanted, printer)
        elif not printer.shown:
            click.echo("nothing is told yet, or nothing of what was asked for", err=True)
    except KeyboardInterrupt:
        return


def _told(only: str | None, types: Sequence[str]) -> Sequence[str]:
    """The streams that are shown."""
    if types and only == keys.VEXY_MESSAGES:
        raise click.UsageError("--messages-only and --type exclude each other: a type is one of an event")
    if only is not None:
        return (only,)
    return (keys.VIGIL_EVENTS,) if types else tuple(FIELDS)


def _follow(
    swarm: Swarm, streams: ToldStreams, places: Places, wanted: Wanted, printer: EventPrinter
) -> None:
    """Until Ctrl-C; across restarts of the server, also to another address."""
    away = False
    while True:
        try:
            places, told = streams.follow(places, _TURN_S)
            printer.show([one for one in told if wanted(one.document)])
            places = places if told else streams.resume(places)
            away = False
        except StoreUnavailable as error:
            if not away:
                click.echo(f"marketswarm: {error}; waiting for it", err=True)
            away = True
            swarm.clock.sleep(_AWAY_S)
            with suppress(StoreUnavailable):
                streams = _elsewhere(open_swarm(), places)


def _elsewhere(swarm: Swarm, places: Places) -> ToldStreams:
    """The same streams on the server that the settings name now."""
    return ToldStreams(swarm.redis, swarm.address, places)
