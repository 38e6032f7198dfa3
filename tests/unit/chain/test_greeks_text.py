"""Greeks as members of a section."""

import json

from hypothesis import given
from hypothesis import strategies as st

from marketswarm.chain.greeks_text import (
    FIGURES,
    absent_patch,
    absent_section,
    figure,
    figure_text,
    valued_patch,
    valued_section,
)
from marketswarm.model.contract import ABSENCES, Greeks, number_text, section_body

SIZES = st.floats(-1e7, 1e7).map(
    lambda value: 0.0 if abs(value) < 1e-12 else value
)  # as a valuation gives them
ONES = st.tuples(*[SIZES] * 5)


@given(SIZES)
def test_a_figure_is_stored_in_its_shortest_form(value):
    """Eight digits, and the text is the one that reading and writing the number gives again."""
    assert figure_text(value) == number_text(figure(value))
    assert abs(figure(value) - value) <= abs(value) * 1e-7


@given(ONES, st.integers(0, 2**43))
def test_a_patch_and_a_section_say_the_same(figures, ts):
    """What the stream writes and what a load stages is the same text, member by member in the model's order."""
    patch = valued_patch(figures, ts, was_absent=False)
    assert patch == section_body(valued_section(figures, ts))
    assert list(json.loads(f"{{{patch}}}")) == [*FIGURES, "source", "ts"]


def test_an_absent_one_takes_the_figures_away():
    """The patch names every figure as null, and what is left is the section of a load."""
    for reason in ABSENCES:
        patch = json.loads(f"{{{absent_patch(reason, 7)}}}")
        assert list(patch) == list(Greeks.model_fields)
        left = ",".join(f'"{n}":{json.dumps(v)}' for n, v in patch.items() if v is not None)
        assert left == section_body(absent_section(reason, 7))


def test_a_figure_takes_the_reason_away():
    """A contract that can be valued again loses its reason."""
    patch = json.loads(f"{{{valued_patch([0.2, 0.5, 0.01, -1.0, 0.3], 7, was_absent=True)}}}")
    assert patch["absent"] is None
    assert list(patch) == list(Greeks.model_fields)
