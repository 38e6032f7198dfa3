"""The task of Vigil."""

from typing import Any

from marketswarm.app import app
from marketswarm.own_swarm import swarm


@app.task(name="vigil.evaluate")
def evaluate_symbol(symbol: str) -> dict[str, Any]:
    """Judge the ticks of one symbol that nobody has judged yet: levels and events, written in one step."""
    return swarm().evaluate(symbol).as_json()
