"""`marketswarm chain SYMBOL`: one stored chain, as a ladder, as JSON or as CSV."""

import sys
from datetime import datetime
from typing import Final

import rich_click as click
from rich.text import Text

from marketswarm.cli.ladder_view import ladder_table
from marketswarm.cli.seen_chain import SeenChain, see_chain, seen_header
from marketswarm.cli.swarm_reading import open_swarm
from marketswarm.cli.symbol_completion import complete_symbol
from marketswarm.cli.terminal import console
from marketswarm.errors import NoSuchChain
from marketswarm.outlets.chain_export import chain_csv, chain_json, sorted_contracts
from marketswarm.outlets.ladder import columns_for

NO_SUCH_CHAIN: Final = 5
_SHOWN_EACH_SIDE: Final = 20


@click.command()
@click.argument("symbol", shell_complete=complete_symbol)
@click.option(
    "--expiration",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Instead of the one in force.",
)
@click.option(
    "--strikes",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"Show N strikes on each side of spot; the ladder {_SHOWN_EACH_SIDE} unless told, JSON and CSV all.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document, each contract as it is stored.")
@click.option("--csv", "as_csv", is_flag=True, help="One row a contract.")
def chain(symbol: str, expiration: datetime | None, strikes: int | None, as_json: bool, as_csv: bool) -> None:
    """Show the stored chain of SYMBOL as a ladder. Exit code 5 when no such chain is stored, 2 for a symbol that there is not."""
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    swarm = open_swarm()
    name, day = symbol.strip().upper(), expiration.date() if expiration else None
    try:
        seen = see_chain(swarm, name, day)
    except NoSuchChain as error:
        swarm.settings.underlying(name)  # else the symbol is what is wrong
        click.echo(f"marketswarm: {error}", err=True)
        sys.exit(NO_SUCH_CHAIN)
    if as_json or as_csv:
        click.echo(_exported(seen, strikes, as_csv=as_csv), nl=not as_csv)
    else:
        _print(seen, _SHOWN_EACH_SIDE if strikes is None else strikes)


def _exported(seen: SeenChain, strikes: int | None, *, as_csv: bool) -> str:
    contracts = sorted_contracts(seen.stored)
    if strikes is not None:
        kept = {rung.strike for rung in seen.ladder().near_spot(strikes).rungs}
        contracts = [contract for contract in contracts if contract.strike in kept]
    if as_csv:
        return chain_csv(contracts)
    return chain_json(seen.stored.meta, contracts, state=seen.state, spot=seen.spot, told=seen.told)


def _print(seen: SeenChain, each_side: int) -> None:
    out, whole = console(), seen.ladder()
    part = whole.near_spot(each_side)
    out.print(seen_header(seen))
    out.print(ladder_table(part, columns_for(out.width)))
    if len(part.rungs) < len(whole.rungs):
        hidden = f"{len(part.rungs)} of {len(whole.rungs)} rows; --strikes N shows N on each side of spot"
        console(stderr=True).print(Text(hidden, style="dim"))
