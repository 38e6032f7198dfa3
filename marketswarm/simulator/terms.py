"""What one account is given and how open questions are answered: the two things every answer depends on. Pure."""

from dataclasses import dataclass, field

from marketswarm.simulator.plans import Plans
from marketswarm.simulator.switches import Switches


@dataclass(frozen=True, slots=True)
class Terms:
    """An account's plans, and the switches."""

    plans: Plans = field(default_factory=Plans)
    switches: Switches = field(default_factory=Switches)
