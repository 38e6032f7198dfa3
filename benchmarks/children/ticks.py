"""Ticks of all symbols as a worker's heartbeat gives them: published in one step, then an evaluation asked for each symbol.

Orders: `tick`, and `plain`, which asks a worker of an app with nothing else in it to write as many entries.
"""

import time

from benchmarks.children import plain_beat
from benchmarks.children.orders import serve_orders
from marketswarm.model.spot import SpotReading
from marketswarm.own_swarm import swarm
from tasks.vigil import evaluate_symbol


def tick(slot: int, spots: dict[str, float]) -> None:
    """One slot, a multiple of ten seconds in ms; symbol → points."""
    readings = [SpotReading(symbol, spot, slot, "unified") for symbol, spot in spots.items()]
    swarm().spots.publish(slot, "sim", readings)
    for symbol in spots:
        evaluate_symbol.apply_async(kwargs={"symbol": symbol}, expires=8, retry=False)


def plain(times: int) -> float:
    """The wall time before the first was sent, ms."""
    began_ms = time.time() * 1000
    for _ in range(times):
        plain_beat.tick.apply_async(retry=False)
    return began_ms


def main() -> None:
    """Serve."""
    serve_orders({"tick": tick, "plain": plain})


if __name__ == "__main__":
    main()
