"""Which expirations a load brings, which is in force, which are held beside it, and what is loaded ahead."""

from datetime import date, timedelta

import pytest

from marketswarm.chain.allotment import Unlimited
from marketswarm.errors import ProviderUnavailable
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY, SPX
from tests.support.chain_loads import want


def test_after_the_close_the_next_expiration_is_loaded(make_loader, market, store, clock):
    """One ms before the close it is today's, at the close the next listed one."""
    market.days = [DAY, date(2026, 11, 24)]
    calendar = us_options_calendar()
    clock.step((calendar.session(DAY).close_ms - 1 - clock.now_ms()) / 1000)
    assert make_loader().load(want()).expiration == "2026-11-23"

    clock.step(0.001)

    assert make_loader().load(want("roll")).expiration == "2026-11-24"
    assert store.current_expiration("SPX") == date(2026, 11, 24)


def test_several_expirations_are_loaded_and_the_first_is_in_force(make_loader, market, store):
    """With three expirations wanted, three chains are stored and one is in force."""
    market.days = [DAY + timedelta(days=step) for step in range(4)]

    make_loader(expirations=3).load(want())

    assert store.expirations("SPX") == market.days[:3]
    assert store.current_expiration("SPX") == DAY


def test_a_chain_that_was_held_beside_is_not_left_when_it_comes_in_force(
    make_loader, market, store, clock, monkeypatch
):
    """When Tuesday's entry of the roll wakes the stream, its meta says already that Wednesday's chain stays."""
    market.days = [DAY + timedelta(days=step) for step in range(3)]
    chains = [ChainId("SPX", day) for day in market.days]
    make_loader(expirations=2).load(want())
    clock.step((us_options_calendar().session(DAY).close_ms - clock.now_ms()) / 1000)
    seen = []
    commit = store.commit
    monkeypatch.setattr(
        store,
        "commit",
        lambda chain, *a, **k: seen.append(store.meta(chains[1]).later) or commit(chain, *a, **k),
    )

    make_loader(expirations=2).load(want("roll"))

    assert seen[0] == (market.days[2],)


def test_chains_beside_the_one_in_force_are_named_before_they_come(make_loader, market, store, monkeypatch):
    """When the second chain's entry wakes the stream, the meta of the first says already that it is held."""
    market.days = [DAY, DAY + timedelta(days=1)]
    seen = []
    commit = store.commit
    monkeypatch.setattr(
        store, "commit", lambda chain, *a, **k: seen.append(store.meta(SPX)) or commit(chain, *a, **k)
    )

    make_loader(expirations=2).load(want())

    assert seen[0] is None
    assert seen[1].later == (DAY + timedelta(days=1),)
    make_loader(expirations=1).load(want("manual"))
    assert store.meta(SPX).later == ()


def test_a_load_ahead_leaves_the_pointer_alone(make_loader, market, store, redis):
    """The chains of after the roll are stored and named, those that are held already are not fetched again."""
    market.days = [DAY + timedelta(days=step) for step in range(3)]
    chains = [ChainId("SPX", day) for day in market.days[:2]]
    loader = make_loader(expirations=2, held_chains=lambda _symbol: chains)
    loader.load(want())
    market.calls.clear()

    report = loader.load_ahead(want("roll", n=None))

    assert market.calls == ["spots", "expirations", "listing", "listing", "chain_rows"]
    assert (report.expiration, report.reason) == ("2026-11-25", "roll")
    assert store.current_expiration("SPX") == DAY
    meta = store.meta(SPX)
    assert (meta.next, meta.next_streamed) == (tuple(market.days[1:]), True)
    assert store.meta(ChainId("SPX", market.days[2])).state == "stale"


@pytest.mark.parametrize(("room", "streamed"), [(17, False), (18, True)])
def test_what_is_loaded_ahead_is_streamed_where_there_is_room(make_loader, market, store, room, streamed):
    """Eighteen contracts more fit, or the chain waits for the roll."""
    market.days = [DAY, DAY + timedelta(days=1)]
    make_loader().load(want())

    class Room(Unlimited):
        def room(self):
            return room

    make_loader(allotment=Room()).load_ahead(want("roll"))

    assert store.meta(SPX).next_streamed is streamed


def test_without_a_chain_there_is_nothing_to_be_ahead_of(make_loader, store):
    """A load ahead is then a load."""
    make_loader().load_ahead(want("roll"))

    assert store.current_expiration("SPX") == DAY


def test_a_failed_load_ahead_names_nothing(make_loader, market, store):
    """What did not come is not waited for: at the close it is loaded."""
    market.days = [DAY, DAY + timedelta(days=1)]
    make_loader().load(want())
    market.failures["chain_rows"] = ProviderUnavailable("chain_rows", "it is dark")

    with pytest.raises(ProviderUnavailable):
        make_loader().load_ahead(want("roll"))

    assert store.meta(SPX).next == ()


def test_an_expiration_without_a_contract_that_trades_is_passed_over(make_loader, market, store):
    """All of a morning-settled expiration has stopped the session before: the next one is in force."""
    market.days = [DAY, DAY + timedelta(days=1)]
    market.roots = {DAY: ()}

    make_loader().load(want())

    assert store.current_expiration("SPX") == DAY + timedelta(days=1)


def test_an_expiration_on_demand_does_not_move_the_pointer(make_loader, market, store):
    """Somebody who looks at next week's chain does not roll today's."""
    market.days = [DAY, date(2026, 11, 27)]
    make_loader().load(want())

    report = make_loader().load(want("manual", expiration=date(2026, 11, 27)))

    assert report.expiration == "2026-11-27"
    assert store.current_expiration("SPX") == DAY


def test_a_chain_on_demand_is_stale_until_it_is_streamed(make_loader, market, redis):
    """Nobody streams next week's chain: it does not claim to be loading for ever."""
    market.days = [DAY, date(2026, 11, 27)]
    make_loader().load(want())

    make_loader().load(want("manual", expiration=date(2026, 11, 27)))

    assert redis.hget("chainmeta:SPX:2026-11-27", "state") == b"stale"
