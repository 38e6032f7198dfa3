"""The task of the heartbeat."""

from typing import Any

from marketswarm.app import app
from marketswarm.own_swarm import swarm
from tasks.chain import extend_chain
from tasks.vigil import evaluate_symbol


@app.task(name="spot.snapshot")
def snapshot_spot(slot: int | None = None) -> dict[str, Any]:
    """Publish the spot of all symbols for one ten-second slot, at most once; then ask for what follows from it."""
    return swarm().tick(slot, _extend, _evaluate).as_json()


def _extend(symbol: str) -> None:
    extend_chain.apply_async(kwargs={"symbol": symbol}, expires=8)


def _evaluate(symbol: str) -> None:
    evaluate_symbol.apply_async(kwargs={"symbol": symbol}, expires=8, retry=False)
