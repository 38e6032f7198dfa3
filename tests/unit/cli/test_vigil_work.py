"""Rehearsals in processes."""

import multiprocessing
from dataclasses import replace

import pytest

from marketswarm.cli.vigil_work import Work, play, play_all
from marketswarm.rehearsal.cases import cases_named
from marketswarm.vigil.thresholds import default_thresholds


def works(count, ticks=3):
    """So many seeds of a short case."""
    (case,) = cases_named(["jump after the open"])
    return [Work(replace(case, ticks=ticks), seed, default_thresholds()) for seed in range(1, count + 1)]


def test_a_seed_of_a_case_is_played():
    """It tells of which case and seed its verdict is."""
    (work,) = works(1)
    played = play(work)
    assert (played.case, played.seed) == (work.case, 1)
    assert [found.label.kind for found in played.verdict.findings] == ["jump"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_are_played(jobs):
    """Each once, whoever does it."""
    wanted = works(5)
    assert sorted(play_all(wanted, jobs), key=lambda one: one.seed) == [play(work) for work in wanted]
    assert not multiprocessing.active_children()


def test_who_stops_listening_ends_the_processes():
    """At once, with work left that would take an hour."""
    first, *rest = works(100, ticks=2000)
    playing = play_all([first._replace(case=replace(first.case, ticks=1)), *rest], 2)
    assert next(playing).seed == 1
    assert multiprocessing.active_children()
    playing.close()
    assert not multiprocessing.active_children()
