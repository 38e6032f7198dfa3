"""Plays a recording through the real stages in virtual time, in one process, on a server of its own.

Recorded frames go through the provider's decoder, the conflation and the scripts; recorded answers through the provider's client
into loads, heartbeats and audits, each at the moment at which it ended. No real time is read, and nothing happens beside the one
thread: the same recording gives the same chains, the same feed and the same events, byte for byte, however fast it is played.
"""

import hashlib
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.tenure import Tenure
from marketswarm.clock import Clock, ManualClock, PacedClock, SystemClock
from marketswarm.errors import MarketSwarmError, ProviderUnavailable, RecordingError
from marketswarm.massive.answers import Answer
from marketswarm.massive.rest import MassiveRest
from marketswarm.model.chain import ChainId, LoadReason
from marketswarm.model.contract import Section
from marketswarm.once import once
from marketswarm.ports import MarketFeed
from marketswarm.recorder.answers import RecordedAnswers
from marketswarm.recorder.entries import Deed, Entry, Exchange, Head
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.replay_feed import ReplayFeed
from marketswarm.recorder.session import Session
from marketswarm.recorder.stored import Snapshots, StoredChains, read_snapshots
from marketswarm.recording_joint import decode_raw
from marketswarm.settings import Settings
from marketswarm.supervisor.lent_server import lent_server
from marketswarm.thresholds_joint import check_thresholds
from marketswarm.wiring import Swarm

_REQUEST: Final = "replay"  # every load is the one that was asked for: none is missing in a recording
_LEASE_MS: Final = 24 * 3600 * 1000  # a slow machine must not lose its rights in the middle
_KEPT_MS: Final = 24 * 3600 * 1000
_READ_AT_ONCE: Final = 500
_EVENT: Final = b"event"
_READ_EVERY: Final = 20  # turns; a turn of the stream adds far fewer entries than the feed keeps


class _ServedAtOnce(Tenure):
    """In virtual time nobody waits for the stream: it turns behind what waits."""

    def wait_served(self, chain: ChainId, epoch: int, is_hopeless: Callable[[], bool]) -> bool:
        """It will be."""
        del chain, epoch, is_hopeless
        return True


