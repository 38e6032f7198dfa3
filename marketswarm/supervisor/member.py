"""One part under supervision: its life, joined to its process."""

from marketswarm.clock import Clock
from marketswarm.supervisor.lifecycle import ENDED, Action, Event, Lifecycle, State
from marketswarm.supervisor.part import Part
from marketswarm.supervisor.process import Child, Processes
from marketswarm.supervisor.readiness import is_ready


class Member:
    """A part, what it does now and what became of it.

    Attributes:
        starts: how often it was started.
        detail: why it last ended, in words; empty while it has not.
        ready_after_s: how long the last successful start took.
    """

    def __init__(self, part: Part, processes: Processes, clock: Clock) -> None:
        self.part = part
        self.starts = 0
        self.detail = ""
        self.ready_after_s: float | None = None
        self.was_ready = False
        self._processes = processes
        self._clock = clock
        self._life = Lifecycle(part.patience)
        self._child: Child | None = None
        self._started_s = 0.0

    @property
    def state(self) -> State:
        """Where it is in its life."""
        return self._life.state

    @property
    def pid(self) -> int | None:
        """Its process, None while it has none."""
        return self._child.pid if self._child is not None else None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED or self.state is State.WAITING

    def start(self) -> None:
        """Start it for the first time."""
        self._act(self._life.on(Event.START, self._clock.monotonic_s()))

    def stop(self, hurry: bool = False) -> None:
        """Ask it to stop; in a hurry it is killed a second later."""
        event = Event.HURRY if hurry else Event.STOP
        self._act(self._life.on(event, self._clock.monotonic_s()))

    def look(self) -> None:
        """See what happened to the process since the last look, and what time demands."""
        now_s = self._clock.monotonic_s()
        code = self._child.poll() if self._child is not None else None
        if code is not None:
            self._child = None
            self.detail = self._why(code)
            self._act(self._life.ended(now_s))
        elif self.state is State.STARTING and self._child is not None and self._is_ready():
            self.ready_after_s, self.was_ready = now_s - self._started_s, True
            self._act(self._life.on(Event.BECAME_READY, now_s))
        self._act(self._life.passed(now_s))

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        if self._child is not None:
            self._child.kill()

    def last_words(self, lines: int) -> list[str]:
        """The end of its log."""
        return self._processes.log(self.part).tail(lines)

    def log_path(self) -> str:
        """Where its log is."""
        return str(self._processes.log(self.part).path)

    def _is_ready(self) -> bool:
        return is_ready(self.part.readiness, self._processes.log(self.part))

    def _why(self, code: int) -> str:
        if self._overdue():
            return f"not ready after {self.part.patience.start_s:g} s"
        return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def _overdue(self) -> bool:
        return (
            self.state is State.STARTING
            and self._clock.monotonic_s() - self._started_s >= self.part.patience.start_s
        )

    def _act(self, action: Action) -> None:
        match action:
            case Action.SPAWN:
                self.starts += 1
                self._started_s = self._clock.monotonic_s()
                self._child = self._processes.spawn(self.part)
            case Action.ASK_TO_STOP if self._child is not None:
                self._child.ask_to_stop()
            case Action.KILL if self._child is not None:
                self._child.kill()
            case _:
                pass
