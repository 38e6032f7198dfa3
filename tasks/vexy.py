"""The tasks of Vexy. Results are plain JSON; both may come at any time and any number of times."""

from typing import Any

from marketswarm.app import app
from marketswarm.own_swarm import speaker


@app.task(name="vexy.speak")
def speak_of_events() -> dict[str, Any]:
    """Tell what Vigil has told and nobody has heard yet, and what is due beside it: messages and marks, in one step."""
    return speaker().speak().as_json()


@app.task(name="vexy.epoch")
def speak_of_phase() -> dict[str, Any]:
    """Tell what the session's phase asks for, once a session; what has to wait for good data is told later in the phase."""
    return speaker().tell_phases().as_json()
