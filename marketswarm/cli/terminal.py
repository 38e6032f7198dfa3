"""Where the commands write: people's text as wide as their window, plain where nobody has one."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from marketswarm.errors import NothingRuns
from marketswarm.settings import Settings

_NAME: Final = "marketswarm"
_PLAIN_WIDTH: Final = 200  # where nobody's window sets one, a row stays on one line


def console(*, stderr: bool = False) -> Console:
    """A console on standard output or error, made when it is asked for."""
    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _PLAIN_WIDTH
    return made


def own_command(on_path: Callable[[str], str | None] = shutil.which) -> str:
    """How this very program is called: its name where a shell finds it, else the path of what runs."""
    if on_path(_NAME) is not None:
        return _NAME
    script = Path(sys.argv[0]).absolute()
    return str(script) if script.name == _NAME else f"{sys.executable} -m {_NAME}"


def require_server(settings: Settings) -> None:
    """Make sure that a data store is known.

    Raises:
        NothingRuns: when neither the settings nor a running `up` name one.
    """
    if settings.redis_url is None:
        raise NothingRuns
