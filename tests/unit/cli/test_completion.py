"""`marketswarm completion`: scripts for the shells."""

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(cli, shell: str) -> None:
    """A script for each shell that asks `marketswarm` for the words."""
    assert "_MARKETSWARM_COMPLETE" in cli("completion", shell).out


def test_an_unknown_shell_is_wrong_use(cli) -> None:
    """Other shells: exit code 2."""
    assert cli("completion", "csh").code == 2
