"""How the simulator of a run is to be, and the clock that all parts share with it where it has a time of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marketswarm.clock import Clock
from marketswarm.errors import BadArgument
from marketswarm.settings import Settings
from marketswarm.supervisor.replay_plan import FASTEST, SLOT_MS, SLOWEST

if TYPE_CHECKING:
    from marketswarm.simulator.config import SimulatorConfig


@dataclass(frozen=True, slots=True)
class Asked:
    """What `up` was told of its simulator, as `marketswarm simulator` takes it; None is its default."""

    scenario: str | None = None
    start: str | None = None
    speed: float | None = None
    plan: str | None = None
    faults: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The options that were given."""
        said = {
            "--scenario": self.scenario,
            "--start": self.start,
            "--speed": self.speed,
            "--plan": self.plan,
            "--faults": self.faults,
        }
        return [name for name, value in said.items() if value not in (None, ())]


@dataclass(frozen=True, slots=True)
class SimulatorPlan:
    """The simulator as the vendor of a run.

    Attributes:
        options: of its command, beside port, symbols, session and connections.
        settings: variable → value that all parts need on its account.
    """

    port: int
    options: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


def plan_simulator(settings: Settings, asked: Asked, *, clock: Clock, port: int) -> SimulatorPlan:
    """A run on a simulator like that.

    A simulated time of its own begins on a slot of the heartbeat, at the machine's next mark, so that ticks fall on slots.

    Raises:
        BadArgument: in the words of `marketswarm simulator`, or for a speed at which no spine can run.
    """
    if not asked.names:
        return SimulatorPlan(port)  # nothing to check, and half a second of imports is saved
    config = _config(settings, asked)
    if not SLOWEST <= config.speed <= FASTEST:
        allowed = f"{SLOWEST:g} to {FASTEST:g} with up; `marketswarm simulator` alone takes more"
        raise BadArgument("speed", config.speed, allowed)
    own_clock, shared = _own_clock(config, clock.now_ms())
    session = {"MARKETSWARM_SESSION": config.trades}
    return SimulatorPlan(port, (*_options(asked), *own_clock), session | shared)


def _config(settings: Settings, asked: Asked) -> "SimulatorConfig":
    from marketswarm.simulator.config import SimulatorConfig  # noqa: PLC0415  numpy, for those who ask

    given = {"scenario": asked.scenario, "start": asked.start, "speed": asked.speed, "plan": asked.plan}
    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return SimulatorConfig(symbols=settings.symbols, session=settings.session, faults=asked.faults, **said)


def _own_clock(config: "SimulatorConfig", now_ms: int) -> tuple[tuple[str, ...], dict[str, str]]:
    """The simulator's options and the parts' settings of a time of its own; nothing where it goes by the machine's."""
    from marketswarm.simulator.virtual_time import beginning_ms  # noqa: PLC0415

    start_ms = beginning_ms(config, now_ms)
    if start_ms == now_ms and config.speed == 1.0:
        return (), {}
    start_ms, since_ms = start_ms - start_ms % SLOT_MS, now_ms + -now_ms % SLOT_MS
    shared = f"{start_ms},{since_ms},{config.speed:g}"
    return ("--clock", str(start_ms), str(since_ms)), {"MARKETSWARM_REPLAY_CLOCK": shared}


def _options(asked: Asked) -> tuple[str, ...]:
    said = {"--scenario": asked.scenario, "--speed": asked.speed, "--plan": asked.plan}
    single = [part for name, value in said.items() if value is not None for part in (name, str(value))]
    return (*single, *(part for fault in asked.faults for part in ("--faults", fault)))
