"""Vigil's engine with detectors by hand: some watch, one spies, and some always say the same."""

from msgspec import Struct

from marketswarm.vigil.engine import Engine, News, evaluate
from marketswarm.vigil.sighting import Detector, Sighting
from marketswarm.vigil.state import decode, encode
from tests.support.vigil_pictures import CHAIN, session_of


class Nothing(Struct, frozen=True):
    """A detector that remembers nothing."""


class Anchor(Struct, frozen=True):
    """Spot at the last drift."""

    spot: float | None = None
    seen: int = 0


def detector(name, watch, memory=Nothing, *, needs_chain=False, version=1):
    """One by hand."""
    return Detector(name, version, f"{name} by hand", memory, watch, needs_chain)


def watch_drift(memory, moment):
    """A pulse for each ten points from the anchor."""
    anchor = moment.tick.spot if memory.spot is None else memory.spot
    change = moment.tick.spot - anchor
    if abs(change) < 10:
        return Anchor(anchor, memory.seen + 1), ()
    seen = Sighting(
        "drift",
        abs(change),
        10.0,
        10.0,
        f"Drift of {change:.1f} points",
        direction="up" if change > 0 else "down",
        is_pulse=True,
        cooldown_s=60,
        evidence={"change": moment.fact(change, "points"), "seen": moment.fact(memory.seen, "ticks")},
    )
    return Anchor(moment.tick.spot, memory.seen + 1), (seen,)


def watch_pace(memory, moment):
    """How far spot went in the last minute."""
    if not moment.before:
        return memory, None
    pace = abs(moment.tick.spot - moment.before[-min(6, len(moment.before))].spot)
    return memory, (
        Sighting("volatility_burst", pace, 8.0, 4.0, "Fast", dwell=2, cooldown_s=30, direction="up"),
    )


def watch_regime(memory, moment):
    """The sign of the regime of the picture."""
    if moment.picture.gamma is None:
        return memory, None
    regime = moment.picture.gamma.regime
    key = "positive" if regime > 0 else "negative"
    return memory, (
        Sighting("regime", abs(regime), 0.1, 0.05, f"Regime {key}", key=key, dwell=2, cooldown_s=0),
    )


def watch_quality(memory, moment):
    """Whether the picture is degraded."""
    if moment.quality is None:
        return memory, None
    return memory, (
        Sighting("data_quality", float(bool(moment.quality.degraded)), 1.0, 1.0, "Poor", cooldown_s=0),
    )


DRIFT = detector("drift", watch_drift, Anchor)
PACE = detector("pace", watch_pace)
REGIME = detector("regime", watch_regime, needs_chain=True)
QUALITY = detector("quality", watch_quality)
ALL = (DRIFT, PACE, REGIME, QUALITY)


def engine(*detectors, **more):
    """An engine of these detectors."""
    return Engine(detectors or ALL, {one.name: None for one in detectors or ALL}, **more)


def news(ticks, seen=None, **changes):
    """What is new of SPX."""
    sound = {
        "symbol": "SPX",
        "ticks": tuple(ticks),
        "chain": CHAIN,
        "chain_state": "live" if seen else "",
        "picture": seen,
        "session_of": session_of,
    }
    return News(**{**sound, **changes})


def spy(needs_chain=False):
    """A detector that keeps the moments it is asked with."""
    moments = []

    def watch(memory, moment):
        moments.append(moment)
        return memory, ()

    return detector("spy", watch, needs_chain=needs_chain), moments


def sees(name, *sightings, needs_chain=False):
    """A detector that says the same at every moment."""
    return detector(name, lambda memory, _moment: (memory, sightings), needs_chain=needs_chain)


def texts(events):
    """The events as they are written."""
    return [event.model_dump_json() for event in events]


def run(batches, judge=None, *, is_kept=True):
    """All events of batches one after the other, and the last state; the state is written and read in between, or not."""
    state, said = None, []
    for batch in batches:
        done = evaluate(state, batch, judge or engine())
        said += texts(done.events)
        state = decode(encode(done.state), "SPX") if is_kept else done.state
    return said, encode(state)


def seen(type="drift", magnitude=1.0, **changes):
    """What is told at once."""
    return Sighting(type, magnitude, 1.0, 0.5, "So it is", **changes)
