"""The parts' logs."""

import os
from pathlib import Path

import pytest

from marketswarm.supervisor import logs
from marketswarm.supervisor.logs import PartLog


def write(log: PartLog, text: str) -> None:
    """Start a part that writes this and ends."""
    file = log.open()
    os.write(file, text.encode())
    os.close(file)


def test_three_earlier_runs_are_kept(tmp_path: Path) -> None:
    """The newest earlier run is `.1`, and there are never more than three."""
    for run in range(6):
        log = PartLog(tmp_path, "beat")
        log.rotate()
        write(log, f"run {run}")
    kept = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert kept == {"beat.log": "run 5", "beat.log.1": "run 4", "beat.log.2": "run 3", "beat.log.3": "run 2"}


def test_readiness_sees_only_the_present_start(tmp_path: Path) -> None:
    """What a part wrote before it was started again is not taken for news."""
    log = PartLog(tmp_path, "beat")
    write(log, "ready\n")
    write(log, "again\n")
    assert log.since_start() == "again\n"
    assert log.tail(5) == ["ready", "again"]


def test_a_log_is_for_its_owner_only(tmp_path: Path) -> None:
    """Nobody else can read a log."""
    log = PartLog(tmp_path, "beat")
    write(log, "x")
    assert log.path.stat().st_mode & 0o077 == 0


def test_a_large_log_is_put_aside_under_its_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that grew too large is moved to `.1`, and its writer goes on at the beginning of an empty file."""
    monkeypatch.setattr(logs, "LARGEST_BYTES", 10)
    log = PartLog(tmp_path, "beat")
    file = log.open()
    os.write(file, b"more than ten\n")
    log.trim()
    os.write(file, b"new\n")
    os.close(file)
    log.trim()
    assert log.path.read_text() == "new\n"
    assert (tmp_path / "beat.log.1").read_text() == "more than ten\n"
