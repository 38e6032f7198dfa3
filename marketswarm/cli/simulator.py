"""`marketswarm simulator`: the vendor's stand-in alone, on one port."""

import json
import re

import rich_click as click

from marketswarm.errors import BadArgument, SupervisorError
from marketswarm.simulator.config import DEFAULT_SYMBOLS, SimulatorConfig
from marketswarm.simulator.server import run

_HOST = re.compile(r"[0-9A-Za-z.:-]+")


@click.command()
@click.option(
    "--port", default=8700, show_default=True, help="Port for REST and WebSocket; 0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same market.")
@click.option(
    "--symbols", default=",".join(DEFAULT_SYMBOLS), show_default=True, help="Underlyings, comma separated."
)
@click.option(
    "--events-per-second",
    default=4000.0,
    show_default=True,
    help="Option events with 800 contracts subscribed.",
)
@click.option("--key", default=None, help="The only key that is accepted; without it, every key is.")
@click.option(
    "--session",
    default="always",
    show_default=True,
    type=click.Choice(["always", "calendar"]),
    help="When it trades.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the two bases as one JSON line.")
def simulator(
    port: int,
    host: str,
    seed: int,
    symbols: str,
    events_per_second: float,
    key: str | None,
    session: str,
    as_json: bool,
) -> None:
    """Serve a simulated market on the vendor's wire: REST and WebSocket on one port."""
    try:
        config = SimulatorConfig(
            host=_checked_host(host),
            port=port,
            seed=seed,
            symbols=tuple(symbol.strip().upper() for symbol in symbols.split(",") if symbol.strip()),
            events_per_second=events_per_second,
            key=key,
            session="calendar" if session == "calendar" else "always",
        )
    except BadArgument as error:
        raise click.UsageError(str(error)) from error
    try:
        run(config, lambda rest, ws: _announce(rest, ws, as_json=as_json))
    except SupervisorError as error:
        raise click.ClickException(str(error)) from error


def _checked_host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise BadArgument("host", host, "an address or a name")
    return host


def _announce(rest: str, ws: str, *, as_json: bool) -> None:
    text = json.dumps({"rest": rest, "ws": ws}) if as_json else f"REST       {rest}\nWebSocket  {ws}"
    click.echo(text)
