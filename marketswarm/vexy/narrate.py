"""What Vexy says: from what happened and what is known to a message in words. Pure: the same input gives the same bytes."""

from collections.abc import Sequence
from typing import Literal

from marketswarm.model.event import Event
from marketswarm.model.message import Epoch
from marketswarm.vexy.context import Context
from marketswarm.vexy.draft import Draft, Suppressed

Notice = Literal["silent", "speaking", "late"]
"""Of Vexy herself: she keeps silent for bad data; she speaks again; she was away, and tells only the latest."""


def narrate_event(event: Event, context: Context) -> Draft | None:
    """One event of one symbol; None where there is nothing to tell, such as an end that only the session's end brought."""
    raise NotImplementedError


def narrate_together(events: Sequence[Event], context: Context) -> Draft | None:
    """Events of one type and of several symbols, within `TOGETHER_MS`, in one sentence; opposing ones by contrast."""
    raise NotImplementedError


def narrate_epoch(epoch: Epoch, context: Context, symbol: str) -> Draft | None:
    """What a phase of the session says of a symbol; None for a phase that is silent, or of which nothing is known."""
    raise NotImplementedError


def narrate_guide(context: Context, symbol: str) -> Draft | None:
    """Which conditions are worth watching now; None when none stands out."""
    raise NotImplementedError


def narrate_digest(suppressed: Suppressed, context: Context) -> Draft | None:
    """What the budget has kept back, in one sentence."""
    raise NotImplementedError


def narrate_system(notice: Notice, context: Context, symbol: str, *, reason: str = "") -> Draft:
    """What is to be known of Vexy herself; `reason` as a level says why it is degraded, such as `low-coverage`."""
    raise NotImplementedError
