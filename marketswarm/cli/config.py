"""`marketswarm config show`: every setting, its value and where it comes from. Secrets are stars."""

import json
from typing import NamedTuple

import rich_click as click
from rich.table import Table
from rich.text import Text

from marketswarm.announcement import read_announcement
from marketswarm.cli.terminal import console
from marketswarm.settings import Settings, masked, settings_origin
from marketswarm.wiring import load_settings


class ShownSetting(NamedTuple):
    """One setting as it may be shown."""

    variable: str
    value: str
    source: str
    description: str


@click.group()
def config() -> None:
    """Show the settings."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(as_json: bool) -> None:
    """Show every setting with its value, its source and what it means. Secrets are masked."""
    settings = load_settings()
    rows = shown_settings(settings, read_announcement(settings.state_dir))
    if as_json:
        click.echo(json.dumps({"settings": [row._asdict() for row in rows]}))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ShownSetting._fields:
        table.add_column(name, overflow="fold", no_wrap=name in ("variable", "source"))
    for row in rows:
        table.add_row(*(Text(part) for part in row))
    console().print(table)


def shown_settings(settings: Settings, announced: dict[str, str]) -> list[ShownSetting]:
    """Every setting, in the order of the model.

    Args:
        settings: the values.
        announced: what a running `up` announced.
    """
    origins = settings_origin(announced)
    return [
        ShownSetting(
            str(field.alias),
            masked(getattr(settings, name)),
            origins[str(field.alias)],
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
