"""Checks of the vendor's side: key and plan, clock, the session calendar, how many contracts a connection takes."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import requests

from marketswarm.announcement import read_announcement
from marketswarm.chain.budget import Claim, Room, share_out
from marketswarm.chain.shares import CONTRACTS_A_CONNECTION
from marketswarm.cli.checks.finding import Finding, counted
from marketswarm.clock import Clock
from marketswarm.errors import KeyRefused, MarketSwarmError, NotEntitled, ProviderUnavailable
from marketswarm.massive.trust import named_bundle
from marketswarm.maths.calendar import OutsideCalendar, SessionCalendar, new_york_day
from marketswarm.settings import Settings
from marketswarm.supervisor.plan import SIMULATOR_KEY
from marketswarm.wiring import Swarm

_SKEW_S: Final = 2.0  # the header counts whole seconds
_WRONG_S: Final = 60.0
_TIMEOUT_S: Final = 5.0


def check_authorities(settings: Settings) -> None:
    """Where the vendor is asked by TLS, what its certificate is checked against can be read.

    Raises:
        SettingsError: when it cannot.
    """
    if _has_key(settings) and urlsplit(settings.massive_rest_url).scheme == "https":
        named_bundle()


def check_key(swarm: Swarm) -> Finding:
    """The key is known, and its plan gives the spot of the first symbol; one call."""
    if not _has_key(swarm.settings):
        return Finding("key", "ok", "simulator: no key is needed")
    symbol = swarm.settings.symbols[0]
    try:
        readings = swarm.market.spots([symbol])
    except (KeyRefused, NotEntitled) as error:
        return Finding("key", "fail", str(error), "set MASSIVE_API_KEY to a key whose plan includes it")
    except ProviderUnavailable as error:
        return Finding("key", "fail", str(error), "check the network and MASSIVE_REST_URL")
    except MarketSwarmError as error:
        return Finding("key", "fail", str(error), "check MASSIVE_API_KEY and MASSIVE_REST_URL")
    if symbol not in readings.found:
        fix = f"check that the plan includes {symbol}, or change MARKETSWARM_SYMBOLS"
        return Finding(
            "key", "warn", f"no spot of {symbol}: {readings.failed.get(symbol, 'none given')}", fix
        )
    reading = readings.found[symbol]
    if reading.delayed:
        return Finding(
            "key", "warn", f"{symbol} {reading.spot:,.2f}, delayed", "a real-time plan gives live prices"
        )
    return Finding("key", "ok", f"accepted: {symbol} {reading.spot:,.2f} by {reading.method}")


def check_clock(settings: Settings, clock: Clock) -> Finding:
    """This machine's clock against the vendor's."""
    if not _is_live(settings):
        return Finding("clock", "skip", "the simulator shares this machine's clock")
    try:
        answer = requests.head(settings.massive_rest_url, timeout=_TIMEOUT_S, verify=named_bundle() or True)
        vendor_s = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (requests.RequestException, KeyError, ValueError):
        return Finding("clock", "skip", "the vendor tells no time")
    return clock_finding(clock.now_ms() / 1000 - vendor_s)


def clock_finding(ahead_s: float) -> Finding:
    """What to say of a clock that is so many seconds ahead."""
    if abs(ahead_s) <= _SKEW_S:
        return Finding("clock", "ok", f"within {_SKEW_S:.0f} s of the vendor's")
    detail = f"{abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} the vendor's"
    return Finding(
        "clock", "fail" if abs(ahead_s) > _WRONG_S else "warn", detail, "let NTP set this machine's clock"
    )


def check_calendar(calendar: SessionCalendar, clock: Clock) -> Finding:
    """The shipped session table covers the year ahead."""
    day = new_york_day(clock.now_ms()) + timedelta(days=365)
    try:
        calendar.is_session(day)
    except OutsideCalendar as error:
        return Finding("calendar", "warn", str(error), "upgrade marketswarm for a newer table")
    return Finding("calendar", "ok", f"covers {day}")


def check_budget(settings: Settings) -> Finding:
    """The configured chains fit on the connections that the account allows, with all strikes that are asked for."""
    n, room = settings.strikes_each_side, Room(settings.connections)
    claims = [[Claim(n)] * settings.expirations] * len(settings.symbols)
    wanted = [settings.expirations * Claim(n).contracts(n)] * len(settings.symbols)
    granted = share_out(claims, room, 0).each_side(n)
    connections = counted(settings.connections, "connection")
    detail = f"{sum(wanted):,} contracts on {connections} of {CONTRACTS_A_CONNECTION:,}"
    if granted == n and room.left(wanted) >= 0:
        return Finding("budget", "ok", detail)
    fix = "lower MARKETSWARM_STRIKES_EACH_SIDE or MARKETSWARM_EXPIRATIONS, or raise MARKETSWARM_CONNECTIONS"
    return Finding("budget", "warn", f"{detail}: every chain gets ±{granted} strikes of ±{n}", fix)


def _has_key(settings: Settings) -> bool:
    """Whether there is a key of the vendor, and no `up` that runs on the simulator in spite of it."""
    key, announced = settings.massive_api_key, read_announcement(settings.state_dir)
    if key is None or announced.get("MASSIVE_API_KEY") == SIMULATOR_KEY:
        return False
    return key.get_secret_value() != SIMULATOR_KEY


def _is_live(settings: Settings) -> bool:
    return settings.data_source == "live" and settings.massive_api_key is not None
