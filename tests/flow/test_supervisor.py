"""The supervisor with real processes: small stand-ins for the parts of `up`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.processes

TREE = Path(__file__).parents[1] / "support" / "stand_in_tree.py"
PATIENT_S = 20.0


class Tree:
    """A supervisor of stand-ins, as a process of its own."""

    def __init__(self, state_dir: Path, parts: list[dict[str, Any]]) -> None:
        self.state_dir = state_dir
        self.process = subprocess.Popen(
            [sys.executable, str(TREE), str(state_dir), json.dumps(parts)],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def journal(self) -> list[str]:
        """What happened so far."""
        try:
            return (self.state_dir / "journal").read_text().splitlines()
        except FileNotFoundError:
            return []

    def pids(self) -> list[int]:
        """Every process that a part said it is, or has."""
        return [
            int(line.split()[2])
            for line in self.journal()
            if line.startswith(("ready ", "child ")) and len(line.split()) == 3
        ]

    def wait_for(self, line: str, times: int = 1) -> None:
        """Wait until a line is in the journal that often."""
        wait_until(lambda: sum(seen.startswith(line) for seen in self.journal()) >= times)

    def end(self) -> tuple[int, str]:
        """Exit code and standard error."""
        _, said = self.process.communicate(timeout=PATIENT_S)
        return self.process.returncode, said


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    give_up = time.monotonic() + PATIENT_S
    while not is_so():
        assert time.monotonic() < give_up, "waited too long"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether the process does not run any more."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


Planter = Callable[..., Tree]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Planter]:
    """Start a tree; whatever a failed test leaves running is killed."""
    trees: list[Tree] = []

    def start(*parts: dict[str, Any]) -> Tree:
        trees.append(Tree(tmp_path, list(parts)))
        return trees[-1]

    yield start
    for tree in trees:
        tree.process.kill()
        tree.process.communicate()
        for pid in tree.pids():
            if not gone(pid):
                os.kill(pid, signal.SIGKILL)


def part(name: str, kind: str = "good", *after: str, **patience: float) -> dict[str, Any]:
    """One part, as the stand-in tree reads it."""
    return {"name": name, "kind": kind, "after": after, "patience": patience}


def test_starts_each_after_those_it_needs_and_stops_in_reverse(plant: Planter) -> None:
    """A part starts when those it comes after are ready; SIGINT stops the last first, and the exit code is 0."""
    tree = plant(part("first"), part("second", "good", "first"), part("third", "good", "second"))
    tree.wait_for("ready third", times=2)
    tree.process.send_signal(signal.SIGINT)
    assert tree.end() == (0, "")
    told = [line for line in tree.journal() if len(line.split()) == 2]
    started = [line for line in told if line.startswith(("starting", "ready"))]
    stopped = [line for line in told if line.startswith("stopp")]
    order = ["first", "second", "third"]
    assert started == [f"{state} {name}" for name in order for state in ("starting", "ready")]
    assert list(dict.fromkeys(stopped)) == [
        f"{state} {name}" for name in reversed(order) for state in ("stopping", "stopped")
    ]


def test_parts_that_need_the_same_start_together(plant: Planter) -> None:
    """Two parts that come after the same one are both starting before either is ready."""
    tree = plant(part("below"), part("left", "good", "below"), part("right", "good", "below"))
    for name in ("left", "right"):
        tree.wait_for(f"ready {name}", times=2)
    told = tree.journal()
    assert max(told.index("starting left"), told.index("starting right")) < min(
        told.index("ready left"), told.index("ready right")
    )


def test_a_killed_part_is_started_again(plant: Planter) -> None:
    """A part that is killed is ready again soon, the others run on untouched."""
    tree = plant(part("steady"), part("victim"))
    tree.wait_for("ready steady", times=2)
    tree.wait_for("ready victim", times=2)
    before = tree.pids()
    victim = next(int(line.split()[2]) for line in tree.journal() if line.startswith("ready victim "))
    os.kill(victim, signal.SIGKILL)
    tree.wait_for("ready victim", times=4)
    assert "backoff victim" in tree.journal()
    assert not any(gone(pid) for pid in before if pid != victim)


def test_the_children_of_a_killed_part_end_with_it(plant: Planter) -> None:
    """What a killed part leaves running is ended before the part is started again."""
    tree = plant(part("deaf", "stubborn"))
    tree.wait_for("ready deaf", times=2)
    leader, child = tree.pids()
    os.kill(leader, signal.SIGKILL)
    tree.wait_for("ready deaf", times=4)
    assert gone(child)


def test_a_part_that_never_gets_ready_fails_the_start(plant: Planter) -> None:
    """A part that ends before it is ready is tried twice; then what runs is stopped, and the exit code is 1."""
    tree = plant(part("below"), part("bad", "broken", "below"), part("above", "good", "bad"))
    code, said = tree.end()
    assert code == 1
    assert "bad\nended with exit code 1" in said
    assert "a wheel came off" in said
    assert tree.journal().count("broken bad") == 2
    assert "stopped below" in tree.journal()
    assert not any(line.startswith("starting above") for line in tree.journal())
    assert all(gone(pid) for pid in tree.pids())


def test_a_part_that_keeps_ending_is_given_up(plant: Planter) -> None:
    """The third failure within the window is final where three are allowed, and takes the tree down with exit code 1."""
    tree = plant(part("below"), part("bad", "fragile", "below", failures=3, first_delay_s=0.05))
    code, said = tree.end()
    assert code == 1
    assert "ended with exit code 3" in said
    assert tree.journal().count("backoff bad") == 2
    assert all(gone(pid) for pid in tree.pids())


def test_a_start_that_takes_too_long_is_ended(plant: Planter) -> None:
    """A part that is not ready in its time is killed, and the failure says so."""
    tree = plant(part("mute", "silent", start_s=0.5, start_attempts=1))
    code, said = tree.end()
    assert code == 1
    assert "not ready after 0.5 s" in said


def test_a_part_that_does_not_stop_is_killed_with_its_children(plant: Planter) -> None:
    """A part that ignores its stop signal is killed in the end, and its own children with it."""
    tree = plant(part("deaf", "stubborn", stop_s=0.5))
    tree.wait_for("ready deaf", times=2)
    tree.process.terminate()
    assert tree.end() == (0, "")
    assert len(tree.pids()) == 2
    wait_until(lambda: all(gone(pid) for pid in tree.pids()))


def test_a_second_interrupt_is_faster(plant: Planter) -> None:
    """A second SIGINT does not wait out the time that a part is given to stop."""
    tree = plant(part("below"), part("deaf", "stubborn", "below", stop_s=300))
    tree.wait_for("ready deaf", times=2)
    tree.process.send_signal(signal.SIGINT)
    tree.wait_for("stopping deaf")
    tree.process.send_signal(signal.SIGINT)
    assert tree.end() == (0, "")
    assert "stopped below" in tree.journal()


def test_a_stop_during_the_start_starts_nothing_more(plant: Planter) -> None:
    """SIGTERM while a part is still starting stops what runs and leaves the rest unstarted."""
    tree = plant(part("slow", "silent"), part("never", "good", "slow"))
    tree.wait_for("silent slow")
    tree.process.terminate()
    assert tree.end() == (0, "")
    assert not any(line.startswith("starting never") for line in tree.journal())


def test_a_killed_supervisor_leaves_no_orphans(plant: Planter) -> None:
    """After SIGKILL of the supervisor every part ends within seconds, also one that ignores signals, and its children."""
    tree = plant(part("below"), part("deaf", "stubborn", "below"), part("above", "good", "below"))
    tree.wait_for("ready above", times=2)
    tree.wait_for("ready deaf", times=2)
    assert len(tree.pids()) == 4
    tree.process.kill()
    wait_until(lambda: all(gone(pid) for pid in tree.pids()))
    assert "stopped below" in tree.journal()
    assert "stopped above" in tree.journal()


def test_a_killed_leash_is_replaced(plant: Planter) -> None:
    """When the process that guards against orphans is killed, another takes its place and knows every part."""
    tree = plant(part("only"))
    tree.wait_for("ready only", times=2)
    leash = leashes(tree)[0]
    leash.kill()
    wait_until(lambda: [other.pid for other in leashes(tree)] not in ([], [leash.pid]))
    tree.process.kill()
    wait_until(lambda: all(gone(pid) for pid in tree.pids()))


def leashes(tree: Tree) -> list[psutil.Process]:
    """The guards against orphans that run."""
    children = psutil.Process(tree.process.pid).children()
    return [
        child
        for child in children
        if child.status() != psutil.STATUS_ZOMBIE and "marketswarm.supervisor.leash" in child.cmdline()
    ]


def test_logs_of_earlier_runs_are_kept_aside(plant: Planter) -> None:
    """Each run begins its own log; that of the run before is kept beside it."""
    for _ in range(2):
        tree = plant(part("only"))
        tree.wait_for("ready only", times=2)
        tree.process.terminate()
        assert tree.end() == (0, "")
        (tree.state_dir / "journal").unlink()
    logs = tree.state_dir / "logs"
    assert sorted(file.name for file in logs.iterdir()) == ["only.log", "only.log.1"]
    assert (logs / "only.log").read_text() == "here I am, ready\n"
