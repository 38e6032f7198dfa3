"""Fixtures of the chain's operations: a stream, a loader and a roll, each on a store of its own."""

import pytest

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.loader import ChainLoader
from marketswarm.chain.pointers import ChainPointers
from marketswarm.maths.calendar import us_options_calendar
from tests.support.chain_stream_rig import Rig
from tests.support.fakes import FakeMarket
from tests.support.roll_desk import Desk


@pytest.fixture
def rig(redis, clock):
    """A stream that has not turned yet."""
    return Rig(redis, clock)


@pytest.fixture
def live(rig):
    """A stream whose chain is live."""
    return rig.go_live()


@pytest.fixture
def market():
    """A provider."""
    return FakeMarket()


@pytest.fixture
def flights(redis):
    """Loads in flight."""
    return FlightControl(redis, "test")


@pytest.fixture
def make_loader(market, store, flights, redis, clock):
    """A loader with a stream that confirms, or not."""

    def make(*, confirmed=True, expirations=1, **more):
        return ChainLoader(
            market,
            store,
            flights,
            us_options_calendar(),
            clock,
            pointers=ChainPointers(redis, clock, "test"),
            source="sim",
            expirations=expirations,
            confirmed=lambda _chain, _epoch, _is_hopeless: confirmed,
            **more,
        )

    return make


@pytest.fixture
def make_desk(redis, store, clock):
    """A desk on an empty store, on a Monday at ten."""
    return lambda **more: Desk(redis, store, clock, **more)
