"""Fixtures of the faults on the wire: a simulator that may misbehave, and contracts of it."""

import pytest

from tests.support.faulty_wire import first_contracts
from tests.support.simulator import running_simulator


@pytest.fixture(scope="module")
def simulator():
    """SPX and SPY, twenty rows a page, any key its own account."""
    with running_simulator(
        symbols=("SPX", "SPY"), events_per_second=40_000, switches=("page-rows=20",)
    ) as running:
        yield running


@pytest.fixture(scope="module")
def contracts(simulator) -> list[str]:
    """Twenty contracts."""
    return first_contracts(simulator, 20)
