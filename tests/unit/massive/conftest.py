"""Fixtures of the provider's edge: a scripted vendor, and clients that talk to it."""

from collections.abc import Iterator

import pytest

from marketswarm.clock import ManualClock
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.rest import MassiveRest
from tests.support.scripted_vendor import ScriptedVendor
from tests.support.vendor_feed import make_feed
from tests.unit.massive.builders import QUOTE_MS


@pytest.fixture
def vendor() -> Iterator[ScriptedVendor]:
    """A vendor of this test's own."""
    with ScriptedVendor() as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    """A clock on which waiting costs nothing."""
    return ManualClock(QUOTE_MS)


@pytest.fixture
def rest(vendor: ScriptedVendor, clock: ManualClock) -> Iterator[MassiveRest]:
    """A client of that vendor with the longest waits."""
    client = MassiveRest(
        vendor.rest_url, vendor.key, indices=frozenset({"SPX", "NDX"}), clock=clock, random=lambda: 1.0
    )
    yield client
    client.close()


@pytest.fixture
def feed(vendor: ScriptedVendor) -> Iterator[MassiveFeed]:
    """A feed of that vendor."""
    made = make_feed(vendor)
    yield made
    made.stop()
