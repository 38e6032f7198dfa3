"""Conflators that hold some contracts, and what they are to flush."""

from marketswarm.chain.conflate import Conflator
from marketswarm.chain.patches import changes_of
from tests.support.builders import SPX, contract

NOW = 10_000


def conflator(*strikes, **more):
    """A conflator that holds calls at these strikes."""
    made = Conflator()
    rows = [contract(strike, **more) for strike in strikes or (6800, 6805)]
    made.hold({SPX: {row.ticker: row.canonical_json().encode() for row in rows}})
    return made


def taken(made, *when):
    """The changes that are to be flushed, marked as flushed."""
    changes = []
    for waiting in made.take(*when):
        changes += [change for latest in waiting.contracts for change in changes_of(latest)]
        made.flushed(waiting.contracts)
    return changes
