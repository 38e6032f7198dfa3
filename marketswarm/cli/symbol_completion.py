"""Completes a symbol on the command line: the configured ones, those of a running `up` included."""

import rich_click as click
from click.shell_completion import CompletionItem

from marketswarm.announcement import read_announcement
from marketswarm.errors import MarketSwarmError
from marketswarm.settings import Settings


def complete_symbol(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The configured symbols that begin so; none with settings that cannot be used."""
    try:
        settings = Settings.load()
        settings = Settings.load(read_announcement(settings.state_dir))
    except MarketSwarmError:
        return []
    return [CompletionItem(symbol) for symbol in settings.symbols if symbol.startswith(begun.upper())]
