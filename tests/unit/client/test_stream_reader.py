"""What stands behind an event stream; how it comes back over broken connections is told in `test_stream.py`."""

import pytest

from marketswarm.client.gateway import Gateway
from marketswarm.client.place import find_place
from marketswarm.client.stream_reader import Patience, StreamReader, Wanted
from marketswarm.clock import ManualClock
from marketswarm.errors import BadArgument
from tests.support.gateway_documents import tick_document
from tests.support.page_site import wait_until
from tests.support.scripted_gateway import CUT, HOLD, frame

TICK = frame("sse:timeseries", tick_document(1), "c1")


@pytest.fixture
def read(gateway):
    """Makes a reader that begins at `c0`."""

    def made(clock=None, **wanted):
        return StreamReader(
            Gateway(find_place(gateway.url)), Wanted(since="c0", **wanted), Patience(), clock or ManualClock()
        )

    return made


@pytest.mark.parametrize("wrong", [{"streams": ["ticks"]}, {"streams": "vigil:events"}, {"symbols": "SPX"}])
def test_what_is_wanted_is_checked(wrong):
    """Names that there are, in lists."""
    with pytest.raises(BadArgument, match="allowed"):
        Wanted(**wrong)


def test_closed_while_it_waits_it_makes_no_further_connection(gateway, read):
    """A gateway that is away for long is not asked for somebody who has gone."""

    class Closing(ManualClock):
        def sleep(self, seconds):
            reader.close()
            super().sleep(seconds)

    gateway.script(TICK, CUT)
    reader = read(Closing())
    assert [item.value.seq for item in reader.run()] == [1]
    assert len(gateway.streams()) == 1


def test_given_up_half_way_it_hangs_up(gateway, read):
    """The place that was reached stays known."""
    gateway.script(TICK, HOLD)
    reader = read()
    items = reader.run()
    next(items)
    wait_until("a connection", lambda: gateway.holding == 1)
    items.close()
    wait_until("a hang-up", lambda: gateway.holding == 0)
    assert reader.cursor == "c1"
