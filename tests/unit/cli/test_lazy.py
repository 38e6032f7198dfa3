"""The group of commands: each command's module is imported when it is called, errors end in one line."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import rich_click as click
from click.testing import CliRunner

from marketswarm import cli
from marketswarm.cli.lazy import LazyGroup
from marketswarm.errors import BadArgument, MarketSwarmError, NoSuchChain, SettingsError, StoreUnavailable


def group_of(**lazy: str) -> LazyGroup:
    """A group with these commands."""
    return LazyGroup("group", lazy=lazy)


def test_a_command_is_found_where_it_is_said_to_be() -> None:
    """A command is the attribute of the module that the list names."""
    with click.Context(group_of()) as context:
        found = group_of(up="marketswarm.cli.up:up").get_command(context, "up")
    assert found is not None
    assert found.name == "up"


def test_a_command_whose_module_is_missing_does_not_exist() -> None:
    """A missing module takes its own command away, and no other."""
    group = group_of(gone="marketswarm.cli.no_such_module:gone", up="marketswarm.cli.up:up")
    helped = CliRunner().invoke(group, ["--help"])
    assert helped.exit_code == 0
    assert "up" in helped.output
    assert CliRunner().invoke(group, ["gone"]).exit_code == 2


def test_calling_for_help_imports_no_heavy_module() -> None:
    """The group alone imports neither Celery, nor aiohttp, nor the wiring."""
    script = (
        "import sys, marketswarm.cli as cli\n"
        "heavy = {'celery', 'aiohttp', 'numpy', 'redis', 'marketswarm.wiring'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreUnavailable("redis://127.0.0.1", "refused"), 1),
        (NoSuchChain("SPX"), 1),
        (SettingsError("MARKETSWARM_FLUSH_MS", "x", "a number"), 2),
        (BadArgument("strikes", 0, "1 or more"), 2),
    ],
)
def test_an_error_of_ours_is_one_line(
    error: MarketSwarmError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on standard error; wrong settings and arguments exit with 2, all else with 1."""
    monkeypatch.setattr(cli, "commands", failing_with(error))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert capsys.readouterr() == ("", f"marketswarm: {error}\n")


def test_an_interruption_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C in a command that does not end well by itself: exit code 1, no traceback."""
    monkeypatch.setattr(cli, "commands", failing_with(click.Abort()))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert capsys.readouterr() == ("", "marketswarm: interrupted\n")


def failing_with(error: Exception) -> Callable[..., None]:
    """A command that fails with this."""

    def fail(**_: object) -> None:
        raise error

    return fail


def test_a_misspelt_command_is_answered_with_the_one_meant(cli) -> None:
    """A name close to a command's names it; a name close to none does not."""
    assert "Did you mean 'status'?" in cli("statsu").err
    assert "Did you mean" not in cli("xyzzy").err
    assert cli("statsu").code == 2
