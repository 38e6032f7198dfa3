"""Programs started for a measurement, and ended with it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_STOP_S = 30.0


def environment(**more: str) -> dict[str, str]:
    """The present one without any setting of the project, and with what is given."""
    ours = ("MASSIVE_", "MARKETSWARM_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


@contextmanager
def started(
    command: Sequence[str], log: Path, env: Mapping[str, str], how: signal.Signals = signal.SIGTERM
) -> Iterator[subprocess.Popen[bytes]]:
    """A program for the time of the block: asked to stop, then killed if it does not."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            command, env=dict(env), stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        process.send_signal(how)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(what: str, holds: Callable[[], bool], patience_s: float, look_s: float = 0.005) -> float:
    """Wait until something holds; seconds that it took.

    Raises:
        TimeoutError: when it never does.
    """
    began_s = time.perf_counter()
    while not holds():
        if time.perf_counter() - began_s > patience_s:
            raise TimeoutError(f"{what} did not come about in {patience_s:g} s")
        time.sleep(look_s)
    return time.perf_counter() - began_s
