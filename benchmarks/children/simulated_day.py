"""A simulated day in process, tick by tick, without a socket. Order: `run` it."""

import time
from typing import Any

from benchmarks.children.orders import serve_orders
from tests.support.simulated_day import SimulatedDay, quotes_near_the_money

_OPENS = "2026-11-23 09:25"
_DAY = "2026-11-23"


def run(until: str, each_side: int, events: float) -> dict[str, Any]:
    """From before the open until then; what was heard, and how long it took without the set-up."""
    day = SimulatedDay(_OPENS, symbols=("SPX",), session="calendar", events_per_second=events, seed=7)
    hearer = day.hear("options", quotes_near_the_money(day.market, each_side)) if events else None
    began_s, busy_s = time.perf_counter(), time.process_time()
    day.pass_until(f"{_DAY} {until}")
    return {
        "took_s": time.perf_counter() - began_s,
        "cpu_s": time.process_time() - busy_s,
        "quotes": hearer.quotes if hearer else 0,
    }


def main() -> None:
    """Serve."""
    serve_orders({"run": run})


if __name__ == "__main__":
    main()
