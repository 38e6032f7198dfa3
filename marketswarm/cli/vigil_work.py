"""What one process of `marketswarm vigil rehearse` does; apart, so that only those processes import what computes."""

from pathlib import Path

from marketswarm.rehearsal.cases import Case
from marketswarm.rehearsal.judge import Verdict
from marketswarm.rehearsal.run import rehearse
from marketswarm.vigil.engine import Engine
from marketswarm.vigil.registry import DETECTORS
from marketswarm.vigil.thresholds import default_thresholds, read_thresholds


def play(work: tuple[Case, int, Path | None]) -> tuple[str, int, Verdict]:
    """Play one case with one seed."""
    case, seed, path = work
    thresholds = read_thresholds(path) if path else default_thresholds()
    verdict, _ = rehearse(case.stage(seed), Engine(DETECTORS, thresholds))
    return case.name, seed, verdict
