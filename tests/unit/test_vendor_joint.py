"""The plan behind the key, kept in a real store, asked of a scripted vendor; and the feeds that keep to it."""

import pytest
from redis import Redis

from marketswarm.clock import ManualClock
from marketswarm.massive.plans import StoredPlan
from marketswarm.massive.rest import MassiveRest
from marketswarm.model.plan import AGAIN_MS, UnderlyingPlan, VendorPlan, key_fingerprint
from marketswarm.settings import Settings
from marketswarm.vendor_joint import VendorJoint
from tests.support.free_ports import free_port
from tests.support.scripted_vendor import Answer, ScriptedVendor


@pytest.fixture
def vendor():
    """A vendor of one fund."""
    with ScriptedVendor() as running:
        running.page_size = 250
        yield running


@pytest.fixture
def make(vendor, redis, clock, monkeypatch):
    """The joint of a process of its own."""
    monkeypatch.setenv("MASSIVE_REST_URL", vendor.rest_url)
    monkeypatch.setenv("MASSIVE_WS_URL", vendor.ws_url)
    monkeypatch.setenv("MARKETSWARM_SYMBOLS", "SPY")

    def joint(key: str = vendor.key, store: Redis = redis) -> VendorJoint:
        market = MassiveRest(vendor.rest_url, key, indices=frozenset(), clock=clock, random=lambda: 1.0)
        plans = StoredPlan(store, "test")
        return VendorJoint(
            Settings.load(),
            key,
            market,
            lambda: plans,
            clock,
            in_session=lambda _now_ms: True,
            lines=lambda: None,
        )

    return joint


def test_one_look_serves_all(make, vendor, redis):
    """What one process learnt is known to the next; the key stands nowhere in it."""
    assert make().keep_plan() == "asked"
    asked = len(vendor.asked)

    assert make().keep_plan() == "known"
    assert len(vendor.asked) == asked
    plan = make().known_plan()
    assert (plan.fingerprint, plan.of("SPY").quotes) == (key_fingerprint(vendor.key), "yes")
    assert vendor.key.encode() not in redis.get("plan")


def test_one_asks_at_a_time(make, vendor, redis):
    """While somebody asks, nobody else does."""
    with StoredPlan(redis, "test").take_turn("other"):
        assert make().keep_plan() == "busy"
    assert vendor.asked == []


def test_it_is_asked_again_in_time(make, vendor, clock: ManualClock):
    """After an hour; what cannot be learnt then is as it was."""
    make().keep_plan()
    first = make().known_plan()
    clock.sleep(AGAIN_MS / 1000)
    vendor.answer("/v3/snapshot", Answer(503), forever=True)

    assert make().keep_plan() == "asked"

    again = make().known_plan()
    assert again.asked_ms == clock.now_ms()
    assert again.underlyings == first.underlyings


def test_another_key_is_noticed(make, vendor):
    """Nothing of the old one counts, and the new one is asked at once."""
    make().keep_plan()
    vendor.key = "another-key"

    assert make("another-key").known_plan() is None
    assert make("another-key").keep_plan() == "asked"
    assert make("another-key").known_plan().fingerprint == key_fingerprint("another-key")


def test_asking_needs_no_store(make):
    """A plan that cannot be kept is told all the same."""
    away = Redis(port=free_port(), retry=None)
    assert make(store=away).ask_now().of("SPY").quotes == "yes"


def test_asking_now_asks_and_keeps(make, vendor):
    """However fresh what is known is."""
    make().keep_plan()
    known, asked = make().known_plan(), len(vendor.asked)

    plan = make().ask_now()

    assert len(vendor.asked) == 2 * asked
    assert plan.underlyings == known.underlyings
    assert make().known_plan() == plan


@pytest.mark.parametrize(("quotes", "channels"), [("no", {"T", "A"}), ("unknown", {"Q", "T", "A"})])
def test_a_feed_asks_for_what_the_plan_gives(make, vendor, redis, quotes, channels):
    """Quotes that are in no row are not subscribed; they count as not streamed."""
    underlying = UnderlyingPlan("SPY", "yes", quotes, "yes", "yes", "yes")
    plan = VendorPlan(key_fingerprint(vendor.key), vendor.rest_url, 0, "yes", (underlying,))
    StoredPlan(redis, "test").write(plan)
    feed = make().feed()
    ticker = vendor.chain.ticker(680)
    try:
        feed.want([ticker])
        vendor.wait_for(lambda: feed.poll(0.05) is not None and feed.confirmed() == {ticker})
        assert vendor.subscribed() == {f"{kind}.{ticker}" for kind in channels}
        assert feed.status().not_streamed == (("quote",) if quotes == "no" else ())
    finally:
        feed.stop()
