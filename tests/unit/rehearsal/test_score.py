"""What many rehearsals come to."""

import pytest

from marketswarm.rehearsal.judge import Finding, Verdict
from marketswarm.rehearsal.score import score
from marketswarm.simulator.scenarios.course import Label
from tests.unit.rehearsal.test_judge import told

JUMP, SMILE = (Label(at_s=0.0, kind=kind, text="") for kind in ("jump", "smile"))


def verdict(*findings, claims=(), all_events=0):
    """One rehearsal: labels with their delays, None for a missed one."""
    return Verdict(
        tuple(Finding(label, None, delay_s) for label, delay_s in findings),
        tuple(told(type, 0) for type in claims),
        all_events,
    )


def test_recall_and_delay_of_each_kind():
    """The share that was found, the median of the delays, and the seeds that missed."""
    found = score(
        [
            (1, verdict((JUMP, 0.0), (SMILE, None))),
            (2, verdict((JUMP, 10.0), (SMILE, 40.0))),
            (3, verdict((JUMP, None), (SMILE, None))),
        ]
    )
    jump, smile = found.kinds["jump"], found.kinds["smile"]
    assert (jump.promised, jump.recall, jump.delay_s, jump.missed) == (3, pytest.approx(2 / 3), 5.0, [3])
    assert (smile.recall, smile.delay_s, smile.missed) == (pytest.approx(1 / 3), 40.0, [1, 3])


def test_a_kind_that_was_never_found_has_no_delay():
    """Nothing is known of it."""
    kind = score([(1, verdict((JUMP, None)))]).kinds["jump"]
    assert (kind.recall, kind.delay_s) == (0.0, None)


def test_several_labels_of_one_kind_are_added_up():
    """A seed may miss one of them and find the other."""
    kind = score([(7, verdict((JUMP, 20.0), (JUMP, None)))]).kinds["jump"]
    assert (kind.promised, kind.recall, kind.missed) == (2, 0.5, [7])


def test_claims_by_type_and_the_most_of_one_seed():
    """Most frequent first; events a seed on average."""
    found = score(
        [
            (1, verdict(claims=("jump_risk",), all_events=3)),
            (2, verdict(claims=("spot_jump", "spot_jump", "jump_risk", "spot_jump"), all_events=6)),
        ]
    )
    assert list(found.claims.items()) == [("spot_jump", 3), ("jump_risk", 2)]
    assert (found.seeds, found.most_claims, found.events) == (2, 4, 4.5)


def test_nothing_played_is_nothing():
    """An interrupted run may have no seed of a case."""
    found = score([])
    assert (found.seeds, found.kinds, found.claims, found.events) == (0, {}, {}, 0.0)
