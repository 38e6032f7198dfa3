"""`marketswarm simulator`: the vendor's stand-in alone, on one port."""

import json
import re
from pathlib import Path
from typing import Any

import rich_click as click

from marketswarm.cli.fault_list import show_faults
from marketswarm.cli.scenario_view import show_scenario
from marketswarm.errors import BadArgument
from marketswarm.logs import configure_logs
from marketswarm.simulator.config import DEFAULT_SYMBOLS, SimulatorConfig
from marketswarm.simulator.scenarios.catalogue import SCENARIOS
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
@click.option(
    "--connections",
    default=None,
    type=int,
    show_default="what the plan allows",
    help="WebSocket connections per cluster that an account may hold.",
)
@click.option("--key", default=None, help="The only key that is accepted; without it, every key is.")
@click.option(
    "--session",
    default=None,
    show_default="what the scenario needs, else always",
    type=click.Choice(["always", "calendar"]),
    help="When it trades.",
)
@click.option("--plan", default="advanced", show_default=True, help="The account's options plan.")
@click.option("--stocks-plan", default="advanced", show_default=True, help="Its stocks plan, or none.")
@click.option("--indices-plan", default="advanced", show_default=True, help="Its indices plan, or none.")
@click.option(
    "--switch",
    "switches",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another answer to what is not confirmed of the vendor; may be repeated.",
)
@click.option("--scenario", default="usual", show_default=True, help=f"What happens: {', '.join(SCENARIOS)}.")
@click.option("--start", default=None, help="Where its time begins, in New York: '2026-11-23 09:30'.")
@click.option("--speed", default=1.0, show_default=True, help="Its seconds a real second.")
@click.option("--clock", type=click.IntRange(min=1), nargs=2, hidden=True)
@click.option(
    "--quotes-per-frame",
    type=int,
    default=None,
    show_default="all of a tick, up to 900 kB",
    help="Most events in one frame.",
)
@click.option(
    "--tls",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Speak https and wss; FILE is given the certificate of the authority to trust, made anew at each start.",
)
@click.option("--describe", is_flag=True, help="Print what the scenario makes happen, and serve nothing.")
@click.option(
    "--faults",
    multiple=True,
    metavar="NAME[:param=value,…][@START[+DURATION][/EVERY]]",
    help="What is to go wrong and when: `cut@30s`, `mute@1m+10s/5m`, `random:rate=2/min`; may be repeated.",
)
@click.option("--list-faults", is_flag=True, help="Show the faults that there are, and end.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the two bases, the description or the faults as JSON."
)
def simulator(
    *, as_json: bool, describe: bool, host: str, symbols: str, list_faults: bool, **rest: Any
) -> None:
    """Serve a simulated market on the vendor's wire: REST and WebSocket on one port."""
    if list_faults:
        show_faults(as_json=as_json)
        return
    configure_logs()  # on standard error, so that standard output is the announcement's
    names = tuple(symbol.strip().upper() for symbol in symbols.split(",") if symbol.strip())
    config = SimulatorConfig(host=_checked_host(host), symbols=names, **rest)
    if describe:
        show_scenario(config, as_json=as_json)
        return
    run(config, lambda rest_base, ws_base: _announce(rest_base, ws_base, as_json=as_json))


def _checked_host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise BadArgument("host", host, "an address or a name")
    return host


def _announce(rest: str, ws: str, *, as_json: bool) -> None:
    text = json.dumps({"rest": rest, "ws": ws}) if as_json else f"REST       {rest}\nWebSocket  {ws}"
    click.echo(text)
