"""All faults, by name, in the order in which they are listed."""

from typing import Any

from marketswarm.simulator.faults import endings, frames, order, pace, port, quotes, rest, talk
from marketswarm.simulator.faults.fault import Fault

CATALOGUE: dict[str, Fault] = {
    fault.name: fault
    for room in (pace, rest, endings, port, talk, order, quotes, frames)
    for fault in room.FAULTS
}
RANDOM = "random"


def names() -> str:
    """Everything that `--faults` may name."""
    return ", ".join((*CATALOGUE, RANDOM))


def as_json() -> list[dict[str, Any]]:
    """The catalogue as plain values."""
    return [fault.as_json() for fault in CATALOGUE.values()]
