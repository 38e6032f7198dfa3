"""Checks of the vendor's side."""

import pytest

from marketswarm.announcement import RunningLock
from marketswarm.cli.checks import vendor
from marketswarm.clock import ManualClock, SystemClock
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.free_ports import free_port
from tests.support.simulator import running_simulator

YEAR_2032 = 1_970_000_000_000


def test_too_many_contracts_are_warned_of(cli, environment) -> None:
    """More contracts than the connections take: a warning that says how far every window shrinks."""
    environment.setenv("MARKETSWARM_EXPIRATIONS", "6")
    found = vendor.check_budget(Settings.load())
    assert found.verdict == "warn"
    assert found.detail == "1,212 contracts on 1 connection of 1,000: every chain gets ±41 strikes of ±50"


@pytest.mark.parametrize(
    ("ahead_s", "verdict"), [(0.4, "ok"), (-2, "ok"), (9, "warn"), (-9, "warn"), (-61, "fail")]
)
def test_a_clock_that_is_off(ahead_s: float, verdict: str) -> None:
    """Two seconds are the header's own error; more is warned of, a minute fails."""
    assert vendor.clock_finding(ahead_s).verdict == verdict


def test_a_calendar_that_ends_within_a_year() -> None:
    """The shipped table must reach a year ahead."""
    assert vendor.check_calendar(us_options_calendar(), ManualClock(1_795_446_000_000)).verdict == "ok"
    assert vendor.check_calendar(us_options_calendar(), ManualClock(YEAR_2032)).verdict == "warn"


@pytest.fixture
def live(environment):
    """Settings that say live, at an address that is asked for."""

    def settings(rest: str, key: str | None = "the-right-key") -> Settings:
        environment.setenv("MASSIVE_REST_URL", rest)
        environment.setenv("MARKETSWARM_SOURCE", "live")
        if key is not None:
            environment.setenv("MASSIVE_API_KEY", key)
        return Settings.load()

    return settings


def test_a_key_is_tried(live) -> None:
    """The right key is accepted with a spot; a wrong one fails, and is not shown; the clock is compared."""
    with running_simulator(symbols=("SPX",), key="the-right-key") as simulator:
        found = vendor.check_key(Swarm(live(simulator.rest)))
        assert (found.verdict, "SPX" in found.detail) == ("ok", True)
        assert vendor.check_clock(live(simulator.rest), SystemClock()).verdict == "ok"
        found = vendor.check_key(Swarm(live(simulator.rest, "a-wrong-key")))
    assert found.verdict == "fail"
    assert "MASSIVE_API_KEY to a key whose plan" in found.fix
    assert "a-wrong-key" not in found.detail


def test_a_key_is_tried_at_any_address(live, environment) -> None:
    """A real key is tried wherever it goes, and the provider's error named; not while `up` runs on the simulator."""
    with running_simulator(symbols=("SPX",), key="the-right-key") as simulator:
        settings = live(simulator.rest, "a-wrong-key")
        environment.delenv("MARKETSWARM_SOURCE")
        found = vendor.check_key(Swarm(Settings.load()))
        assert (found.verdict, "401" in found.detail or "key" in found.detail.lower()) == ("fail", True)
        with RunningLock(settings.state_dir) as lock:
            lock.announce({"MASSIVE_API_KEY": "simulator"})
            assert vendor.check_key(Swarm(Settings.load())).verdict == "ok"


def test_nobody_at_the_address(live) -> None:
    """Without a connection the key's check fails and the clock's has nothing to compare with."""
    settings = live(f"http://127.0.0.1:{free_port()}")
    assert vendor.check_key(Swarm(settings, ManualClock())).verdict == "fail"
    assert vendor.check_clock(settings, SystemClock()).verdict == "skip"


def test_without_a_key_there_is_nothing_to_try(live) -> None:
    """Without a key it is the simulator, which needs none."""
    settings = live("https://127.0.0.1:1", None)
    assert vendor.check_key(Swarm(settings)).verdict == "ok"
    assert vendor.check_clock(settings, SystemClock()).verdict == "skip"
