"""The plan as people read it: one row an underlying, one line for the WebSocket."""

from collections.abc import Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from marketswarm.model.plan import Known, UnderlyingPlan, VendorPlan

_COLUMNS: Final = ("underlying", "chain", "quotes", "trades", "greeks", "spot by", "listing", "real time?")
_STYLES: Final = {"yes": "green", "no": "bold red", "unknown": "dim", "DELAYED": "bold yellow"}
_TIMINGS: Final = {"real-time": "yes", "delayed": "DELAYED", "unknown": "unknown"}


def plan_table(plan: VendorPlan, channels: Mapping[str, Known], *, delayed_host: bool) -> RenderableType:
    """The table, with what the running streams have met below it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _COLUMNS:
        table.add_column(name, no_wrap=True)
    for one in plan.underlyings:
        table.add_row(one.symbol, *(Text(word, style=_STYLES.get(word, "")) for word in _words(one)))
    told = "   ".join(f"{kind} {known}" for kind, known in channels.items()) or "no stream runs"
    where = "   by the vendor's delayed host" if delayed_host else ""
    return Group(table, Text(f"WebSocket: {told}{where}", style="bold yellow" if delayed_host else "dim"))


def _words(one: UnderlyingPlan) -> list[str]:
    timing = "delayed" if "delayed" in {one.timing, one.spot_timing} else one.timing
    return [one.chain, one.quotes, one.trades, one.greeks, one.spot, one.listing, _TIMINGS[timing]]
