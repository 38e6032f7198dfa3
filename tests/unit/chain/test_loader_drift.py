"""A chain follows spot: strikes are added before far ones go, in every held chain."""

from datetime import timedelta

import pytest

from marketswarm.chain.allotment import Unlimited
from marketswarm.errors import ProviderUnavailable
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY, SPX
from tests.support.chain_loads import strikes_stored, want


def test_drift_adds_strikes_before_it_drops_any(make_loader, market, store, redis):
    """Spot moves up four strikes: the new ones are committed first, then the far ones go, each with its feed entry."""
    make_loader().load(want())
    market.spot = 6821.0

    report = make_loader().extend(want("drift"))

    assert strikes_stored(store) == [6800 + 5 * step for step in range(9)]
    assert (report.added, report.removed) == (8, 8)
    reasons = [fields[b"reason"] for _, fields in redis.xrange("sse:chain-full")]
    sizes = [fields[b"contracts"] for _, fields in redis.xrange("sse:chain-full")]
    assert (reasons, sizes) == ([b"startup", b"drift", b"drift"], [b"18", b"26", b"18"])
    assert store.read("SPX").meta.centre == 6820


def test_far_strikes_stay_until_the_stream_has_the_new_ones(make_loader, market, store):
    """Without a stream's word nothing is dropped; the next drift drops what was left."""
    make_loader().load(want())
    market.spot = 6821.0
    make_loader(confirmed=False).extend(want("drift"))
    assert strikes_stored(store)[0] == 6780

    market.spot = 6826.0
    make_loader().extend(want("drift"))

    assert strikes_stored(store) == [6805 + 5 * step for step in range(9)]


def test_drift_fetches_only_what_is_missing(make_loader, market):
    """Four new strikes are eight rows, not a whole window."""
    make_loader().load(want())
    asked = []
    rows = market.chain_rows
    market.chain_rows = lambda chain, low, high: asked.append((low, high)) or rows(chain, low, high)
    market.spot = 6821.0

    make_loader().extend(want("drift"))

    assert asked == [(6825, 6840)]


def test_a_jump_is_covered_in_one_go(make_loader, market, store):
    """Spot far outside the window: the whole new window comes, the old one goes."""
    make_loader().load(want())
    market.spot = 7003.0

    make_loader().extend(want("drift"))

    assert strikes_stored(store) == [6985 + 5 * step for step in range(9)]


def test_drift_moves_every_held_chain(make_loader, market, store, redis):
    """Three expirations, a jump without overlap: each has its new window, each added before it dropped."""
    market.days = days = [DAY + timedelta(days=step) for step in range(3)]
    chains = [ChainId("SPX", day) for day in days]
    loader = make_loader(expirations=3, held_chains=lambda _symbol: chains)
    loader.load(want())
    market.spot = 7003.0

    report = loader.extend(want("drift"))

    for day in days:
        contracts = store.read("SPX", day).contracts.values()
        assert {row.strike for row in contracts} == {6985.0 + 5 * step for step in range(9)}
    assert (report.added, report.removed, report.contracts) == (54, 54, 54)
    moves = [fields for _, fields in redis.xrange("sse:chain-full")][3:]
    assert [fields[b"contracts"] for fields in moves] == [b"36", b"18"] * 3


def test_a_chain_that_cannot_move_does_not_hold_the_others(make_loader, market, store):
    """The first fails and is named; the second has moved."""
    market.days = [DAY, DAY + timedelta(days=1)]
    chains = [ChainId("SPX", day) for day in market.days]
    loader = make_loader(expirations=2, held_chains=lambda _symbol: chains)
    loader.load(want())
    market.spot = 7003.0
    market.failures["listing"] = ProviderUnavailable("listing", "it is dark")

    with pytest.raises(ProviderUnavailable):
        loader.extend(want("drift"))

    assert [store.meta(chain).centre for chain in chains] == [6800, 7005]


def test_drift_without_a_chain_is_a_load(make_loader, store):
    """There is nothing to extend: the chain is loaded."""
    assert make_loader().extend(want("drift")).state == "loaded"
    assert store.current_expiration("SPX") == DAY


def test_a_drift_that_came_back_moves_the_centre_only(make_loader, market, store, clock):
    """Nothing is missing: nothing is fetched, no contract comes or goes, and the window is put around spot."""
    make_loader().load(want())
    market.calls.clear()
    market.spot = 6796.0
    clock.advance(60)

    report = make_loader(allotment=Unlimited(margin=2)).extend(want("drift", n=3))

    assert market.calls == ["spots", "listing"]
    assert (report.added, report.removed, report.contracts) == (0, 0, 18)
    meta = store.meta(SPX)
    assert (meta.centre, meta.spot, meta.strikes_each_side, meta.moved_ms) == (6795, 6796, 3, clock.now_ms())


def test_a_repair_after_a_drift_does_not_move_the_window(make_loader, market, store):
    """The load that closes a seam brings the strikes that are held, margin included, and no others."""
    make_loader(allotment=Unlimited(margin=2)).load(want())
    market.spot = 6821.0
    make_loader(allotment=Unlimited(margin=2)).extend(want("drift"))
    before, held = store.meta(SPX), strikes_stored(store)
    market.spot = 6827.0

    report = make_loader().load(want("audit", n=None))

    assert (report.added, report.removed) == (0, 0)
    assert strikes_stored(store) == held == [6790 + 5 * step for step in range(11)]
    after = store.meta(SPX)
    assert (after.centre, after.low, after.high, after.epoch) == (6820, 6790, 6840, before.epoch)


def test_somebodys_wish_lasts_until_the_next_beginning(make_loader, market, store):
    """A wider window stays wide through repairs and drift, and goes back to the settings with a plain reload."""
    loader = make_loader(each_side=4)
    loader.load(want("manual", n=6))
    loader.load(want("gap", n=None))
    market.spot = 6850.0
    loader.extend(want("drift", n=None))
    assert len(strikes_stored(store)) == 13

    loader.load(want("manual", n=None))

    assert len(strikes_stored(store)) == 9
