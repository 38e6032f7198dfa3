"""Plays rehearsals in several processes; apart, so that only `marketswarm vigil rehearse` imports what computes."""

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from threading import Thread
from typing import NamedTuple

from pydantic import BaseModel

from marketswarm.rehearsal.cases import Case
from marketswarm.rehearsal.judge import Verdict
from marketswarm.rehearsal.run import rehearse
from marketswarm.vigil.engine import Engine
from marketswarm.vigil.registry import DETECTORS


class Work(NamedTuple):
    """One rehearsal that is to be played; `thresholds` by detector."""

    case: Case
    seed: int
    thresholds: Mapping[str, BaseModel]


class Played(NamedTuple):
    """One that was."""

    case: Case
    seed: int
    verdict: Verdict


def play(work: Work) -> Played:
    """Play one case with one seed."""
    verdict, _ = rehearse(work.case.stage(work.seed), Engine(DETECTORS, work.thresholds))
    return Played(work.case, work.seed, verdict)


def play_all(works: Iterable[Work], jobs: int) -> Iterator[Played]:
    """Play them all, in `jobs` processes or, with one, in this; each as soon as it is done.

    Who stops listening, as an interrupt does, ends the processes at once.
    """
    if jobs == 1:
        yield from map(play, works)
        return
    before = set(multiprocessing.active_children())
    # Started anew rather than forked: the same on every system, and no copy of a process with threads.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_end_with_parent)
    try:
        with _interrupts_held():
            futures: list[Future[Played]] = [pool.submit(play, work) for work in works]
        for done in as_completed(futures):
            yield done.result()
    except BaseException:
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """What is held back here, a new process holds back for good: Ctrl-C, which reaches all of them, is this one's to answer."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    Thread(target=_await_parent, daemon=True).start()


def _await_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
