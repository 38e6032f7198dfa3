"""Symbols completed on the command line."""

import pytest


@pytest.mark.parametrize("command", ["chain", "levels", "watch", "refresh"])
def test_symbols_are_completed(cli, environment, command: str) -> None:
    """Where a symbol is wanted the configured ones that begin so are offered, whatever the case."""
    environment.setenv("MARKETSWARM_SYMBOLS", "SPX,SPY,QQQ")
    environment.setenv("_MARKETSWARM_COMPLETE", "bash_complete")
    environment.setenv("COMP_WORDS", f"marketswarm {command} sp")
    environment.setenv("COMP_CWORD", "2")
    assert cli().out.split() == ["plain,SPX", "plain,SPY"]


def test_wrong_settings_complete_nothing(cli, environment) -> None:
    """Completion says nothing where the settings cannot be used."""
    environment.setenv("MARKETSWARM_SYMBOLS", "SPX,,")
    environment.setenv("_MARKETSWARM_COMPLETE", "bash_complete")
    environment.setenv("COMP_WORDS", "marketswarm chain S")
    environment.setenv("COMP_CWORD", "2")
    done = cli()
    assert (done.out.strip(), done.err) == ("", "")
