"""What an event is made of."""

import pytest
from pydantic import ValidationError

from marketswarm.model.event import Fact, importance_of


@pytest.mark.parametrize(
    ("severity", "importance"),
    [
        (0, "info"),
        (39, "info"),
        (40, "notice"),
        (59, "notice"),
        (60, "warning"),
        (79, "warning"),
        (80, "critical"),
        (100, "critical"),
    ],
)
def test_bands_of_importance(severity, importance):
    """Importance rises at 40, 60 and 80."""
    assert importance_of(severity) == importance


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_fact_is_a_number_or_a_word(value):
    """What is no number is no fact."""
    with pytest.raises(ValidationError):
        Fact(value=value, unit="points", as_of=0)
