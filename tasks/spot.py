"""The task of the heartbeat."""

from typing import Any

from marketswarm.app import app
from marketswarm.own_swarm import swarm
from tasks.chain import extend_chain


@app.task(name="spot.snapshot")
def snapshot_spot(slot: int | None = None) -> dict[str, Any]:
    """Publish the spot of all symbols for one ten-second slot, at most once."""
    report = swarm().tick(slot, lambda symbol: extend_chain.apply_async(kwargs={"symbol": symbol}, expires=8))
    return report.as_json()
