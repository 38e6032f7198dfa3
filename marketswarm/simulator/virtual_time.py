"""When simulated time begins, and which clock it follows from there."""

from marketswarm.clock import Clock, ScaledClock, SystemClock
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.scenarios.beginning import beginning_of, moment_of
from marketswarm.simulator.scenarios.catalogue import scenario_named


def beginning_ms(config: SimulatorConfig, now_ms: int) -> int:
    """The moment at which simulated time begins: given, or what the scenario needs, or now."""
    found_ms = _elsewhere_ms(config, now_ms)
    return now_ms if found_ms is None else found_ms


def clock_of(config: SimulatorConfig, begin_ms: int, base: Clock | None = None) -> Clock:
    """The clock of simulated time, on top of `base`, else of the machine's, which it is itself where nothing else is asked."""
    base = base or SystemClock()
    if config.clock is not None:
        start_ms, since_ms = config.clock
        return ScaledClock(start_ms, config.speed, base, since_ms=since_ms)
    if config.speed == 1.0 and _elsewhere_ms(config, begin_ms) is None:
        return base
    return ScaledClock(begin_ms, config.speed, base)


def _elsewhere_ms(config: SimulatorConfig, now_ms: int) -> int | None:
    if config.clock is not None:
        return config.clock[0]
    calendar = us_options_calendar()
    if config.start is not None:
        return moment_of(config.start, calendar)
    return beginning_of(scenario_named(config.scenario), now_ms, calendar)
