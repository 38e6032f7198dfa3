"""What a running `up` tells other programs of the same user: where its server and its simulator are.

The state directory holds a lock file, held for as long as `up` runs, and `running.json`, variable → value in the words of
the settings. A lock cannot be left behind by a killed process, so a stale file is never believed. No secret is written.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from marketswarm.clock import SystemClock
from marketswarm.errors import SettingsError, SupervisorError

_LOCK, _ANNOUNCEMENT = "up.lock", "running.json"
_TRIES, _TRY_AGAIN_S = 5, 0.02


class RunningLock:
    """The right to run on a state directory: one holder at a time, released by the kernel when the process ends."""

    def __init__(self, state_dir: Path) -> None:
        self._dir = state_dir
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            SupervisorError: when another `up` holds it.
            SettingsError: when the directory cannot be made or written.
        """
        with usable_state_dir(self._dir):
            self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._dir / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _lock_patiently(file):
            holder = os.read(file, 32).decode().strip() or "unknown"
            os.close(file)
            raise SupervisorError(
                "up",
                f"already running here (process {holder}, state directory {self._dir}); "
                "set MARKETSWARM_STATE_DIR to another folder for a second one",
            )
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (self._dir / _ANNOUNCEMENT).unlink(missing_ok=True)
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def announce(self, values: Mapping[str, str]) -> None:
        """Say where things are; replaces what was said before, whole."""
        new = self._dir / f"{_ANNOUNCEMENT}.new"
        with usable_state_dir(self._dir):
            new.write_text(json.dumps(dict(values), indent=1))
            new.chmod(0o600)
            new.replace(self._dir / _ANNOUNCEMENT)


@contextmanager
def usable_state_dir(state_dir: Path) -> Iterator[None]:
    """Name the setting when a file or folder of the state directory cannot be made or written.

    Raises:
        SettingsError: instead of the OSError.
    """
    try:
        yield
    except OSError as error:
        allowed = f"a folder that can be made and written ({error.strerror or error}: {error.filename})"
        raise SettingsError("MARKETSWARM_STATE_DIR", str(state_dir), allowed) from error


def read_announcement(state_dir: Path) -> dict[str, str]:
    """What the `up` that runs on this directory announced; empty when none runs."""
    try:
        file = os.open(state_dir / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        if _lock(file, fcntl.LOCK_SH):
            return {}
        return {
            str(name): str(value)
            for name, value in json.loads((state_dir / _ANNOUNCEMENT).read_text()).items()
        }
    except (OSError, ValueError, AttributeError):
        return {}
    finally:
        os.close(file)


def _lock_patiently(file: int) -> bool:
    """Take the lock; a program that only looks whether somebody runs holds it for a moment, and is waited for."""
    clock = SystemClock()
    for _ in range(_TRIES):
        if _lock(file, fcntl.LOCK_EX):
            return True
        clock.sleep(_TRY_AGAIN_S)
    return False


def _lock(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
