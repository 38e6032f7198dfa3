"""How many processors there are."""

import os

from marketswarm.cores import usable_cores


def test_there_is_at_least_one():
    """And no more than the machine has."""
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
