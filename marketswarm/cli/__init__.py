"""The command line: `marketswarm COMMAND`. Each command is one module, imported when it is called."""

import sys
from typing import Final, NoReturn

import rich_click as click

from marketswarm import __version__
from marketswarm.cli.lazy import LazyGroup
from marketswarm.cli.wrong_use import wrong_use
from marketswarm.errors import (
    BadArgument,
    MarketSwarmError,
    RecordingError,
    SettingsError,
    StoreUnavailable,
)

COMMANDS: Final = {
    "up": "marketswarm.cli.up:up",
    "simulator": "marketswarm.cli.simulator:simulator",
    "status": "marketswarm.cli.status:status",
    "chain": "marketswarm.cli.chain:chain",
    "levels": "marketswarm.cli.levels:levels",
    "events": "marketswarm.cli.events:events",
    "refresh": "marketswarm.cli.refresh:refresh",
    "watch": "marketswarm.cli.watch:watch",
    "record": "marketswarm.cli.record:record",
    "replay": "marketswarm.cli.replay:replay",
    "export": "marketswarm.cli.export:export",
    "gateway": "marketswarm.cli.gateway:gateway",
    "vigil": "marketswarm.cli.vigil:vigil",
    "doctor": "marketswarm.cli.doctor:doctor",
    "config": "marketswarm.cli.config:config",
    "keys": "marketswarm.cli.keys:keys",
    "completion": "marketswarm.cli.completion:completion",
}

_FAILED, _WRONG_USE, _DOWN = 1, 2, 4
_SAY_DOWN: Final = frozenset(
    {"status", "chain", "levels", "events", "watch", "up"}
)  # by a code of its own, where nothing runs; of others it is a failure like any
_OF_RECORDINGS: Final = frozenset({"replay", "export", "up"})  # a path that is none is wrong use


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="marketswarm")
def commands() -> None:
    """Option chains, live in Redis."""


def main() -> NoReturn:
    """Run the command of the command line. An error, click's or ours, is one line on standard error and an exit code."""
    try:
        code = commands(prog_name="marketswarm", standalone_mode=False)
    except click.Abort:
        _tell("interrupted")
        sys.exit(_FAILED)
    except click.ClickException as error:
        _tell(wrong_use(error))
        sys.exit(error.exit_code)
    except MarketSwarmError as error:
        _tell(error)
        sys.exit(_code(error))
    sys.exit(code if isinstance(code, int) else 0)


def _code(error: MarketSwarmError) -> int:
    command = sys.argv[1:2]
    if isinstance(error, StoreUnavailable) and _SAY_DOWN.intersection(command):
        return _DOWN
    if isinstance(error, RecordingError) and _OF_RECORDINGS.intersection(command):
        return _WRONG_USE
    return _WRONG_USE if isinstance(error, (SettingsError, BadArgument)) else _FAILED


def _tell(what: object) -> None:
    print(f"marketswarm: {what}", file=sys.stderr)
