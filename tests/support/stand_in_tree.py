"""A supervised tree of small stand-in parts: `python stand_in_tree.py STATE_DIR JSON`.

The JSON is a list of parts: `name`, `kind` (a function below), `after`, `patience`. Each part writes what happens to it to
the file `journal` of the state directory, one line each. Exit code 0 after a clean stop, 1 when a part failed.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from marketswarm.clock import SystemClock
from marketswarm.supervisor.member import Member
from marketswarm.supervisor.part import LogLine, Part, Patience
from marketswarm.supervisor.process import SystemProcesses
from marketswarm.supervisor.supervisor import Supervisor


def _note(state_dir: Path, line: str) -> None:
    with (state_dir / "journal").open("a") as journal:
        journal.write(f"{line}\n")


def good(state_dir: Path, name: str) -> None:
    """Get ready, run until asked to stop, take a moment for it."""

    def stop(_number: int, _frame: object) -> None:
        time.sleep(0.1)
        _note(state_dir, f"stopped {name}")
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    time.sleep(0.1)
    _note(state_dir, f"ready {name} {os.getpid()}")
    print("here I am, ready", flush=True)
    while True:
        time.sleep(0.05)


def stubborn(state_dir: Path, name: str) -> None:
    """Get ready and hear no signal; a child of its own does the same."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    _note(state_dir, f"ready {name} {os.getpid()}")
    _note(state_dir, f"child {name} {child.pid}")
    print("here I am, ready", flush=True)
    while True:
        time.sleep(0.05)


def broken(state_dir: Path, name: str) -> None:
    """End before being ready."""
    _note(state_dir, f"broken {name}")
    sys.exit("a wheel came off")


def fragile(state_dir: Path, name: str) -> None:
    """Get ready, and end soon after."""
    _note(state_dir, f"ready {name} {os.getpid()}")
    print("here I am, ready", flush=True)
    time.sleep(0.2)
    sys.exit(3)


def silent(state_dir: Path, name: str) -> None:
    """Never get ready."""
    _note(state_dir, f"silent {name}")
    time.sleep(300)


def _part(state_dir: Path, said: dict[str, Any]) -> Part:
    return Part(
        name=said["name"],
        argv=(sys.executable, __file__, str(state_dir), said["name"], said["kind"]),
        readiness=LogLine("I am, ready"),
        env=dict(os.environ),
        after=tuple(said.get("after", ())),
        patience=Patience(**said.get("patience", {})),
    )


def _supervise(state_dir: Path, parts: list[dict[str, Any]]) -> int:
    def changed(member: Member) -> None:
        _note(state_dir, f"{member.state} {member.part.name}")

    supervisor = Supervisor(
        [_part(state_dir, said) for said in parts],
        SystemProcesses(state_dir / "logs"),
        SystemClock(),
        on_change=changed,
    )
    failure = supervisor.run()
    if failure is not None:
        print(failure.part, failure.detail, *failure.last_words, sep="\n", file=sys.stderr)
    return 0 if failure is None else 1


if __name__ == "__main__":
    where = Path(sys.argv[1])
    if len(sys.argv) == 3:
        sys.exit(_supervise(where, json.loads(sys.argv[2])))
    globals()[sys.argv[3]](where, sys.argv[2])
