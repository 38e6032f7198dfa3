"""`marketswarm vigil rehearse`: table and document, thresholds of one's own, what is refused, and an interrupt."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

SHORT = "jump after the open"
REHEARSE = ("vigil", "rehearse", "--jobs", "1", "--seeds", "2")


def test_a_table_for_people(cli):
    """A row a kind of label: how many were found, how fast, and what was claimed."""
    done = cli(*REHEARSE, SHORT)
    assert (done.code, done.err) == (0, "")
    titles, row = done.out.splitlines()[:2]
    assert titles.split() == [
        "case",
        "seeds",
        "label",
        "found",
        "recall",
        "after",
        "claims",
        "events",
        "a",
        "seed",
    ]
    assert re.search(r"jump after the open +2 +jump +2 of 2 +1\.000 +\d+ s +spot_jump 2", row)
    assert "\x1b" not in done.out


def test_a_document_for_programs(cli):
    """The same as JSON, a case an entry, in the order that was asked for."""
    done = cli(*REHEARSE, "roll", SHORT, "--json")
    roll, jump = json.loads(done.out)
    assert (roll["case"], jump["case"], jump["scenario"], jump["seeds"]) == ("roll", SHORT, "jump", 2)
    assert jump["labels"]["jump"]["promised"] == 2
    assert jump["labels"]["jump"]["recall"] == 1.0
    assert jump["labels"]["jump"]["missed"] == []
    assert jump["claims"]["spot_jump"] >= 2
    assert not jump["is_quiet"]


def test_processes_find_what_one_finds(cli):
    """How the work is divided changes nothing."""
    alone = cli(*REHEARSE, SHORT, "--json")
    divided = cli("vigil", "rehearse", "--jobs", "2", "--seeds", "2", SHORT, "--json")
    assert (divided.code, divided.out) == (0, alone.out)


def test_thresholds_of_ones_own_change_the_outcome(cli, tmp_path):
    """A jump that is never large enough is missed, by every seed."""
    (tmp_path / "mine.toml").write_text("[jump]\nticks = 100\ntick = 10\n")
    done = cli(*REHEARSE, SHORT, "--json", "--thresholds", "mine.toml")
    assert done.code == 0, done.err
    (jump,) = json.loads(done.out)
    assert (jump["labels"]["jump"]["recall"], jump["labels"]["jump"]["missed"]) == (0.0, [1, 2])
    assert jump["labels"]["jump"]["delay_s"] is None


def test_a_case_that_there_is_not(cli):
    """Exit code 2, and which there are."""
    done = cli("vigil", "rehearse", "rol")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("marketswarm: case is 'rol'; allowed: quiet day, ")


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "a file that can be read"), ("[jumps]\n", "the detector is 'jumps'"), ("[jump", "a TOML file")],
)
def test_a_file_that_cannot_be_used(cli, tmp_path, text, said):
    """Exit code 2, one line, before anything is played: all seeds of all cases would take hours."""
    if text is not None:
        (tmp_path / "mine.toml").write_text(text)
    done = cli("vigil", "rehearse", "--seeds", "10000", "--thresholds", "mine.toml")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


@pytest.mark.parametrize("words", [("--seeds", "0"), ("--jobs", "0"), ("--seeds", "x")])
def test_wrong_use_is_two(cli, words):
    """No seed, no process, no number."""
    assert cli("vigil", "rehearse", *words).code == 2


def started(*words):
    """The command as a process, in a group of its own as a shell makes it, once it has begun to play."""
    command = subprocess.Popen(
        [sys.executable, "-m", "marketswarm", "vigil", "rehearse", "quiet day", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    workers = []
    give_up = time.monotonic() + 60
    busy = 0
    while busy < 2 and time.monotonic() < give_up:  # of the two that play, beside Python's own tracker
        time.sleep(0.05)
        workers = psutil.Process(command.pid).children()
        busy = sum(one.cpu_times().user > 0.5 for one in workers)
    assert busy >= 2
    return command, workers


@pytest.mark.processes
@pytest.mark.parametrize(("end", "by"), [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)])
def test_an_interrupt_ends_all_with_what_was_played(end, by):
    """Ctrl-C reaches every process of the group, a time limit only the first: one line, the table, exit code 130, nobody left."""
    command, workers = started("--seeds", "50", "--jobs", "2")
    end(command.pid, by)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 130, err
    assert re.fullmatch(r"interrupted: \d+ of 50 rehearsals were played\n", err)
    assert "quiet day" in out
    assert not psutil.wait_procs(workers, timeout=30)[1]


@pytest.mark.processes
def test_nobody_outlives_a_command_that_was_killed():
    """Processes whose parent is gone end themselves."""
    command, workers = started("--seeds", "50", "--jobs", "2")
    command.kill()
    command.communicate(timeout=60)
    assert not psutil.wait_procs(workers, timeout=60)[1]
