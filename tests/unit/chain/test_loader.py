"""Operation 1: a chain is loaded whole or not at all."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from redis import Redis

from marketswarm.chain.allotment import Unlimited
from marketswarm.chain.budget import Shares
from marketswarm.chain.flight import FlightControl
from marketswarm.chain.loader import KEPT_AFTER_CLOSE_MS, ChainLoader
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.request import LoadRequest
from marketswarm.errors import (
    BadArgument,
    IncompleteChain,
    NoExpiration,
    NoSpot,
    ProviderUnavailable,
    ScriptRefused,
)
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY, SPX, ticker
from tests.support.fakes import FakeMarket

HASH, META = "chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23"


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


def want(reason="startup", n=4, **more):
    """A request for SPX."""
    return LoadRequest("SPX", reason, n, **more)


def strikes_stored(store):
    """The strikes of the stored chain."""
    return sorted({contract.strike for contract in store.read("SPX").contracts.values()})


def test_a_load_goes_from_spot_to_a_stored_chain(make_loader, market, store):
    """Spot, expiration, listing, rows: ±4 strikes around 6801.5, both sides, in force."""
    report = make_loader().load(want())

    assert market.calls == ["spots", "expirations", "listing", "chain_rows"]
    assert strikes_stored(store) == [6780 + 5 * step for step in range(9)]
    assert (report.state, report.contracts, report.added, report.expiration) == (
        "loaded",
        18,
        18,
        "2026-11-23",
    )
    meta = store.read("SPX").meta
    assert (meta.spot, meta.centre, meta.low, meta.high, meta.source) == (6801.5, 6800, 6780, 6820, "sim")


def test_progress_names_each_step(make_loader):
    """From spot to done, ascending, with the same total."""
    steps = []
    make_loader().load(want(), lambda step, done, total: steps.append((step, done, total)))

    assert [step for step, *_ in steps] == ["spot", "expiration", "strikes", "contracts", "store", "done"]
    assert [done for _, done, _ in steps] == [0, 1, 2, 3, 4, 5]
    assert {total for *_, total in steps} == {5}


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


def test_the_first_chain_is_within_the_budget_whatever_it_is(make_loader, market, store):
    """One that somebody names before any other is loaded comes in force, and will be streamed."""

    class Room(Unlimited):
        def shares(self, _chain=None, _claim=None, /, *, alike=False):
            return Shares(2, 0)

    loader = make_loader(allotment=Room())
    assert loader.load(want("manual", expiration=DAY)).contracts == 10
    later = DAY + timedelta(days=7)
    assert loader.load(want("manual", expiration=later)).contracts == 18


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


def test_two_roots_are_trimmed_to_the_budget(make_loader, market, store):
    """A third Friday's chain has four contracts a strike: N shrinks, and report and meta say from what to what."""
    market.roots = {DAY: ("SPXW", "SPX")}

    class Room(Unlimited):
        def shares(self, _chain=None, claim=None, /, *, alike=False):
            return Shares(max(n for n in range(101) if claim.contracts(n) <= 30), 0)

    report = make_loader(allotment=Room()).load(want())

    assert (report.strikes_asked, report.strikes_each_side, report.contracts) == (4, 3, 28)
    assert report.notice.startswith("±3 strikes of ±4: ")
    meta = store.meta(SPX)
    assert (meta.strikes_asked, meta.strikes_each_side, meta.low, meta.high) == (4, 3, 6785, 6815)
    assert make_loader().load(want("manual")).notice is None


def test_an_expiration_on_demand_does_not_move_the_pointer(make_loader, market, store):
    """Somebody who looks at next week's chain does not roll today's."""
    market.days = [DAY, date(2026, 11, 27)]
    make_loader().load(want())

    report = make_loader().load(want("manual", expiration=date(2026, 11, 27)))

    assert report.expiration == "2026-11-27"
    assert store.current_expiration("SPX") == DAY


@pytest.mark.parametrize("call", ["spots", "expirations", "listing", "chain_rows"])
def test_a_failure_on_the_way_keeps_the_stored_chain(make_loader, market, redis, flights, call):
    """Whichever call fails, hash and meta keep every byte, and the failure is on record."""
    make_loader().load(want())
    before = (redis.hgetall(HASH), redis.hgetall(META))
    market.failures[call] = ProviderUnavailable(call, "it is dark")
    market.bid = 9.0

    with pytest.raises(ProviderUnavailable):
        make_loader().load(want("manual"))

    assert (redis.hgetall(HASH), redis.hgetall(META)) == before
    assert flights.recent(1)[0]["state"] == "failed"
    assert flights.recent(1)[0]["error"] == f"{call}: it is dark"


def test_a_chain_with_holes_is_refused(make_loader, market, redis):
    """Rows for less than nine tenths of the listed strikes make no chain."""
    market.lacking = {6785.0, 6790.0}

    with pytest.raises(IncompleteChain, match="4 of 18 contracts without a row, the first 6785 call"):
        make_loader().load(want())

    assert redis.exists(HASH) == 0


def test_a_single_strike_that_the_snapshot_lacks_is_counted(make_loader, market):
    """A strike that was listed a minute ago may not be in the snapshot yet."""
    market.lacking = {6905.0}

    report = make_loader().load(want(n=40))

    assert report.rejected == {"missing": 2}
    assert report.contracts == 160


def test_a_chain_of_one_side_is_refused(make_loader, market, store):
    """Calls without puts are half a chain, and the stored one is kept."""
    make_loader().load(want())
    rows = market.chain_rows

    def calls_only(chain, low, high):
        found = rows(chain, low, high)
        return replace(
            found, contracts={name: row for name, row in found.contracts.items() if row.type == "call"}
        )

    market.chain_rows = calls_only
    with pytest.raises(IncompleteChain, match="9 of 18 contracts without a row, the first 6780 put"):
        make_loader().load(want("manual"))

    assert len(store.read("SPX").contracts) == 18


