"""The machine that the figures are of."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from marketswarm.cores import usable_cores
from tests.support.valkey import server_binaries


def machine(seconds: float | None = None) -> dict[str, Any]:
    """What a figure is worth nothing without; `seconds`: the length of each measurement, where it is not the usual one."""
    return {
        "cpu": _cpu_model(),
        "cores": usable_cores(),
        "system": platform.system(),
        "python": platform.python_version(),
        "server": _server_version(),
        "load": round(os.getloadavg()[0], 1),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": _said("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"),
        "seconds": seconds,
    }


def machine_line(facts: dict[str, Any]) -> str:
    """The same as one line."""
    return f"{name_of(facts)}, {time_of(facts)}"


def name_of(facts: dict[str, Any]) -> str:
    """What stays the same from run to run."""
    return f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}, Python {facts['python']}, {facts['server']}"


def time_of(facts: dict[str, Any]) -> str:
    """What is of one run."""
    length = f"{facts['seconds']:g} s each, " if facts["seconds"] else ""
    return (
        f"{length}load {facts['load']} before the run, {facts['date']}, commit {facts['commit'] or 'unknown'}"
    )


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file() and (found := re.search(r"^model name\s*: (.+)$", info.read_text(), re.MULTILINE)):
        return found[1].strip()
    if platform.system() == "Darwin":
        return _said("sysctl", "-n", "machdep.cpu.brand_string")
    return platform.processor() or platform.machine()


def _server_version() -> str:
    said = _said(server_binaries()["valkey"], "--version")
    found = re.search(r"^(\w+).* v=(\S+)", said)
    return f"{found[1]} {found[2]}" if found else said


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return ""
