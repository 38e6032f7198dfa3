"""How the swarm stands, typed."""

from marketswarm.client.status import Status
from tests.support.gateway_documents import status_document


def test_symbols_are_typed():
    """What is not told is None; the whole document stays."""
    status = Status.of(status_document(updates_per_s=812.5, quotes="polled"))
    spx = status.symbols["SPX"]
    assert (spx.state, spx.spot, spx.updates_per_s, spx.lag_ms) == ("live", 6801.5, 812.5, None)
    assert spx.document["quotes"] == "polled"
    assert (status.source, status.version, status.error) == ("sim", "0.1.0", None)
    assert "document" not in repr(status)
