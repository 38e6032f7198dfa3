"""The task of Vigil."""

from typing import Any

from marketswarm.app import app
from marketswarm.own_swarm import swarm
from tasks.vexy import speak_of_events


@app.task(name="vigil.evaluate")
def evaluate_symbol(symbol: str) -> dict[str, Any]:
    """Judge the ticks of one symbol that nobody has judged yet: levels and events, written in one step; then Vexy may speak."""
    return swarm().evaluate(symbol, _speak).as_json()


def _speak(_symbol: str) -> None:
    speak_of_events.apply_async(expires=8, retry=False)
