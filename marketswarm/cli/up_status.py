"""The symbols' status while `up` runs, read in a thread: a store that hangs must not keep the supervisor from its work."""

import threading

from rich.console import RenderableType
from rich.text import Text

from marketswarm.clock import Clock
from marketswarm.settings import Settings

_EACH_S = 1.0


class StatusReader:
    """Gives the last status that was read; the first call starts the reading, one a second."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._latest: RenderableType = Text("")
        self._thread: threading.Thread | None = None

    def __call__(self) -> RenderableType:
        """The last status as a table."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._read_on, name="status", daemon=True)
            self._thread.start()
        return self._latest

    def _read_on(self) -> None:
        # Imported here: all stages come with it, and the parts start sooner without waiting for that.
        from marketswarm.cli.status_view import render_status  # noqa: PLC0415
        from marketswarm.wiring import Swarm  # noqa: PLC0415

        swarm = Swarm(self._settings, self._clock)
        while True:
            self._latest = render_status(swarm)
            self._clock.sleep(_EACH_S)