def test_a_missing_row_does_not_delist_a_contract(make_loader, market, store):
    """What is stored and still listed stays, although one snapshot lacks it."""
    make_loader().load(want(n=40))
    market.lacking = {6905.0}

    report = make_loader().load(want("manual", n=40))

    assert (report.removed, report.contracts) == (0, 162)


def test_an_extension_with_holes_is_refused(make_loader, market, store):
    """Rows for half of the new strikes are not added, and the window stays where it was."""
    make_loader().load(want())
    market.spot = 6821.0
    market.lacking = {6825.0, 6835.0}

    with pytest.raises(IncompleteChain):
        make_loader().extend(want("drift"))

    assert store.meta(SPX).high == 6820


def test_the_request_behind_a_load_is_in_its_meta(make_loader, market, redis):
    """Whoever asked knows the load again, and how many chains it brings."""
    market.days = [DAY, date(2026, 11, 24)]

    make_loader(expirations=2).load(want(request="r1"))

    for day in ("2026-11-23", "2026-11-24"):
        assert redis.hmget(f"chainmeta:SPX:{day}", "request", "request_chains") == [b"r1", b"2"]


def test_a_chain_on_demand_is_stale_until_it_is_streamed(make_loader, market, redis):
    """Nobody streams next week's chain: it does not claim to be loading for ever."""
    market.days = [DAY, date(2026, 11, 27)]
    make_loader().load(want())

    make_loader().load(want("manual", expiration=date(2026, 11, 27)))

    assert redis.hget("chainmeta:SPX:2026-11-27", "state") == b"stale"


def test_without_spot_there_is_no_chain(make_loader, market):
    """The error names the symbol and what was tried."""
    market.spot = 0

    with pytest.raises(NoSpot, match="no spot for SPX; tried: unified: nothing"):
        make_loader().load(want())


def test_without_a_listed_expiration_there_is_no_chain(make_loader, market):
    """A symbol without options is named as such."""
    market.days = []

    with pytest.raises(NoExpiration, match="the vendor lists no option of SPX"):
        make_loader().load(want())


def test_an_impossible_request_is_refused_before_the_provider_is_asked(make_loader, market):
    """No call is made for it, by none of the three ways in."""
    for call in ("load", "load_ahead", "extend"):
        with pytest.raises(BadArgument, match="strikes_each_side is 501"):
            getattr(make_loader(), call)(want(n=501))

    assert market.calls == []


def test_an_expiration_that_has_passed_is_refused(make_loader):
    """There is nothing to load any more."""
    with pytest.raises(BadArgument, match=r"expiration is '2026-11-20'"):
        make_loader().load(want(expiration=date(2026, 11, 20)))


def test_a_second_load_joins_the_first(make_loader, flights, market):
    """While one load of a symbol is in flight, another does nothing and says so."""
    with flights.take_off("SPX", "another run"):
        report = make_loader().load(want())

    assert report.state == "joined"
    assert market.calls == []
    assert make_loader().load(want()).state == "loaded"


def test_symbols_do_not_wait_for_each_other(make_loader, flights):
    """A load of SPY does not hold back one of SPX."""
    with flights.take_off("SPY", "another run"):
        assert make_loader().load(want()).state == "loaded"


def test_a_load_that_lost_its_flight_does_not_commit(make_loader, market, redis):
    """A loader that slept through its time to live cannot overwrite its successor's chain."""
    rows = market.chain_rows

    def overtaken(chain, low, high):
        redis.set("loading:SPX", "successor")
        return rows(chain, low, high)

    market.chain_rows = overtaken

    with pytest.raises(ScriptRefused, match="NOTLOADING"):
        make_loader().load(want())

    assert redis.exists(HASH) == 0
    assert redis.get("loading:SPX") == b"successor"


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


def test_a_reload_never_moves_a_contract_back(make_loader, market, store, redis):
    """Rows older than what a stream wrote in the meantime leave its quotes alone."""
    make_loader().load(want())
    market.ts, market.bid = 5000, 9.0
    make_loader().load(want("manual"))
    market.ts, market.bid = 3000, 2.0

    report = make_loader().load(want("manual"))

    assert report.changed == 0
    assert store.read("SPX").contracts[ticker(6800)].quote.bid == 9.0


def test_the_record_keeps_the_last_loads(make_loader, flights):
    """Newest first, with what they did and the task behind them."""
    make_loader().load(want(task_id="t1"))
    make_loader().load(want("manual", task_id="t2"))

    assert [(entry["task_id"], entry["reason"]) for entry in flights.recent(5)] == [
        ("t2", "manual"),
        ("t1", "startup"),
    ]


def test_a_chain_is_kept_for_a_day_after_its_close(make_loader, market, redis: Redis, clock, monkeypatch):
    """Chain and meta are forgotten 24 hours after 16:00 in New York."""
    monkeypatch.setattr("marketswarm.chain.loader.KEPT_AFTER_CLOSE_MS", KEPT_AFTER_CLOSE_MS)
    market.days = [day] = [date(2032, 11, 23)]  # the server forgets by its own clock
    close_ms = us_options_calendar().session(day).close_ms
    clock.step((close_ms - clock.now_ms()) / 1000 - 60)

    make_loader().load(want())

    expires_ms = [redis.pexpiretime(f"{name}:SPX:2032-11-23") for name in ("chain", "chainmeta")]
    assert expires_ms == [close_ms + 24 * 3600 * 1000] * 2
