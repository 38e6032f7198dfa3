"""The task that keeps up what is known of the plan behind the key."""

from marketswarm.app import app
from marketswarm.own_swarm import swarm


@app.task(name="plan.probe")
def probe_plan() -> str:
    """Ask the vendor what the key may do, when that is unknown or was learnt long ago."""
    return swarm().vendor.keep_plan()
