"""`marketswarm keys`: every Redis key, its type, its content and how long it lives."""

import json

import rich_click as click
from rich.table import Table
from rich.text import Text

from marketswarm.cli.terminal import console
from marketswarm.keys import REFERENCE, KeyDoc


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def keys(as_json: bool) -> None:
    """List every Redis key of the data store."""
    if as_json:
        click.echo(json.dumps({"keys": [entry._asdict() for entry in REFERENCE]}))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in KeyDoc._fields:
        table.add_column(name, overflow="fold", no_wrap=name in ("key", "type"))
    for entry in REFERENCE:
        table.add_row(*(Text(part) for part in entry))
    console().print(table)
