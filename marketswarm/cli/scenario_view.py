"""What a scenario of the simulator makes happen, for people and as JSON."""

import json
from datetime import datetime
from typing import Any

import rich_click as click
from rich.table import Table
from rich.text import Text

from marketswarm.cli.terminal import console
from marketswarm.clock import SystemClock
from marketswarm.maths.calendar import NEW_YORK
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.description import Description, describe


def show_scenario(config: SimulatorConfig, *, as_json: bool) -> None:
    """Print the description of a configured scenario."""
    described = describe(config, SystemClock().now_ms())
    if as_json:
        click.echo(json.dumps(as_document(described)))
        return
    out = console()
    begins = _clock_text(described.begin_ms)
    out.print(Text(f"{described.name}: {described.summary}; seed {described.seed}, begins {begins}"))
    if described.labels:
        out.print(table_of(described))


def as_document(described: Description) -> dict[str, Any]:
    """The description as plain values."""
    return {
        "scenario": described.name,
        "summary": described.summary,
        "seed": described.seed,
        "session": described.session,
        "start": _clock_text(described.begin_ms, "T"),
        "labels": [label.as_json() for label in described.labels],
    }


def table_of(described: Description) -> Table:
    """One row for each thing that happens, times in trading seconds since the beginning."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("from", "until", "what", "size", "in words"):
        table.add_column(
            name, no_wrap=name != "in words", justify="right" if name in ("from", "until") else "left"
        )
    for label in described.labels:
        strikes = ", ".join(f"{symbol} {strike:g}" for symbol, strike in label.strikes.items())
        words = f"{label.text}: {strikes}" if strikes else label.text
        until = "" if label.until_s is None else f"+{label.until_s:g} s"
        size = "" if label.size is None else f"{label.size:g}"
        table.add_row(f"+{label.at_s:g} s", until, label.kind, size, Text(words))
    return table


def _clock_text(moment_ms: int, between: str = " ") -> str:
    return f"{datetime.fromtimestamp(moment_ms / 1000, NEW_YORK):%Y-%m-%d{between}%H:%M:%S}"
