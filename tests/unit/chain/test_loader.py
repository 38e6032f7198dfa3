"""Operation 1: a chain is loaded whole, under the terms of whoever asks for it."""

from datetime import date, timedelta

from redis import Redis

from marketswarm.chain.allotment import Unlimited
from marketswarm.chain.budget import Shares
from marketswarm.chain.loader import KEPT_AFTER_CLOSE_MS
from marketswarm.maths.calendar import us_options_calendar
from tests.support.builders import DAY, SPX, ticker
from tests.support.chain_loads import strikes_stored, want


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


def test_the_first_chain_is_within_the_budget_whatever_it_is(make_loader, market, store):
    """One that somebody names before any other is loaded comes in force, and will be streamed."""

    class Room(Unlimited):
        def shares(self, _chain=None, _claim=None, /, *, alike=False):
            return Shares(2, 0)

    loader = make_loader(allotment=Room())
    assert loader.load(want("manual", expiration=DAY)).contracts == 10
    later = DAY + timedelta(days=7)
    assert loader.load(want("manual", expiration=later)).contracts == 18


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


def test_the_request_behind_a_load_is_in_its_meta(make_loader, market, redis):
    """Whoever asked knows the load again, and how many chains it brings."""
    market.days = [DAY, date(2026, 11, 24)]

    make_loader(expirations=2).load(want(request="r1"))

    for day in ("2026-11-23", "2026-11-24"):
        assert redis.hmget(f"chainmeta:SPX:{day}", "request", "request_chains") == [b"r1", b"2"]


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
