"""The plan as people read it."""

from dataclasses import replace

from marketswarm.cli.plan_view import plan_table
from marketswarm.model.plan import UnderlyingPlan, VendorPlan
from tests.unit.cli.test_status_view import drawn

SPX = UnderlyingPlan("SPX", "yes", "no", "yes", "unknown", "yes", "parity", "real-time", "real-time")
PLAN = VendorPlan(
    "f", "b", 0, "yes", (SPX, replace(SPX, symbol="SPY", spot="unified", spot_timing="delayed"))
)


def test_one_row_an_underlying() -> None:
    """Every part in its column; delayed when chain or spot is."""
    lines = drawn(plan_table(PLAN, {"Q": "no", "T": "yes"}, delayed_host=True))
    assert lines[1].split() == ["SPX", "yes", "no", "yes", "unknown", "parity", "yes", "yes"]
    assert lines[2].split() == ["SPY", "yes", "no", "yes", "unknown", "unified", "yes", "DELAYED"]
    assert lines[3] == "WebSocket: Q no   T yes   by the vendor's delayed host"


def test_without_a_stream_the_socket_is_not_known() -> None:
    """That is said, and nothing is made up."""
    assert drawn(plan_table(PLAN, {}, delayed_host=False))[3] == "WebSocket: no stream runs"
