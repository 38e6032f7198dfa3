"""`marketswarm events`: what Vigil saw, the last of it and what follows."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import rich_click as click

from marketswarm.cli.events_view import EventPrinter
from marketswarm.cli.swarm_reading import open_swarm
from marketswarm.cli.symbol_completion import complete_symbol
from marketswarm.errors import StoreUnavailable
from marketswarm.model.event import EVENT_TYPES
from marketswarm.outlets.events import Places, ToldStreams, Wanted, wants
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
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line, each as it is stored.")
def events(*, follow: bool, symbols: Sequence[str], types: Sequence[str], last: int, as_json: bool) -> None:
    """Show Vigil's events, oldest first: when, of which symbol, how important, what, and the numbers behind it.

    Times are New York's. With --follow a server that goes away is waited for.
    """
    swarm, names = open_swarm(), [symbol.strip().upper() for symbol in symbols]
    _note_unknown(swarm, names)
    wanted, printer = wants(names, types), EventPrinter(as_json)
    try:
        streams = _streams(swarm)
        places = streams.places()
        printer.show(streams.last(last, wanted, places))
        if follow:
            _follow(swarm, places, wanted, printer)
        elif not printer.shown:
            click.echo("nothing is told yet, or nothing of what was asked for", err=True)
    except KeyboardInterrupt:
        return


def _follow(swarm: Swarm, places: Places, wanted: Wanted, printer: EventPrinter) -> None:
    """Until Ctrl-C; across restarts of the server, also to another address."""
    streams, away = _streams(swarm), False
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
                streams = _streams(open_swarm())


def _streams(swarm: Swarm) -> ToldStreams:
    return ToldStreams(swarm.redis, swarm.address)


def _note_unknown(swarm: Swarm, names: Sequence[str]) -> None:
    for name in names:
        if name not in swarm.settings.symbols:
            configured = ", ".join(swarm.settings.symbols)
            click.echo(f"{name} is not configured: {configured} (MARKETSWARM_SYMBOLS)", err=True)
