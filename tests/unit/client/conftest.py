"""A scripted gateway for each test, and patience that is short."""

from collections.abc import Iterator

import pytest

from marketswarm.client import Client, Patience
from tests.support.gateway_documents import CURSOR, chain_document, status_document
from tests.support.scripted_gateway import ScriptedGateway

QUICK = Patience(silent_s=8.0, random=lambda: 0.01)
"""Comes back at once."""


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    """One that knows a chain of SPX and where the streams end."""
    with ScriptedGateway() as made:
        made.answer("/api/v1/events", {"events": [], "now_ms": 1, "cursor": CURSOR})
        made.answer("/api/v1/chain/SPX", chain_document())
        made.answer("/api/v1/status", status_document())
        yield made


@pytest.fixture
def client(gateway: ScriptedGateway) -> Iterator[Client]:
    """Asks it."""
    with Client(gateway.url) as made:
        yield made
