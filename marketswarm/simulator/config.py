"""What the simulator is told at its start."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from marketswarm.errors import BadArgument
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.certificates import check_maker
from marketswarm.simulator.faults.grammar import read_plans
from marketswarm.simulator.plans import Plan, Plans
from marketswarm.simulator.scenarios.beginning import check_beginning, moment_of
from marketswarm.simulator.scenarios.catalogue import scenario_named
from marketswarm.simulator.switches import read_switches
from marketswarm.simulator.terms import Terms

SessionMode = Literal["always", "calendar"]
DEFAULT_SYMBOLS = ("SPX", "SPY", "QQQ", "NDX")
DEFAULT_INDICES = frozenset({"SPX", "NDX", "XSP", "RUT", "VIX", "DJX", "OEX"})
# The rate is stated for this many contracts: four symbols, 50 strikes to each side, calls and puts.
RATED_CONTRACTS = 800

_SYMBOL = re.compile(r"[A-Z][A-Z0-9.]{0,4}")  # a sixth letter is left for the W or P of an index root
_FASTEST = 1_000_000.0
_FASTEST_CLOCK = 10_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """One simulated account at one simulated vendor.

    Attributes:
        port: 0 takes a free one.
        symbols: underlyings on offer, without prefix.
        indices: which symbols are indices; symbols not on offer are ignored.
        events_per_second: quotes and trades of options in all when 800 contracts are subscribed; more or fewer
            contracts scale the total.
        key: the only key that is accepted; None accepts every key that is not empty, each its own account.
        session: `always` trades around the clock, `calendar` in regular US hours only; None is what the scenario needs,
            else `always`. See `trades`.
        connections: WebSocket connections that an account may hold per cluster; None is what its plan allows.
        quote_contracts: contracts that one connection may hold on the `Q` channel.
        public_base: scheme and host put into `next_url`; None uses the address the request came to.
        send_buffer_bytes: unsent bytes per connection at which a reader counts as too slow.
        tick_ms: how long events are gathered, in real time.
        plan, stocks_plan, indices_plan: what the account has bought for options, stocks and indices.
        switches: answers to what is not confirmed, as `NAME=VALUE`.
        scenario: what is made to happen; see `scenarios/`.
        start: moment in New York at which the simulated time begins, `2026-11-23 09:30`; None is now, or what the scenario
            needs.
        speed: simulated seconds a real second.
        clock: the moment at which simulated time begins in place of `start`, and when that is by the machine's clock, both in
            ms: for programs that share it.
        quotes_per_frame: most events in one frame; None puts all of a tick into one, up to 900 kB.
        faults: what is to misbehave and when, each in the grammar of `--faults`.
        tls: speaks TLS; the certificate of the authority to trust, made anew at each start, is written to this file.
    """

    host: str = "127.0.0.1"
    port: int = 8700
    seed: int = 1
    symbols: Sequence[str] = DEFAULT_SYMBOLS
    indices: frozenset[str] = DEFAULT_INDICES
    events_per_second: float = 4000.0
    key: str | None = None
    session: SessionMode | None = None
    connections: int | None = None
    quote_contracts: int = 1000
    public_base: str | None = None
    send_buffer_bytes: int = 8_000_000
    tick_ms: int = 25
    ping_s: float = 20.0
    auth_timeout_s: float = 30.0

    plan: str = "advanced"
    stocks_plan: str = "advanced"
    indices_plan: str = "advanced"
    switches: Sequence[str] = ()

    scenario: str = "usual"
    start: str | None = None
    speed: float = 1.0
    clock: tuple[int, int] | None = None
    quotes_per_frame: int | None = None

    faults: Sequence[str] = ()
    tls: Path | None = None

    @property
    def terms(self) -> Terms:
        """What the account is given, and how open questions are answered.

        Raises:
            BadArgument: for a plan that is not on offer or a switch that is not known.
        """
        options, stocks = Plan("options", self.plan), Plan("stocks", self.stocks_plan)
        plans = Plans(options, stocks, Plan("indices", self.indices_plan))
        return Terms(plans, read_switches(self.switches))

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises:
            BadArgument: naming the value and what is allowed.
        """
        self._check_market()
        self._check_limits()
        _ = self.terms
        self._check_scenario()
        self._check_pace()
        read_plans(self.faults)
        if self.tls is not None:
            check_maker("tls", str(self.tls))

    @property
    def trades(self) -> SessionMode:
        """When the market is open."""
        return self.session or ("calendar" if scenario_named(self.scenario).calendar_only else "always")

    def _check_market(self) -> None:
        if not self.symbols or len(set(self.symbols)) != len(self.symbols):
            raise BadArgument("symbols", ",".join(self.symbols), "one or more different symbols")
        for symbol in self.symbols:
            if not _SYMBOL.fullmatch(symbol):
                raise BadArgument("symbols", symbol, "1 to 5 upper-case letters and digits, no prefix")
        if not (math.isfinite(self.events_per_second) and 0 <= self.events_per_second <= _FASTEST):
            raise BadArgument("events-per-second", self.events_per_second, f"0 to {_FASTEST:,.0f}")
        if self.session not in (None, "always", "calendar"):
            raise BadArgument("session", self.session, "always, calendar")
        if not 0 <= self.seed < 2**63:
            raise BadArgument("seed", self.seed, "0 to 2^63 - 1")

    def _check_limits(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise BadArgument("port", self.port, "0 (any free one) to 65535")
        if self.key is not None and not self.key.strip():
            raise BadArgument("key", self.key, "a key that is not empty")
        stated = () if self.connections is None else ("connections",)
        for name in (
            *stated,
            "quote_contracts",
            "send_buffer_bytes",
            "tick_ms",
            "ping_s",
            "auth_timeout_s",
        ):
            if getattr(self, name) <= 0:
                raise BadArgument(name.replace("_", "-"), getattr(self, name), "more than 0")

    def _check_scenario(self) -> None:
        scenario = scenario_named(self.scenario)
        if scenario.calendar_only and self.session == "always":
            raise BadArgument("session", self.session, f"calendar with scenario {scenario.name}")
        if self.start is not None:
            calendar = us_options_calendar()
            check_beginning(scenario, self.start, moment_of(self.start, calendar), calendar)

    def _check_pace(self) -> None:
        if not (math.isfinite(self.speed) and 0 < self.speed <= _FASTEST_CLOCK):
            raise BadArgument("speed", self.speed, f"more than 0, up to {_FASTEST_CLOCK:,.0f}")
        if self.quotes_per_frame is not None and self.quotes_per_frame < 1:
            raise BadArgument("quotes-per-frame", self.quotes_per_frame, "1 or more")
