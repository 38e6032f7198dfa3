"""`marketswarm status`: how every symbol stands."""

import json
import sys
from collections.abc import Iterator

import rich_click as click
from rich.live import Live

from marketswarm.cli.status_view import status_table
from marketswarm.cli.swarm_reading import read_swarm
from marketswarm.cli.terminal import console
from marketswarm.outlets.status import DOWN, SwarmReading, exit_code, status_document
from marketswarm.own_swarm import load_settings
from marketswarm.wiring import Swarm


@click.command()
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document; with --watch one a second, one a line."
)
@click.option("--watch", is_flag=True, help="Look again each second, until Ctrl-C.")
def status(as_json: bool, watch: bool) -> None:
    """Show spot and its age, contracts, updates a second, lag, gaps and state of every symbol.

    Exit code 0 when all is fresh, 3 when a chain is not live or a spot is older than 30 s, 4 when nothing can be read.
    """
    reading = _watch(as_json) if watch else _once(as_json)
    sys.exit(exit_code(reading))


def _once(as_json: bool) -> SwarmReading:
    reading = read_swarm(Swarm(load_settings()))
    _print(reading, as_json)
    return reading


def _print(reading: SwarmReading, as_json: bool) -> None:
    document = status_document(reading)
    if as_json:
        click.echo(json.dumps(document))
        if reading.error is not None:
            click.echo(f"marketswarm: {reading.error}", err=True)
    else:
        console().print(status_table(document))


def _watch(as_json: bool) -> SwarmReading:
    """Show one reading a second; the last one, when Ctrl-C ends it."""
    out = console()
    readings = _readings()
    reading = next(readings)
    try:
        if out.is_terminal and not as_json:
            with Live(console=out, auto_refresh=False) as live:
                while True:
                    live.update(status_table(status_document(reading)), refresh=True)
                    reading = next(readings)
        while True:
            _print(reading, as_json)
            reading = next(readings)
    except KeyboardInterrupt:
        return reading


def _readings() -> Iterator[SwarmReading]:
    swarm = Swarm(load_settings())
    while True:
        reading = read_swarm(swarm)
        yield reading
        swarm.clock.sleep(1.0)
        if exit_code(reading) == DOWN:  # an `up` that was started since may have another address
            swarm = Swarm(load_settings())
