"""The catalogue as a whole."""

import json

import numpy as np
import pytest

from marketswarm.simulator.faults import catalogue
from marketswarm.simulator.faults.catalogue import CATALOGUE
from marketswarm.simulator.faults.effect import Effect


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=lambda fault: fault.name)
def test_a_fault_is_whole(fault):
    """It says what happens and what a client must end with, its defaults can be used, and an effect is made of them."""
    assert fault.does
    assert fault.ends
    assert "\n" not in fault.does + fault.ends
    assert isinstance(fault.make(fault.values({}), np.random.default_rng(1).random), Effect)


def test_names_are_unique():
    """As many names as faults."""
    assert len({fault["name"] for fault in catalogue.as_json()}) == len(catalogue.as_json()) == len(CATALOGUE)


def test_plain_values():
    """The catalogue as JSON has each parameter with its default."""
    told = {fault["name"]: fault for fault in json.loads(json.dumps(catalogue.as_json()))}
    assert told["http-429"]["parameters"]["retry_after"]["default"] == "none"
    assert told["cut"]["momentary"] is True
