"""The process that outlives a killed supervisor for as long as it takes to end what that one had started.

It reads lines from its standard input, a pipe: `+PID` for a part that started, `-PID` for one that ended. The kernel closes
the pipe when the supervisor ends, however it ends; whatever is still on the list is then asked to stop and, a little
later, killed with its whole process group. It takes nothing that only Linux has, and parts may be started from any thread.

A part writes its own `+PID` before it becomes the part (see `process`), so none can be started and not be on the list.
"""

import os
import signal
import sys
from collections.abc import Iterable

from marketswarm.clock import Clock, SystemClock

GRACE_S = 4.0
_POLL_S = 0.05


def read_list(lines: Iterable[str]) -> list[int]:
    """Which parts are alive when the lines end, in the order in which they started."""
    alive: dict[int, None] = {}
    for line in lines:
        sign, number = line[:1], line[1:].strip()
        if sign == "+" and number.isdigit():
            alive[int(number)] = None
        elif sign == "-" and number.isdigit():
            alive.pop(int(number), None)
    return list(alive)


def end_all(parts: list[int], clock: Clock) -> None:
    """Ask the parts to stop, the last one first; kill the groups of those that do not within `GRACE_S` seconds."""
    for pid in reversed(parts):
        _send(pid, signal.SIGTERM)
    give_up_s = clock.monotonic_s() + GRACE_S
    left = [pid for pid in parts if _runs(pid)]
    while left and clock.monotonic_s() < give_up_s:
        clock.sleep(_POLL_S)
        left = [pid for pid in left if _runs(pid)]
    for pid in parts:
        kill_group(pid)


def kill_group(leader: int) -> None:
    """Kill what is left of a part's process group, if anything is."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS says EPERM for a group of nothing but zombies
        return


def _runs(pid: int) -> bool:
    return _send(pid, 0)


def _send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    """Wait for the end of the supervisor, then end its parts."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_all(read_list(sys.stdin), SystemClock())


if __name__ == "__main__":
    main()
