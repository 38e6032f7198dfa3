"""The table behind `marketswarm simulator --list-faults`."""

import json

from rich.table import Table

from marketswarm.cli.terminal import console
from marketswarm.simulator.faults import catalogue
from marketswarm.simulator.faults.fault import Fault

_MOMENTARY, _LASTING = "happens at its moment", "lasts"


def show_faults(*, as_json: bool) -> None:
    """Print every fault: what happens on the wire, its parameters with their defaults, what a client must end with."""
    if as_json:
        print(json.dumps(catalogue.as_json(), ensure_ascii=False, indent=2))
        return
    table = Table("fault", "where", "on the wire", "parameters", "a correct client ends with", box=None)
    for fault in catalogue.CATALOGUE.values():
        table.add_row(
            fault.name, fault.where, f"{fault.does} ({_kind(fault)})", _parameters(fault), fault.ends
        )
    console().print(table)


def _kind(fault: Fault) -> str:
    return _MOMENTARY if fault.is_momentary else _LASTING


def _parameters(fault: Fault) -> str:
    return ", ".join(f"{one.name}={one.default}" for one in fault.parameters)
