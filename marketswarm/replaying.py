"""Plays a recording through the real stages in virtual time, in one process, on a server of its own.

Recorded frames go through the provider's decoder, the conflation and the scripts; recorded answers through the provider's client
into loads, heartbeats and audits, each at the moment at which it ended. No real time is read, and nothing happens beside the one
thread: the same recording gives the same chains and the same feed, byte for byte.
"""

import hashlib
import heapq
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from redis.client import Redis
from redis.exceptions import RedisError

from marketswarm import keys
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.tenure import Tenure
from marketswarm.clock import Clock, ManualClock, SystemClock
from marketswarm.errors import MarketSwarmError, ProviderUnavailable, RecordingError, SupervisorError
from marketswarm.massive.answers import Answer
from marketswarm.massive.rest import MassiveRest
from marketswarm.model.chain import ChainId
from marketswarm.ports import MarketFeed
from marketswarm.recorder.answers import RecordedAnswers
from marketswarm.recorder.entries import Deed, Entry, Exchange, Head
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.replay_feed import ReplayFeed
from marketswarm.recorder.session import Session
from marketswarm.recorder.stored import Snapshots, StoredChains, read_snapshots
from marketswarm.recording_joint import decode_raw
from marketswarm.servers import connect
from marketswarm.settings import Settings
from marketswarm.supervisor.embedded import find_server, free_port, server_command
from marketswarm.wiring import Swarm

_REQUEST: Final = "replay"  # every load is the one that was asked for: none is missing in a recording
_LEASE_MS: Final = 24 * 3600 * 1000  # a slow machine must not lose its rights in the middle
_KEPT_MS: Final = 24 * 3600 * 1000
_START_S: Final = 10.0
_READ_AT_ONCE: Final = 500
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

    @cached_property
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

    @cached_property
    def tenure(self) -> Tenure:
        """Which chains are held."""
        return _ServedAtOnce(self.chains, self.reports, self.clock, expirations=self.settings.expirations)

    def feed(self) -> MarketFeed:
        """The recorded feed."""
        return self._feed

    @cached_property
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


@dataclass(slots=True)
class Played:
    """What came of it.

    Attributes:
        digest: SHA-256 over every entry of `sse:chain-feed`, field by field. `events_digest`: the same of `vigil:events`.
        unplayed: what was done when it was recorded, and could not be done again, with the reason.
    """

    chains: Snapshots
    entries: int
    digest: str
    frames: int
    deeds: int
    events: int = 0
    events_digest: str = ""
    unplayed: list[str] = field(default_factory=list)


class _Digest:
    """A stream's entries so far: how many, and SHA-256 over them, field by field."""

    def __init__(self, stream: str) -> None:
        self.entries = 0
        self._stream = stream
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
            if len(answer) < _READ_AT_ONCE:
                return


class Player:
    """Plays one recording once.

    Args:
        redis_url: an empty server.
    """

    def __init__(self, recording: Recording, redis_url: str) -> None:
        session = recording.session
        begin = read_snapshots(recording.folder, "begin")
        begun_us = recording.start_us()
        self._recording = recording
        self._begun_us = begun_us
        self._clock = ManualClock(begun_us // 1000)
        self._answers = RecordedAnswers()
        self._deeds: list[Deed] = []
        self._changes, self._events = _Digest(keys.CHAIN_FEED), _Digest(keys.VIGIL_EVENTS)
        self._turns = self._done = 0
        self._unplayed: list[str] = []
        self._feed = ReplayFeed(self._in_order(), self._clock, decode_raw, self._take)
        self._swarm = ReplaySwarm(replay_settings(session, redis_url), self._clock, self._feed, self._answers)
        if begin is not None:
            StoredChains(self._swarm.redis, lambda _symbol: ()).put(begin, _REQUEST)

    def play(self) -> Played:
        """From its beginning to its end.

        Raises:
            RecordingError: when it is damaged.
        """
        try:
            self._swarm.stream(lambda _symbol, _reason, _request: None).run(self._is_over)
            self._read_streams()
            chains = StoredChains(self._swarm.redis, self._swarm.tenure.held_chains)
            return Played(
                chains.read(self._swarm.settings.symbols),
                self._changes.entries,
                self._changes.text,
                self._feed.status().frames,
                self._done,
                self._events.entries,
                self._events.text,
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

    def _is_over(self) -> bool:
        """Between two turns of the stream: what was done meanwhile is done, and what the feed holds is read."""
        deeds, self._deeds = self._deeds, []
        for deed in deeds:
            self._do(deed)
        self._turns += 1
        if deeds or self._turns % _READ_EVERY == 0:
            self._read_streams()
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
                case "extend":
                    swarm.extend_chain(**told, progress=_no_progress)
                case "tick":
                    for symbol in swarm.tick(told["slot"], lambda _symbol: None).symbols:
                        swarm.evaluate(symbol)
                case "audit":
                    swarm.audit()
                case "roll":
                    swarm.roll(_no_load)
            self._done += 1
        except MarketSwarmError as error:
            self._unplayed.append(f"{deed.name} {told.get('symbol', '')}".strip() + f": {error}")

    def _read_streams(self) -> None:
        self._changes.read(self._swarm.redis)
        self._events.read(self._swarm.redis)


def play(recording: Recording) -> Played:
    """Play a recording on an embedded server of its own.

    Raises:
        RecordingError: when it cannot be read.
        SupervisorError: when no server is installed, or it does not start.
    """
    with _own_server() as url:
        return Player(recording, url).play()


def replay_settings(session: Session, redis_url: str) -> Settings:
    """The settings of a replay: those of the recording, on that server, marked as the recording is."""
    given = dict(session.settings) | {
        "MARKETSWARM_REDIS_URL": redis_url,
        "MARKETSWARM_SOURCE": session.source,
    }
    given |= {"MARKETSWARM_SYMBOLS": ",".join(session.symbols), "MASSIVE_REST_URL": "http://127.0.0.1:1"}
    return Settings.load(given=given)


@contextmanager
def _own_server() -> Iterator[str]:
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with tempfile.TemporaryDirectory(prefix="marketswarm-replay-") as folder:
        command = server_command(find_server(), port, Path(folder))
        server = _started(command, url)
        try:
            yield url
        finally:
            server.kill()
            server.wait()


def _started(command: Sequence[str], url: str) -> "subprocess.Popen[bytes]":
    """A server that answers."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    client, clock = connect(url), SystemClock()
    until_s = clock.monotonic_s() + _START_S
    while server.poll() is None and clock.monotonic_s() < until_s:
        try:
            client.ping()
        except RedisError:
            clock.sleep(0.02)
        else:
            client.close()
            return server
    server.kill()
    server.wait()
    raise SupervisorError("server", f"{command[0]} does not start for a replay")


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
