"""The only place that makes connections and joins the stages."""

import math
import os
import random
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from redis import Redis

from marketswarm.chain.allotment import StoredAllotment
from marketswarm.chain.auditor import AuditReport, ChainAuditor
from marketswarm.chain.audits import AuditLedger
from marketswarm.chain.drift import DriftWatch
from marketswarm.chain.flight import FlightControl, LoadReport
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.loader import ChainLoader
from marketswarm.chain.part_commit import PartCommit
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.poller import ChainPoller
from marketswarm.chain.polls import PollLedger
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.request import request_from
from marketswarm.chain.roll import AskLoad, ChainRoll
from marketswarm.chain.stream import ChainStream, RequestLoad
from marketswarm.chain.strikes import StrikeBook
from marketswarm.chain.tenure import Tenure
from marketswarm.clock import Clock, clock_of, machine_ms
from marketswarm.errors import SettingsError
from marketswarm.massive.plans import StoredPlan
from marketswarm.massive.rest import MassiveRest
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from marketswarm.once import once
from marketswarm.ports import MarketFeed, Progress
from marketswarm.recording_joint import RecordingJoint
from marketswarm.servers import connect
from marketswarm.settings import Settings, masked_url
from marketswarm.spot.followers import ask_each
from marketswarm.spot.heartbeat import Heartbeat, TickReport
from marketswarm.spot.redis_spots import RedisSpots
from marketswarm.vendor_joint import VendorJoint

if TYPE_CHECKING:
    from marketswarm.greeks_joint import GreeksJoint
    from marketswarm.vigil.watch import EvaluationReport
    from marketswarm.vigil_joint import VigilJoint


