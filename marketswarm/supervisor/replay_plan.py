"""How a run on a recording is to be: which settings it shares, and the clock that all its parts go by."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marketswarm.clock import Clock
from marketswarm.errors import BadArgument
from marketswarm.recorder.pace import speed_of
from marketswarm.recorder.recording import Recording

REPLAY_KEY: Final = "replay"
SLOT_MS: Final = 10_000
SLOWEST, FASTEST = 0.1, 60.0
"""Speeds at which a whole run keeps up."""


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """One recording as the vendor of a run.

    Attributes:
        start_ms: the moment of the recording at which it begins.
        since_ms: when that is, by the machine's clock.
        settings: variable → value that goes before environment and `.env`.
    """

    folder: Path
    port: int
    start_ms: int
    since_ms: int
    speed: float
    settings: Mapping[str, str]


def plan_replay(folder: Path, speed: str, symbols: str | None, *, clock: Clock, port: int) -> ReplayPlan:
    """A run on the recording in that folder.

    It begins within ten seconds, when the machine's clock and the recording's stand at the same distance from a slot of the
    heartbeat, so that ticks fall on their marks.

    Raises:
        RecordingError: for a folder that holds none.
        BadArgument: for a speed at which no spine can run, or a symbol that was not recorded.
    """
    times = speed_of(speed)
    if times is None or not SLOWEST <= times <= FASTEST:
        raise BadArgument(
            "speed", speed, f"{SLOWEST:g} to {FASTEST:g}; `replay --check` is as fast as can be"
        )
    recording = Recording(folder)
    session, start_ms, now_ms = recording.session, recording.start_us() // 1000, clock.now_ms()
    since_ms = now_ms + (start_ms - now_ms) % SLOT_MS
    settings = dict(session.settings) | {
        "MARKETSWARM_REPLAY_CLOCK": f"{start_ms},{since_ms},{times:g}",
        "MARKETSWARM_SOURCE": "replay",
        "MARKETSWARM_SYMBOLS": _symbols(session.symbols, symbols),
    }
    return ReplayPlan(folder.absolute(), port, start_ms, since_ms, times, settings)


def _symbols(recorded: tuple[str, ...], asked: str | None) -> str:
    names = [name.strip().upper() for name in asked.split(",")] if asked is not None else recorded
    for name in names:
        if name not in recorded:
            raise BadArgument("symbols", name, f"what was recorded: {', '.join(recorded)}")
    return ",".join(names)
