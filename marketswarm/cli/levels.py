"""`marketswarm levels SYMBOL`: what Vigil computes of a chain, as a table and a chart, as JSON, or as a picture."""

import json
import sys
from pathlib import Path
from typing import Final

import rich_click as click
from rich.text import Text

from marketswarm.cli.gamma_view import chart_lines
from marketswarm.cli.levels_view import levels_header, levels_table
from marketswarm.cli.swarm_reading import open_swarm, read_symbol
from marketswarm.cli.symbol_completion import complete_symbol
from marketswarm.cli.terminal import console
from marketswarm.outlets.gamma_chart import gamma_chart
from marketswarm.outlets.levels import Levels, StoredLevels
from marketswarm.outlets.status import provenance
from marketswarm.wiring import Swarm

NO_LEVELS: Final = 5
_SHOWN_EACH_SIDE: Final = 15
_MISSING: Final = "no levels of {} are published; Vigil does with the next tick after a chain was loaded"


@click.command()
@click.argument("symbol", shell_complete=complete_symbol)
@click.option(
    "--strikes",
    type=click.IntRange(min=1),
    default=_SHOWN_EACH_SIDE,
    show_default=True,
    metavar="N",
    help="Of the chart, on each side of spot.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document, each level as it is stored.")
@click.option(
    "--png",
    "picture",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw profile, gamma by strike, flip and walls into FILE, too.",
)
def levels(*, symbol: str, strikes: int, as_json: bool, picture: Path | None) -> None:
    """Show the levels of SYMBOL: net gamma, flip, walls, expected move, smile, and gamma by strike around spot.

    Exposures are those of a model that takes dealers to be long calls and short puts. Exit code 5 when there are no levels,
    2 for a symbol that there is not.

    --png needs matplotlib: pip install 'marketswarm[plots]'.
    """
    swarm, name = open_swarm(), symbol.strip().upper()
    found = StoredLevels(swarm.redis, swarm.address).read(name)
    if found is None:
        swarm.settings.underlying(name)  # else the symbol is what is wrong
        click.echo(f"marketswarm: {_MISSING.format(name)}", err=True)
        sys.exit(NO_LEVELS)
    if picture is not None:
        _draw(found, picture)
    if as_json:
        click.echo(_exported(swarm, found))
    else:
        _print(swarm, found, strikes)


def _exported(swarm: Swarm, found: Levels) -> str:
    now_ms = swarm.clock.now_ms()
    told = provenance(read_symbol(swarm, found.symbol), now_ms)
    document = found.document(now_ms)
    all_levels = document.pop("levels")
    return json.dumps(document | told | {"levels": all_levels})


def _print(swarm: Swarm, found: Levels, each_side: int) -> None:
    out, now_ms = console(), swarm.clock.now_ms()
    beside = read_symbol(swarm, found.symbol)
    source = beside.meta.source if beside.meta is not None else ""
    out.print(levels_header(found, now_ms, provenance(beside, now_ms), source))
    out.print(levels_table(found, out.width))
    chart = gamma_chart(found, each_side)
    if chart is None:
        return
    out.print()
    for line in chart_lines(chart, out.width):
        out.print(line, no_wrap=True, overflow="ignore", crop=False)
    if chart.hidden:
        hidden = f"{len(chart.bars)} of {len(chart.bars) + chart.hidden} strikes; --strikes N shows N on each side of spot"
        console(stderr=True).print(Text(hidden, style="dim"))


def _draw(found: Levels, picture: Path) -> None:
    from marketswarm.outlets.levels_picture import draw_levels  # noqa: PLC0415  only who draws pays for matplotlib

    draw_levels(found, picture)
    click.echo(f"drawn in {picture}", err=True)