class ReplaySwarm(Swarm):
    """The real stages on what was recorded.

    Args:
        answers: what the provider answers.
    """

    def __init__(self, settings: Settings, clock: Clock, feed: MarketFeed, answers: RecordedAnswers) -> None:
        super().__init__(settings, clock)
        self._feed = feed
        self._answers = answers
        self.owner = _REQUEST

    @once
    def market(self) -> MassiveRest:
        """The provider's client, on recorded answers."""
        return MassiveRest(
            self.settings.massive_rest_url,
            "",
            indices=self.settings.indices,
            clock=self.clock,
            random=lambda: 0.5,
            transport=self._answer,
        )

    @once
    def tenure(self) -> Tenure:
        """Which chains are held."""
        return _ServedAtOnce(self.chains, self.reports, self.clock, expirations=self.settings.expirations)

    def feed(self) -> MarketFeed:
        """The recorded feed."""
        return self._feed

    @once
    def leases(self) -> WriterLeases:
        """Rights that do not run out: the server's time is not ours."""
        return WriterLeases(
            self.redis,
            self.clock,
            self.address,
            self.owner,
            connections=self.settings.connections,
            lease_ms=_LEASE_MS,
        )

    def server_ms(self, now_ms: int) -> int:
        """Nothing is forgotten while it is played, however old it is."""
        del now_ms
        return SystemClock().now_ms() + _KEPT_MS

    def new_request(self) -> str:
        """The one that every stored chain answers."""
        return _REQUEST

    def _answer(self, target: str, _connect_s: float, _read_s: float) -> Answer:
        found = self._answers.find(target, self.clock.now_ms() * 1000 + 999)
        if found is None:
            raise ProviderUnavailable(target.partition("?")[0], "nothing of it was recorded until then")
        return Answer(found.status, found.body, found.retry_after)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a recording is played, and who is told of it meanwhile.

    Attributes:
        speed: seconds of the recording in one of ours; None: as fast as can be.
        thresholds: a file of Vigil's thresholds; None: what the settings say.
        told: is given each event, as it stands in the stream, as soon as it is told.
        reached: is given the moment that is reached, ms since the epoch, turn by turn.
    """

    speed: float | None = None
    thresholds: Path | None = None
    told: Callable[[bytes], None] = lambda _event: None
    reached: Callable[[int], None] = lambda _now_ms: None


@dataclass(slots=True)
class Played:
    """What came of it.

    Attributes:
        digest: SHA-256 over every entry of `sse:chain-feed`, field by field. `events_digest`: the same of `vigil:events`.
        judged: ticks that were evaluated.
        unplayed: what was done when it was recorded, and could not be done again, with the reason.
    """

    chains: Snapshots
    entries: int
    digest: str
    frames: int
    deeds: int
    events: int = 0
    events_digest: str = ""
    judged: int = 0
    unplayed: list[str] = field(default_factory=list)


AT_ONCE: Final = Manner()


class _Digest:
    """A stream's entries so far: how many, and SHA-256 over them, field by field.

    Args:
        each: is given every entry's fields.
    """

    def __init__(
        self, stream: str, each: Callable[[dict[bytes, bytes]], None] = lambda _fields: None
    ) -> None:
        self.entries = 0
        self._stream = stream
        self._each = each
        self._newest = "0-0"
        self._hash = hashlib.sha256()

    @property
    def text(self) -> str:
        """In hex."""
        return self._hash.hexdigest()

    def read(self, redis: Redis) -> None:
        """Take what is new."""
        while True:
            answer: Any = redis.xrange(self._stream, f"({self._newest}", count=_READ_AT_ONCE)
            for entry_id, fields in answer:
                self._newest = entry_id.decode()
                self.entries += 1
                for name, value in fields.items():
                    self._hash.update(b"%d %b%d %b" % (len(name), name, len(value), value))
                self._each(fields)
            if len(answer) < _READ_AT_ONCE:
                return


class Player:
    """Plays one recording once.

    Args:
        redis_url: an empty server.
    """

    def __init__(self, recording: Recording, redis_url: str, manner: Manner = AT_ONCE) -> None:
        session = recording.session
        begin = read_snapshots(recording.folder, "begin") or Snapshots([], {})
        begun_us = recording.start_us()
        self._recording = recording
        self._begun_us = begun_us
        self._manner = manner
        self._clock = _clock(begun_us // 1000, manner.speed)
        self._answers = RecordedAnswers()
        self._deeds: list[Deed] = []
        self._changes = _Digest(keys.CHAIN_FEED)
        self._events = _Digest(keys.VIGIL_EVENTS, lambda fields: manner.told(fields[_EVENT]))
        self._turns = self._done = self._judged = 0
        self._unplayed: list[str] = []
        # Quotes are polled where they are not streamed, and there alone.
        is_polled = any(deed.name == "poll" for deed in recording.deeds())
        not_streamed: tuple[Section, ...] = ("quote",) if is_polled else ()
        self._feed = ReplayFeed(self._in_order(), self._clock, decode_raw, self._take, not_streamed)
        settings = replay_settings(session, redis_url, manner.thresholds)
        self._swarm = ReplaySwarm(settings, self._clock, self._feed, self._answers)
        self._whole, self._asked = _whole(begin), set[str]()
        self._stored = StoredChains(self._swarm.redis, self._swarm.tenure.held_chains)
        self._stored.put(begin, _REQUEST)

    def play(self) -> Played:
        """From its beginning to its end.

        Raises:
            RecordingError: when it is damaged.
        """
        try:
            self._swarm.stream(self._answer).run(self._is_over)
            self._read_streams()
            return Played(
                self._stored.read(self._swarm.settings.symbols),
                self._changes.entries,
                self._changes.text,
                self._feed.status().frames,
                self._done,
                self._events.entries,
                self._events.text,
                self._judged,
                self._unplayed,
            )
        finally:
            self._swarm.market.close()
            self._swarm.redis.close()

    def _in_order(self) -> Iterator[Entry]:
        """All entries, each deed at the moment at which the store took it; what the first chains hold already is left out."""
        deeds = [deed for deed in self._recording.deeds() if deed.effect_us > self._begun_us]
        others = (entry for entry in self._recording.entries() if not isinstance(entry, Head | Deed))
        yield from heapq.merge(others, deeds, key=_moment_us)

    def _answer(self, symbol: str, reason: LoadReason, request: str) -> None:
        """The stream asks for a load, which was recorded where it was made, and is played at its moment.

        Not so the first: the chains of the beginning were read between two frames, so that nothing was missed. And where no
        update can be missing and it has to ask again, none was made, as the recorded stream did not need it.
        """
        del request
        is_needless = symbol in self._whole or symbol in self._asked
        if reason == "audit" and is_needless:
            self._whole.discard(symbol)
            self._asked.discard(symbol)
            self._stored.announce(symbol)
        else:
            self._asked.add(symbol)

    def _is_over(self) -> bool:
        """Between two turns of the stream: what was done meanwhile is done, and what the feed holds is read."""
        deeds, self._deeds = self._deeds, []
        for deed in deeds:
            self._do(deed)
        self._turns += 1
        if deeds or self._turns % _READ_EVERY == 0:
            self._read_streams()
        self._manner.reached(self._clock.now_ms())
        return self._feed.is_over

    def _take(self, entry: Entry) -> None:
        match entry:
            case Exchange():
                self._answers.add(entry)
            case Deed(failed=""):
                self._deeds.append(entry)
            case _:
                pass

    def _do(self, deed: Deed) -> None:
        swarm, told = self._swarm, deed.arguments
        try:
            match deed.name:
                case "load":
                    swarm.load_chain(**told, request=_REQUEST, progress=_no_progress)
                    self._asked.discard(told["symbol"])
                case "extend":
                    swarm.extend_chain(**told, progress=_no_progress)
                case "tick":
                    for symbol in swarm.tick(told["slot"], lambda _symbol: None).symbols:
                        self._judged += swarm.evaluate(symbol).judged
                case "audit":
                    swarm.audit()
                case "poll":
                    failed = swarm.poller.poll_symbol(told["symbol"]).failed
                    self._unplayed += [f"poll {symbol}: {error}" for symbol, error in failed.items()]
                case "roll":
                    swarm.roll(_no_load)
            self._done += 1
        except MarketSwarmError as error:
            self._unplayed.append(f"{deed.name} {told.get('symbol', '')}".strip() + f": {error}")

    def _read_streams(self) -> None:
        self._changes.read(self._swarm.redis)
        self._events.read(self._swarm.redis)


def play(recording: Recording, manner: Manner = AT_ONCE) -> Played:
    """Play a recording on an embedded server of its own.

    Raises:
        RecordingError: when it cannot be read.
        SettingsError: when the thresholds cannot be used.
        SupervisorError: when no server is installed, or it does not start.
    """
    with lent_server() as url:
        return Player(recording, url, manner).play()


def replay_settings(session: Session, redis_url: str, thresholds: Path | None = None) -> Settings:
    """The settings of a replay: those of the recording, on that server, marked as the recording is.

    Raises:
        SettingsError: when the thresholds cannot be used.
    """
    given = dict(session.settings) | {
        "MARKETSWARM_REDIS_URL": redis_url,
        "MARKETSWARM_SOURCE": session.source,
    }
    given |= {"MARKETSWARM_SYMBOLS": ",".join(session.symbols), "MASSIVE_REST_URL": "http://127.0.0.1:1"}
    if thresholds is not None:
        given["MARKETSWARM_VIGIL_THRESHOLDS"] = str(thresholds)
    return check_thresholds(Settings.load(given=given))


def _whole(begin: Snapshots) -> set[str]:
    """The symbols all of whose chains could be trusted when they were read."""
    wanting = {one.symbol for one in begin.chains if one.meta.get("state") in {None, "loading", "gap"}}
    return {one.symbol for one in begin.chains} - wanting


def _clock(now_ms: int, speed: float | None) -> ManualClock:
    return ManualClock(now_ms) if speed is None else PacedClock(now_ms, speed)


def _moment_us(entry: Entry) -> int:
    return entry.effect_us if isinstance(entry, Deed) else entry.at_us


def _no_progress(_step: str, _done: int, _total: int) -> None:
    pass


def _no_load(symbol: str, *, ahead: bool) -> None:
    del symbol, ahead


def recorded_end(folder: Path) -> Snapshots:
    """The chains as they were stored at the recording's end.

    Raises:
        RecordingError: when none were written: the process that streamed was killed.
    """
    end = read_snapshots(folder, "end")
    if end is None:
        raise RecordingError(str(folder), "holds no chains of its end, so there is nothing to compare with")
    return end
