"""One recording from the command's side: prepares the folder, gives the order, sees how far it is, ends it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from redis.exceptions import RedisError

from marketswarm import __version__
from marketswarm.cli.terminal import own_command
from marketswarm.errors import BadArgument, RecordingError, StoreUnavailable
from marketswarm.recorder.orders import Order
from marketswarm.recorder.session import FILE, Session
from marketswarm.recording_joint import shared_settings
from marketswarm.wiring import Swarm

ANSWER_S: Final = 6.0
END_S: Final = 12.0
LOOK_S: Final = 0.25
_MORE_S: Final = 1.25  # after the first process has answered, the others look, too


@dataclass(frozen=True, slots=True)
class Progress:
    """What the processes have told so far."""

    parts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def total(self, name: str) -> int:
        """The sum of a count over all processes."""
        return sum(int(told.get(name, 0)) for told in self.parts.values())

    @property
    def states(self) -> set[str]:
        """What the processes do: `waiting`, `recording`, `ended`, `failed`."""
        return {str(told.get("state")) for told in self.parts.values()}

    @property
    def failures(self) -> list[str]:
        """Why processes do not record."""
        return [str(told["detail"]) for told in self.parts.values() if told.get("state") == "failed"]

    @property
    def has_ended(self) -> bool:
        """Whether none records any more."""
        return self.states.isdisjoint({"recording", "waiting"})


class RecordingRun:
    """One recording.

    Raises:
        BadArgument: for a folder that cannot be used.
    """

    def __init__(self, swarm: Swarm, folder: Path) -> None:
        self._swarm = swarm
        self._clock = swarm.clock
        self._orders = swarm.recording.orders()
        self.folder = folder.absolute()
        self._was_there = self.folder.is_dir()
        self._order = Order(uuid4().hex, str(self.folder))
        self._begun_s = self._clock.monotonic_s()
        settings = swarm.settings
        self._session = Session(
            id=self._order.id,
            symbols=settings.symbols,
            source=settings.data_source,
            settings=shared_settings(settings),
            begun_ms=self._clock.now_ms(),
            software=__version__,
        )

    def begin(self) -> Progress:
        """Ask for it, and wait until the processes know; those that stream wait for `begin_frames`.

        Raises:
            BadArgument: for a folder that cannot be used.
            RecordingError: when another recording is under way, or nobody can record there.
            StoreUnavailable: when the store does not answer.
        """
        self._prepare()
        try:
            self._order_it()
            return self._wait_for_parts()
        except BaseException:
            self._take_back()
            self._undo()
            raise

    def begin_frames(self) -> None:
        """Let those that stream begin, and wait until they have.

        Raises:
            RecordingError: as `look`.
        """
        self._order = replace(self._order, frames=True)
        until_s = self._clock.monotonic_s() + ANSWER_S
        while "waiting" in self.look().states and self._clock.monotonic_s() < until_s:
            self._clock.sleep(LOOK_S)
        self._begun_s = self._clock.monotonic_s()

    def look(self) -> Progress:
        """Let it go on, and see how far it is.

        Raises:
            RecordingError: when it was ended from elsewhere, or nobody records any more.
        """
        if not self._asked(self._orders.renew, self._order):
            raise RecordingError(str(self.folder), "was ended from elsewhere: its key in Redis has gone")
        progress = self._progress()
        if progress.parts and len(progress.failures) == len(progress.parts):
            raise RecordingError(str(self.folder), progress.failures[0])
        return progress

    def end(self) -> dict[str, Any]:
        """End it, wait until all is written, and say what it came to."""
        self._take_back()
        until_s = self._clock.monotonic_s() + END_S
        progress = self._progress()
        while not progress.has_ended and self._clock.monotonic_s() < until_s:
            self._clock.sleep(LOOK_S)
            progress = self._progress()
        summary = {
            "seconds": round(self.elapsed_s, 1),
            "frames": progress.total("frames"),
            "exchanges": progress.total("exchanges"),
            "bytes": progress.total("bytes"),
            "unrecorded": progress.total("unrecorded"),
            "processes": len(progress.parts),
            "failed": progress.failures,
        }
        replace(self._session, summary=summary).write(self.folder)
        return {"path": str(self.folder), "id": self._order.id, **summary}

    @property
    def elapsed_s(self) -> float:
        """Since frames are recorded."""
        return self._clock.monotonic_s() - self._begun_s

    def _prepare(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if any(self.folder.iterdir()):
                raise BadArgument("PATH", str(self.folder), "a new or an empty folder; this one is not empty")
            self._session.write(self.folder)
        except FileExistsError:
            raise BadArgument("PATH", str(self.folder), "a new or an empty folder; this is a file") from None
        except OSError as error:
            allowed = f"a folder that can be made and written ({error.strerror or error})"
            raise BadArgument("PATH", str(self.folder), allowed) from error

    def _order_it(self) -> None:
        other = self._asked(self._orders.give, self._order)
        if other is not None:
            raise RecordingError(str(self.folder), f"another one is under way, into {other.path}")

    def _wait_for_parts(self) -> Progress:
        until_s, more_s = self._clock.monotonic_s() + ANSWER_S, None
        while True:
            progress = self._progress()
            now_s = self._clock.monotonic_s()
            if progress.parts and more_s is None:
                more_s = now_s + _MORE_S
            if more_s is not None and now_s >= more_s:
                break
            if now_s >= until_s:
                raise RecordingError(
                    str(self.folder), f"no worker has answered; is `{own_command()} up` running?"
                )
            self._clock.sleep(LOOK_S)
        if len(progress.failures) == len(progress.parts):
            raise RecordingError(str(self.folder), progress.failures[0])
        self._share(progress)
        return progress

    def _share(self, progress: Progress) -> None:
        """What matters is how the workers are set, not how we are."""
        told = [part["settings"] for part in progress.parts.values() if part.get("settings")]
        if told:
            self._session = replace(self._session, settings=told[0])
            self._session.write(self.folder)

    def _progress(self) -> Progress:
        return Progress(self._asked(self._orders.told, self._order))

    def _take_back(self) -> None:
        self._asked(self._orders.take_back, self._order)

    def _undo(self) -> None:
        """Leave nothing behind where nothing was recorded."""
        if any(path.name != FILE for path in self.folder.iterdir()):
            return
        (self.folder / FILE).unlink(missing_ok=True)
        if not self._was_there:
            self.folder.rmdir()

    def _asked(self, ask: Any, *words: Any) -> Any:
        try:
            return ask(*words)
        except RedisError as error:
            raise StoreUnavailable(self._swarm.address, str(error)) from error
