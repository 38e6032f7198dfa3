"""Looks about once a second whether this process is asked to record, and begins and ends it."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from socket import gethostname
from typing import Any, Final
from uuid import uuid4

import structlog
from redis.exceptions import RedisError

from marketswarm.clock import Clock
from marketswarm.errors import MarketSwarmError, RecordingError
from marketswarm.recorder.orders import Order, RecordingOrders
from marketswarm.recorder.session import read_session
from marketswarm.recorder.stored import Snapshots, StoredChains, Which, write_snapshots
from marketswarm.recorder.tap import Recorder
from marketswarm.recorder.writer import Tally

log = structlog.get_logger("marketswarm.recorder")

LOOK_S: Final = 1.0
_SETTLE_S: Final = 5.0
_FORGET_S: Final = 15.0  # a store that is away for longer takes the recording with it

Act = Callable[[Sequence[str]], None]
"""What is done between two frames, told which symbols the process streams."""


class Attendant:
    """Joins the order to this process's recorder.

    Args:
        has_stream: whether this process streams.
        between_frames: has its stream do something when all that came before is written.
        settings: variable → value of what a replay must share.
    """

    def __init__(
        self,
        orders: RecordingOrders,
        recorder: Recorder,
        chains: StoredChains,
        clock: Clock,
        *,
        has_stream: Callable[[], bool] = lambda: False,
        between_frames: Callable[[Act], None] = lambda _act: None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._orders = orders
        self._recorder = recorder
        self._chains = chains
        self._clock = clock
        self._has_stream = has_stream
        self._between_frames = between_frames
        self._settings = dict(settings or {})
        self._under_way: Order | None = None
        self._refused: str | None = None
        self._seen_s = clock.monotonic_s()
        self._part = f"{gethostname()}:{os.getpid()}"

    def run(self, stopping: threading.Event, is_needed: Callable[[], bool] = lambda: True) -> None:
        """Look until told to stop, or needed no more, then end what is under way."""
        try:
            while not stopping.wait(LOOK_S) and is_needed():
                self.look()
        finally:
            self.leave()

    def look(self) -> None:
        """Look once."""
        try:
            order = self._orders.read()
            self._seen_s = self._clock.monotonic_s()
            self._follow(order)
        except RedisError as error:
            log.warning("no word about recording", error=str(error))
            if self._clock.monotonic_s() - self._seen_s > _FORGET_S:
                self.leave()

    def leave(self) -> None:
        """End what is under way."""
        try:
            self._end()
        except RedisError as error:
            log.warning("recording ended without a word", error=str(error))

    def _follow(self, order: Order | None) -> None:
        asked = order.id if order is not None else None
        if self._under_way is not None and asked != self._under_way.id:
            self._end()
        if order is not None and self._under_way is None and asked != self._refused:
            if order.frames or not self._has_stream():
                self._begin(order)
            else:
                self._tell(order, "waiting")
        if self._under_way is not None:
            failure = self._recorder.tally.failure
            self._tell(self._under_way, "failed" if failure else "recording", failure)

    def _begin(self, order: Order) -> None:
        folder = Path(order.path)
        try:
            if read_session(folder).id != order.id:
                raise RecordingError(order.path, "the folder holds another recording")
            name = f"part-{self._clock.now_ms()}-{os.getpid()}-{uuid4().hex[:4]}.rec"
            self._recorder.open(folder / name, self._part)
        except (MarketSwarmError, OSError) as error:
            log.warning("not recorded", error=str(error))
            self._refused = order.id
            self._tell(order, "failed", f"{gethostname()} cannot write there: {error}")
            return
        self._under_way = order
        self._cut(order, "begin")
        log.info("recording", path=order.path)

    def _end(self) -> None:
        order, self._under_way = self._under_way, None
        if order is None:
            return
        self._cut(order, "end")
        tally = self._recorder.close()
        log.info("recorded", path=order.path, frames=tally.frames, exchanges=tally.exchanges)
        self._tell(order, "failed" if tally.failure else "ended", tally.failure, tally)

    def _cut(self, order: Order, which: Which) -> None:
        """Begin or end between two frames, with the chains as they are stored then; at once without a stream."""
        found: list[Snapshots] = []
        done = threading.Event()

        def act(symbols: Sequence[str]) -> None:
            try:
                self._recorder.cut(which, symbols)
                found.append(self._chains.read(symbols))
            finally:
                done.set()

        if not self._has_stream():
            self._recorder.cut(which, ())
            return
        self._between_frames(act)
        if not done.wait(_SETTLE_S):
            log.warning("chains not read", which=which)
            self._recorder.cut(which, ())
        if found:
            try:
                write_snapshots(Path(order.path), which, found[0], self._recorder.hide)
            except (OSError, RecordingError) as error:
                log.warning("chains not written", which=which, error=str(error))

    def _tell(self, order: Order, state: str, detail: str = "", tally: Tally | None = None) -> None:
        now = tally or self._recorder.tally
        told: dict[str, Any] = {
            "id": order.id,
            "state": state,
            "frames": now.frames,
            "exchanges": now.exchanges,
            "bytes": now.bytes,
            "unrecorded": now.unrecorded,
            "detail": detail,
            "settings": self._settings,
            "ts": self._clock.now_ms(),
        }
        self._orders.tell(self._part, told)
