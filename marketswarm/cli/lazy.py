"""A group of commands that imports a command's module when that command is wanted, and no other."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import rich_click as click

from marketswarm.cli.wrong_use import WORDS


class LazyGroup(click.RichGroup):
    """Commands by name, each `module:attribute`. A command whose module is not installed does not exist."""

    def __init__(self, *args: Any, lazy: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which they were listed."""
        return [*self._lazy, *super().list_commands(ctx)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; the error for a name that does not exist names the one most like it.

        The words that go to the command are left for the line that tells what is wrong with them.
        """
        ctx.meta[WORDS] = args[1:]
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            like = [] if args[0].startswith("-") else get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not like:
                raise
            raise click.UsageError(f"{error.message} Did you mean {like[0]!r}?", ctx) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None if there is none."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name].partition(":")
        try:
            found = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name != module:  # the command is there, and lacks something itself
                raise
            return None
        assert isinstance(found, click.Command)
        return found
