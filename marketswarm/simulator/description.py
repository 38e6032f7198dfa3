"""A scenario's labels without its market: what would happen under a configuration."""

from dataclasses import dataclass

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.config import SessionMode, SimulatorConfig
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.profile import profile_of
from marketswarm.simulator.scenarios.catalogue import scenario_named
from marketswarm.simulator.scenarios.course import Label
from marketswarm.simulator.scenarios.script import script_of
from marketswarm.simulator.spots import spot_process
from marketswarm.simulator.virtual_time import beginning_ms


@dataclass(frozen=True, slots=True)
class Description:
    """What is to happen, and from when on."""

    name: str
    summary: str
    seed: int
    session: SessionMode
    begin_ms: int
    labels: tuple[Label, ...]


def describe(config: SimulatorConfig, now_ms: int) -> Description:
    """The scenario of a configuration, were it started now."""
    scenario, begin_ms = scenario_named(config.scenario), beginning_ms(config, now_ms)
    profiles = [profile_of(symbol, is_index=symbol in config.indices) for symbol in config.symbols]
    strikes = spot_process(profiles, config.seed).nearest_strikes()
    hours = Hours(us_options_calendar(), config.trades)
    market_ms = begin_ms - config.terms.plans.delay_ms
    script = script_of(scenario, config.seed, hours, market_ms, strikes)
    return Description(scenario.name, scenario.summary, config.seed, config.trades, begin_ms, script.labels)
