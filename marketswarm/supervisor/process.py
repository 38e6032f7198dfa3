"""Real processes: each part in a session of its own, its output in its log, on the leash from its first moment.

A session of its own keeps the terminal's Ctrl-C away from the parts: the supervisor alone decides who stops when.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from marketswarm.announcement import usable_state_dir
from marketswarm.supervisor.leash import kill_group
from marketswarm.supervisor.logs import PartLog
from marketswarm.supervisor.part import Part

# The shell writes its process number to the leash's pipe and becomes the part, which keeps that number.
_JOIN_LEASH: Final = ("/bin/sh", "-c", 'echo "+$$" >&0 && exec "$@" </dev/null', "leash")
_LEASH_END_S: Final = 2.0
_LEASH_NEEDS: Final = ("PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL")


class Child(Protocol):
    """A process as the supervisor sees it."""

    pid: int

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        ...

    def ask_to_stop(self) -> None:
        """Send the part's stop signal."""
        ...

    def kill(self) -> None:
        """End the process and its group at once."""
        ...


class Processes(Protocol):
    """Where processes come from."""

    def spawn(self, part: Part) -> Child:
        """Start the part."""
        ...

    def log(self, part: Part) -> PartLog:
        """Where the part's output goes."""
        ...

    def look_after(self) -> None:
        """Do what has to be done now and then, about once a second."""
        ...

    def close(self) -> None:
        """Say that no part is left."""
        ...


class Leash:
    """The supervisor's end of the pipe to `supervisor.leash`, which ends the parts if the supervisor cannot."""

    def __init__(self) -> None:
        # Both ends stay open here: with the reading end open, a part can join while a killed leash is replaced.
        self._reading, self.joining = os.pipe()
        self._on_it: dict[int, None] = {}
        self._process = self._start()

    def add(self, pid: int) -> None:
        """Remember a part that has joined by itself."""
        self._on_it[pid] = None

    def remove(self, pid: int) -> None:
        """A part has ended: its number may soon belong to somebody else."""
        if pid in self._on_it:
            del self._on_it[pid]
            os.write(self.joining, f"-{pid}\n".encode())

    def renew(self) -> None:
        """Replace the leash if somebody killed it, and tell the new one who is on it."""
        if self._process.poll() is None:
            return
        self._process = self._start()
        os.write(self.joining, "".join(f"+{pid}\n" for pid in self._on_it).encode())

    def close(self) -> None:
        """Let go. Whatever is still on the leash is ended by it."""
        os.close(self.joining)
        os.close(self._reading)
        try:
            self._process.wait(_LEASH_END_S)
        except subprocess.TimeoutExpired:
            return

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "marketswarm.supervisor.leash"],
            stdin=self._reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _LEASH_NEEDS if name in os.environ},
            start_new_session=True,
        )


class PartProcess:
    """One running part."""

    def __init__(self, part: Part, process: subprocess.Popen[bytes], leash: Leash) -> None:
        self.pid = process.pid
        self._part = part
        self._process = process
        self._leash = leash

    def poll(self) -> int | None:
        """The exit code, None while it runs. Children that outlive their part are ended with it."""
        code = self._process.poll()
        if code is not None:
            kill_group(self.pid)
            self._leash.remove(self.pid)
        return code

    def ask_to_stop(self) -> None:
        """Send the part's stop signal, to the part alone: it knows how to end its own children."""
        self._process.send_signal(self._part.stop_signal)

    def kill(self) -> None:
        """End the process and its group at once."""
        if self._process.poll() is None:
            kill_group(self.pid)


class SystemProcesses:
    """Starts parts on this machine, logs in one directory."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._logs: dict[str, PartLog] = {}
        self._leash = Leash()

    def spawn(self, part: Part) -> PartProcess:
        """Start the part.

        Raises:
            OSError: when the machine refuses another process.
            SettingsError: when its log cannot be written.
        """
        log = self.log(part)
        with usable_state_dir(self._log_dir.parent):
            output = log.open()
        try:
            process = subprocess.Popen(  # noqa: S603  (the argv is ours)
                [*_JOIN_LEASH, *part.argv],
                stdin=self._leash.joining,
                stdout=output,
                stderr=output,
                env=_with_path(part.env),
                start_new_session=True,
            )
        finally:
            os.close(output)
        self._leash.add(process.pid)
        return PartProcess(part, process, self._leash)

    def log(self, part: Part) -> PartLog:
        """The part's log; what an earlier run left there is put aside first."""
        if part.name not in self._logs:
            self._logs[part.name] = PartLog(self._log_dir, part.name)
            with usable_state_dir(self._log_dir.parent):
                self._logs[part.name].rotate()
        return self._logs[part.name]

    def look_after(self) -> None:
        """Keep the logs bounded and the leash alive."""
        self._leash.renew()
        for log in self._logs.values():
            log.trim()

    def close(self) -> None:
        """Say that no part is left."""
        self._leash.close()


def _with_path(env: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.defpath, **env}