class Swarm:
    """Everything that a process may need, made when it is first asked for."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or clock_of(settings.replay_clock)
        self.calendar = us_options_calendar()
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"

    @property
    def is_key_refused(self) -> bool:
        """Whether the vendor refuses the key, as far as this process has asked."""
        return "market" in vars(self) and self.market.is_key_refused

    # -- connections --------------------------------------------------------

    @once
    def address(self) -> str:
        """The data store's address as it may be shown."""
        return masked_url(self._redis_url)

    @once
    def redis(self) -> "Redis":
        """The data store."""
        return connect(self._redis_url)

    @once
    def market(self) -> MassiveRest:
        """The provider's snapshots."""
        return MassiveRest(
            self.settings.massive_rest_url,
            self._api_key,
            indices=self.settings.indices,
            clock=self.clock,
            random=random.random,
            tap=self.recording.tap,
        )

    @once
    def vendor(self) -> VendorJoint:
        """The plan behind the key, and feeds that keep to it."""
        return VendorJoint(
            self.settings,
            self._api_key,
            self.market,
            lambda: StoredPlan(self.redis, self.address),
            self.clock,
            in_session=self.in_session,
            lines=self.recording.tap.line,
        )

    def feed(self) -> MarketFeed:
        """A new feed of the provider."""
        return self.vendor.feed()

    # -- stages -------------------------------------------------------------

    @once
    def chains(self) -> RedisChainStore:
        """The stored chains."""
        return RedisChainStore(self.redis, self.clock, self.address, on_stored=self.recording.tap.effected)

    @once
    def spots(self) -> RedisSpots:
        """The stored spots."""
        return RedisSpots(self.redis, self.address)

    @once
    def flights(self) -> FlightControl:
        """Loads in flight and the last ones."""
        return FlightControl(self.redis, self.address)

    @once
    def reports(self) -> StreamReports:
        """What the streams say of themselves."""
        return StreamReports(self.redis, self.address)

    @once
    def tenure(self) -> Tenure:
        """Which chains are held, and who attends to them."""
        return Tenure(self.chains, self.reports, self.clock, expirations=self.settings.expirations)

    @once
    def leases(self) -> WriterLeases:
        """The rights to connections and symbols, for this process."""
        connections = self.settings.connections
        return WriterLeases(self.redis, self.clock, self.address, self.owner, connections=connections)

    @once
    def pointers(self) -> ChainPointers:
        """What is written beside the stored chains."""
        return ChainPointers(self.redis, self.clock, self.address)

    @once
    def allotment(self) -> StoredAllotment:
        """How many strikes the account's connections have room for."""
        settings = self.settings
        return StoredAllotment(
            self.chains,
            StrikeBook(self.chains),
            symbols=settings.symbols,
            expirations=settings.expirations,
            held_chains=self.tenure.held_chains,
            connections=settings.connections,
            workers=self.leases.workers,
            each_side=settings.strikes_each_side,
            margin=math.ceil(settings.drift_strikes_allowed()) + 2,
        )

    @once
    def loader(self) -> ChainLoader:
        """Operation 1."""
        return ChainLoader(
            self.market,
            self.chains,
            self.flights,
            self.calendar,
            self.clock,
            pointers=self.pointers,
            source=self.settings.data_source,
            expirations=self.settings.expirations,
            each_side=self.settings.strikes_each_side,
            held_chains=self.tenure.held_chains,
            allotment=self.allotment,
            confirmed=self.tenure.wait_served,
            greeks=self._greeks.load_greeks(),
            server_ms=self.server_ms,
        )

    @once
    def rolling(self) -> ChainRoll:
        """What happens at the close."""
        return ChainRoll(
            self.chains,
            self.flights,
            self.calendar,
            self.clock,
            pointers=self.pointers,
            symbols=self.settings.symbols,
            expirations=self.settings.expirations,
            held_chains=self.tenure.held_chains,
        )

    @once
    def audits(self) -> AuditLedger:
        """What the audits have found."""
        return AuditLedger(self.redis, self.address)

    @once
    def auditor(self) -> ChainAuditor:
        """Compares what is stored with the provider."""
        return ChainAuditor(
            self.market,
            self.chains,
            self.audits,
            self.flights,
            self.clock,
            symbols=self.settings.symbols,
            held_chains=self.tenure.held_chains,
            in_session=self.in_session,
            streamed=self.reports.streamed_sections,
            expire_ms=self.loader.expire_ms,
        )

    @once
    def polls(self) -> PollLedger:
        """What became of the last polls."""
        return PollLedger(self.redis, self.address)

    @once
    def poller(self) -> ChainPoller:
        """Brings quotes that are not streamed."""
        return ChainPoller(
            self.market,
            self.chains,
            self.polls,
            PartCommit(self.chains, self.flights, self.loader.expire_ms),
            self.clock,
            symbols=self.settings.symbols,
            every_s=self.settings.poll_s,
            held_chains=self.tenure.held_chains,
            in_session=self.in_session,
            is_wanted=lambda symbol: self.reports.lacks_quotes(symbol, self.clock.now_ms()),
            spot_of=self._greeks.spot_of,
            greeks=self._greeks.load_greeks(),
            deed=self.recording.tap.deed,
        )

    @once
    def heartbeat(self) -> Heartbeat:
        """Operation 3."""
        drift = DriftWatch(
            self.allotment,
            self.clock,
            strikes_allowed=self.settings.drift_strikes_allowed,
            points_allowed=self.settings.drift_points,
        )
        return Heartbeat(
            self.market,
            self.spots,
            self.clock,
            symbols=self.settings.symbols,
            source=self.settings.data_source,
            drifted=drift.drifted,
        )

    def stream(self, request_load: RequestLoad, *, reads_on: bool = False) -> ChainStream:
        """Operation 2, for the configured symbols; `reads_on` while the store works, as `ChainStream` takes it."""
        self.recording.stream = ChainStream(
            self.feed(),
            self.chains,
            self.leases,
            self.reports,
            self.clock,
            symbols=self.settings.symbols,
            in_session=self.in_session,
            held_chains=self.tenure.held_chains,
            request_load=request_load,
            flush_s=self.settings.flush_ms / 1000,
            valuer=self._greeks.valuer(),
            last_poll=self.polls.read,
            new_id=self.new_request,
            failed_loads=self.flights.failures,
            reads_on=reads_on,
        )
        return self.recording.stream

    @once
    def recording(self) -> RecordingJoint:
        """Records what this process receives, while it is told to."""
        return RecordingJoint(self.settings, self.clock, lambda: self.redis, self._held_chains)

    # -- what the doors do --------------------------------------------------

    def load_chain(
        self,
        symbol: str,
        reason: str,
        *,
        strikes_each_side: int | None = None,
        expiration: str | None = None,
        task_id: str | None = None,
        request: str = "",
        ahead: bool = False,
        progress: Progress,
    ) -> LoadReport:
        """Load one symbol's chain, or those that follow it at the roll; arguments as they come from a task's JSON."""
        told: dict[str, Any] = {
            "symbol": self.settings.underlying(symbol).symbol,
            "reason": reason,
            "expiration": expiration,
        }
        told |= {"strikes_each_side": strikes_each_side}
        wanted = request_from(**told, task_id=task_id, request=str(request))
        load = self.loader.load_ahead if ahead else self.loader.load
        with self.recording.tap.deed("load", **told, ahead=ahead):
            return load(wanted, progress)

    def extend_chain(
        self,
        symbol: str,
        *,
        strikes_each_side: int | None = None,
        task_id: str | None = None,
        progress: Progress,
    ) -> LoadReport:
        """Move the windows of one symbol's chains to where spot is now."""
        told: dict[str, Any] = {
            "symbol": self.settings.underlying(symbol).symbol,
            "strikes_each_side": strikes_each_side,
        }
        with self.recording.tap.deed("extend", **told):
            return self.loader.extend(request_from(**told, reason="drift", task_id=task_id), progress)

    def tick(
        self,
        slot: int | None,
        extend: Callable[[str], Any],
        evaluate: Callable[[str], Any] = lambda _symbol: None,
    ) -> TickReport:
        """One slot of the heartbeat; asks for the chains that drift demands, and for an evaluation of each symbol."""
        with self.recording.tap.deed("tick", slot=slot):
            report = self.heartbeat.tick(slot)
        ask_each(extend, report.drifted, "extension")
        ask_each(evaluate, report.symbols, "evaluation")
        return report

    def evaluate(self, symbol: str, speak: Callable[[str], Any] = lambda _symbol: None) -> "EvaluationReport":
        """Judge the ticks of one symbol that nobody has judged yet; asks for Vexy when something was told."""
        report = self._vigil.watch.evaluate(self.settings.underlying(symbol).symbol)
        ask_each(speak, [symbol] if report.events else [], "speech")
        return report

    def attend(self) -> list[str]:
        """Call the chains of dead streams by their name; which ones."""
        return self.tenure.mark_unattended(self.settings.symbols)

    def audit(self) -> AuditReport:
        """Compare a slice of the chain that waited longest with the provider, and repair it."""
        with self.recording.tap.deed("audit"):
            return self.auditor.audit()

    def roll(self, load: AskLoad) -> list[str]:
        """Ask for the next chains before the close, and put them in force at it; which symbols rolled."""
        with self.recording.tap.deed("roll"):
            return self.rolling.run(load)

    def in_session(self, now_ms: int) -> bool:
        """Whether the market is open, by the calendar or because it always is."""
        return self.settings.session_mode == "always" or self.calendar.is_open(now_ms)

    def server_ms(self, now_ms: int) -> int:
        """The server's time when ours is that."""
        return machine_ms(self.clock, now_ms)

    def new_request(self) -> str:
        """An id for a load that a stream asks for."""
        return uuid4().hex

    # -- inside -------------------------------------------------------------

    @once
    def _greeks(self) -> "GreeksJoint":
        from marketswarm.greeks_joint import GreeksJoint  # noqa: PLC0415  numpy is for those that value chains

        return GreeksJoint(self.chains, self.spots, self.calendar, self.clock)

    @once
    def _vigil(self) -> "VigilJoint":
        from marketswarm.vigil_joint import VigilJoint  # noqa: PLC0415  as above

        return VigilJoint(self.settings, self.redis, self.clock, self.address, self.calendar)

    @property
    def _redis_url(self) -> str:
        return self.settings.store_url.get_secret_value()

    @property
    def _api_key(self) -> str:
        if self.settings.massive_api_key is None:
            allowed = "the vendor's key; or start `marketswarm up`, which simulates without one"
            raise SettingsError("MASSIVE_API_KEY", "", allowed)
        return self.settings.massive_api_key.get_secret_value()

    def _held_chains(self, symbol: str) -> list[ChainId]:
        """Not before it is asked: it stands on the chains, which tell the recorder."""
        return self.tenure.held_chains(symbol)
