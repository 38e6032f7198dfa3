"""`marketswarm simulator --list-faults` and what `--faults` refuses."""

import json

import pytest
from click.testing import CliRunner

from marketswarm.cli.simulator import simulator
from marketswarm.errors import BadArgument
from marketswarm.simulator.faults.catalogue import CATALOGUE


def test_the_table():
    """Every fault has its row, with its parameters and their defaults."""
    shown = CliRunner().invoke(simulator, ["--list-faults"])
    assert shown.exit_code == 0
    assert all(name in shown.output for name in CATALOGUE)
    assert "share=0.3" in shown.output


def test_the_table_as_json():
    """With `--json` it is a list of objects."""
    shown = CliRunner().invoke(simulator, ["--list-faults", "--json"])
    assert [fault["name"] for fault in json.loads(shown.output)] == list(CATALOGUE)


@pytest.mark.parametrize("text", ["flood", "cut", "mute@1/5", "duplicates:share=7"])
def test_an_unusable_fault(text):
    """It is refused before anything listens."""
    refused = CliRunner().invoke(simulator, ["--port", "0", "--faults", text])
    assert isinstance(refused.exception, BadArgument)
    assert str(refused.exception).startswith("faults is ")
