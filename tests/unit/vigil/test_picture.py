"""What levels say of themselves."""

import pytest

from marketswarm.vigil.picture import Cluster
from tests.support.vigil_pictures import gamma


@pytest.mark.parametrize(
    ("ratio", "kind"),
    [(1.0, "pin"), (0.3, "pin"), (0.29, "contested"), (-0.29, "contested"), (-0.3, "accelerator")],
)
def test_what_a_cluster_does(ratio, kind):
    """Mostly calls hold spot, mostly puts speed it up, by the model."""
    assert Cluster(6800.0, 6795.0, 6805.0, 0.2, ratio).kind == kind


def test_ratio():
    """Net over gross."""
    assert gamma(total=-3e8, gross_total=6e8).ratio == -0.5
