"""What a running `up` announces, and the lock that proves it runs."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from marketswarm.announcement import RunningLock, read_announcement
from marketswarm.errors import SettingsError, SupervisorError

VALUES = {"MARKETSWARM_REDIS_URL": "redis://127.0.0.1:4711/0", "MARKETSWARM_SYMBOLS": "SPX,SPY"}
HOLDER = """
import sys, time
from pathlib import Path
from marketswarm.announcement import RunningLock
with RunningLock(Path(sys.argv[1])) as lock:
    lock.announce({"MARKETSWARM_SYMBOLS": "QQQ"})
    print("held", flush=True)
    time.sleep(60)
"""


def holder(state_dir: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock and has announced."""
    started = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state_dir)], stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "held\n"
    return started


def test_what_is_announced_can_be_read(tmp_path: Path) -> None:
    """While `up` runs, others read what it announced last; a new announcement replaces the old one whole."""
    with RunningLock(tmp_path) as lock:
        assert read_announcement(tmp_path) == {}
        lock.announce({"MARKETSWARM_HTTP_PORT": "1"})
        lock.announce(VALUES)
        assert read_announcement(tmp_path) == VALUES
    assert read_announcement(tmp_path) == {}
    assert not (tmp_path / "running.json").exists()


def test_nothing_is_announced_where_nobody_ever_ran(tmp_path: Path) -> None:
    """A missing state directory announces nothing, and looking does not make one."""
    assert read_announcement(tmp_path / "none") == {}
    assert not (tmp_path / "none").exists()


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    """While one `up` runs, another is refused in one line with the first one's process and the way out."""
    with (
        RunningLock(tmp_path),
        pytest.raises(SupervisorError, match=rf"process {os.getpid()}.*MARKETSWARM_STATE_DIR") as caught,
        RunningLock(tmp_path),
    ):
        pass
    assert "\n" not in str(caught.value)
    with RunningLock(tmp_path):
        pass


def test_a_refused_holder_leaves_the_first_alone(tmp_path: Path) -> None:
    """A refused `up` takes nothing away: what the first one announced still stands."""
    with RunningLock(tmp_path) as lock:
        lock.announce(VALUES)
        with pytest.raises(SupervisorError):
            RunningLock(tmp_path).__enter__()
        assert read_announcement(tmp_path) == VALUES


def test_a_left_behind_file_is_not_believed(tmp_path: Path) -> None:
    """What a killed `up` left behind is read by nobody, and the next `up` starts at once."""
    killed = holder(tmp_path)
    assert read_announcement(tmp_path) == {"MARKETSWARM_SYMBOLS": "QQQ"}
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert (tmp_path / "running.json").exists()
    assert read_announcement(tmp_path) == {}
    with RunningLock(tmp_path) as lock:
        lock.announce(VALUES)
        assert read_announcement(tmp_path) == VALUES


def test_a_look_does_not_refuse_a_start(tmp_path: Path) -> None:
    """Somebody who looks at the moment of a start is waited for."""
    with RunningLock(tmp_path):
        pass
    looking = os.open(tmp_path / "up.lock", os.O_RDWR)
    fcntl.flock(looking, fcntl.LOCK_SH)
    threading.Timer(0.03, os.close, [looking]).start()
    with RunningLock(tmp_path) as lock:
        lock.announce(VALUES)
        assert read_announcement(tmp_path) == VALUES


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_a_damaged_announcement_is_none(tmp_path: Path, content: str) -> None:
    """A file that holds no announcement counts as none."""
    with RunningLock(tmp_path):
        (tmp_path / "running.json").write_text(content)
        assert read_announcement(tmp_path) == {}


def test_the_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """Nobody else can read the state directory's files."""
    state_dir = tmp_path / "deep" / "state"
    with RunningLock(state_dir) as lock:
        lock.announce(VALUES)
        modes = {file.name: file.stat().st_mode & 0o777 for file in state_dir.iterdir()}
    assert modes == {"up.lock": 0o600, "running.json": 0o600}
    assert state_dir.stat().st_mode & 0o777 == 0o700


def test_children_do_not_inherit_the_lock(tmp_path: Path) -> None:
    """A child that outlives `up` does not hold its lock."""
    with RunningLock(tmp_path):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    try:
        with RunningLock(tmp_path):
            assert child.poll() is None
    finally:
        child.communicate(b"\n")


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    """A state directory that cannot be made or written is told as its variable, not as an OSError."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SettingsError, match="MARKETSWARM_STATE_DIR"),
        RunningLock(tmp_path / "file" / "state"),
    ):
        pass
