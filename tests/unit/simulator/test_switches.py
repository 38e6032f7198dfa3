"""Answers to what is not confirmed."""

from dataclasses import fields
from pathlib import Path

import pytest

from marketswarm.errors import BadArgument
from marketswarm.simulator.switches import Switches, read_switches

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()


def test_nothing_said():
    """Without a setting every switch is at its default."""
    assert read_switches([]) == Switches()


def test_settings():
    """A setting changes its switch in the type of its default, and the last one of a name counts."""
    chosen = read_switches(
        ["expiry-clock=massive", "page-rows=7", "page-rows=9", "deep-delta=0.9", "slow-consumer-text=a=b"]
    )
    assert (chosen.expiry_clock, chosen.page_rows, chosen.deep_delta) == ("massive", 9, 0.9)
    assert chosen.slow_consumer_text == "a=b"


@pytest.mark.parametrize("setting", ["", "expiry-clock", "clock=massive", "expiry_clock=massive", "=1"])
def test_unknown_switches(setting):
    """What is no switch is refused, and the refusal lists all that are."""
    with pytest.raises(BadArgument, match=r"NAME=VALUE with a name of expiry-clock, .*auth-required-text"):
        read_switches([setting])


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ("expiry-clock=greenwich", "exchange, massive"),
        ("page-rows=0", "1 to 50000"),
        ("page-rows=many", "1 to 50000"),
        ("page-rows=1.5", "1 to 50000"),
        ("deep-delta=nan", "0.5 to 1.0"),
        ("slow-consumer-code=999", "1000 to 4999"),
        ("slow-consumer-text=", "1 to 200 characters"),
        ("index-exchange=a\nb", "1 to 200 characters"),
    ],
)
def test_answers_that_are_not_allowed(setting, allowed):
    """An answer that is not allowed is refused by the switch's name, with those that are."""
    with pytest.raises(BadArgument, match=f"switch {setting.partition('=')[0]}.*allowed: {allowed}"):
        read_switches([setting])


def test_every_switch_is_documented():
    """Each switch stands in the page with its default."""
    for each in fields(Switches):
        assert f"`{each.name.replace('_', '-')}`" in PAGE, each.name
        if "answers" in each.metadata:
            assert all(f"`{answer}`" in PAGE for answer in each.metadata["answers"]), each.name
