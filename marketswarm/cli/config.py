"""`marketswarm config show`: every setting, its value and where it comes from. Secrets are stars."""

import json
from typing import Any, Final, NamedTuple

import rich_click as click
from pydantic import SecretStr
from rich.padding import Padding
from rich.text import Text

from marketswarm.announcement import read_announcement
from marketswarm.cli.lazy import LazyGroup
from marketswarm.cli.terminal import console
from marketswarm.own_swarm import load_settings
from marketswarm.settings import Settings, masked, settings_origin
from marketswarm.supervisor.plan import SIMULATOR_KEY

_NAME_WIDTH: Final = max(len(str(field.alias)) for field in Settings.model_fields.values())


class ShownSetting(NamedTuple):
    """One setting as it may be shown."""

    variable: str
    value: str
    source: str
    description: str


@click.group(cls=LazyGroup)
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
    out = console()
    for row in rows:
        out.print(_line(row), soft_wrap=True)
        out.print(Padding(Text(row.description, style="dim"), (0, 0, 0, 4)))


def _line(row: ShownSetting) -> Text:
    name, source = Text(f"{row.variable:<{_NAME_WIDTH}}", style="bold"), Text(f"({row.source})", style="dim")
    return Text("  ").join([name, Text(row.value), source] if row.value else [name, source])


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
            _shown_value(getattr(settings, name)),
            origins[str(field.alias)],
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown_value(value: Any) -> str:
    """As masked; the word that the simulator takes for a key is no secret."""
    no_secret = isinstance(value, SecretStr) and value.get_secret_value() == SIMULATOR_KEY
    return SIMULATOR_KEY if no_secret else masked(value)
