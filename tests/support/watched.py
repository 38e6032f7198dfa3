"""A detector at its work, a tick at a time, with the machine behind it where events are what counts."""

import msgspec
import numpy as np

from marketswarm.vigil.machine import Turn, advance, cooling
from marketswarm.vigil.sighting import Marks, SessionTime, Tick
from tests.support.vigil_pictures import CLOSE_MS, OPEN_MS, SLOT_MS, gamma, moment, picture, session_of

STRIKES = np.arange(6700.0, 6901.0, 5)
MOVE = 60.0


def ladder(**changes):
    """Gamma on strikes five points apart, with nothing that stands out."""
    none = np.zeros_like(STRIKES)
    plain = {"strikes": STRIKES, "net": none, "gross": none, "call": none, "put": none}
    return gamma(**{**plain, "call_wall": None, "put_wall": None, **changes})


def at(hour, minute, second=0):
    """A time of that day in New York, ms since the epoch."""
    return OPEN_MS + ((hour * 60 + minute - 570) * 60 + second) * 1000


def closed(ts):
    """The session of a moment, when it is over."""
    return SessionTime(session_of(ts).day, OPEN_MS, CLOSE_MS, is_open=False)


class Watched:
    """A detector, its memory through JSON from tick to tick, and the events that the machine makes of what it sights."""

    def __init__(self, module, ts=OPEN_MS + 3_600_000, **thresholds):
        self.detector, self.thresholds = module.DETECTOR, module.Thresholds(**thresholds)
        self.memory, self.ts, self.tracks = self.detector.memory(), ts, ()
        self.sightings, self.events = None, []

    def see(self, spot=6800.0, *, every_ms=SLOT_MS, **changes):
        """One tick; what is told at it, as (type, state, key)."""
        session = changes.pop("session", session_of(self.ts))
        changes.setdefault("marks", Marks(move_open=MOVE))
        changes.setdefault("cooling", cooling(self.tracks, self.ts))
        seen = moment(tick=Tick(self.ts, spot), session=session, thresholds=self.thresholds, **changes)
        memory, self.sightings = self.detector.watch(self.memory, seen)
        self.memory = msgspec.json.decode(msgspec.json.encode(memory), type=self.detector.memory)
        chain = seen.chain.expiration if seen.chain is not None else None
        turn = Turn("SPX", chain, session.day, self.ts, self.detector, lambda _sighting: 1.0)
        self.tracks, events = advance(self.tracks, self.sightings, turn)
        self.events += events
        self.ts += every_ms
        return [(event.type, event.state, event.key) for event in events]

    def see_gamma(self, spot=6800.0, **levels):
        """One tick with such a ladder."""
        return self.see(spot, picture=picture(gamma=ladder(**levels)))
