"""What the stream says of itself."""

from marketswarm.chain.conflate import Conflator
from marketswarm.chain.flush import Flusher
from marketswarm.chain.polled import Poll
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.streamed import StreamedSymbol
from marketswarm.chain.telling import StreamTelling
from tests.support.builders import SPX, contract, quote
from tests.support.fakes import FakeFeed


def told(redis, store, clock, contracts):
    """A telling, and the symbol that it speaks of: subscribed whole, with token 1."""
    conflator = Conflator()
    conflator.hold({SPX: {row.ticker: row.canonical_json().encode() for row in contracts}})
    telling = StreamTelling(
        FakeFeed(clock),
        conflator,
        Flusher(conflator, store, clock, window_s=0.05),
        store=store,
        reports=StreamReports(redis, "test"),
        clock=clock,
        owner="me",
        in_session=lambda _now_ms: True,
    )
    mine = StreamedSymbol("SPX", 1, lambda: "an-id")
    mine.see([store.universe(SPX)])
    return telling, conflator, mine


def test_a_report_and_a_state_are_written(redis, store, clock, commit):
    """The report names the writer and the window in force; the chain gets its state."""
    commit([contract()])
    redis.set("writertoken:SPX", 1)
    redis.hset("chainmeta:SPX:2026-11-23", "state", "live")
    telling, _, mine = told(redis, store, clock, [contract()])

    met = telling.tell([mine])

    report = StreamReports(redis, "test").read("SPX")
    assert (report["owner"], report["window_ms"], report["state"]) == ("me", 50, "loading")
    assert store.meta(SPX).state == "loading"
    assert (met.fenced, met.changed) == ([], False)


def test_a_fenced_symbol_is_handed_back(redis, store, clock, commit):
    """A token that is no longer the newest is met when the state is written."""
    commit([contract()])
    redis.set("writertoken:SPX", 2)
    redis.hset("chainmeta:SPX:2026-11-23", "state", "live")
    telling, _, mine = told(redis, store, clock, [contract()])

    assert telling.tell([mine]).fenced == [mine]


def test_a_changed_set_is_noticed(redis, store, clock, commit):
    """A chain that is at another epoch than the one we saw is not marked."""
    commit([contract()])
    redis.set("writertoken:SPX", 1)
    telling, _, mine = told(redis, store, clock, [contract()])
    commit([contract(), contract(6805)])
    mine.marked.clear()

    assert telling.tell([mine]).changed is True


def test_what_was_refused_is_counted_and_kept(redis, store, clock, commit):
    """Late events are a counter; what could not be used is kept with a sample."""
    commit([contract()])
    redis.set("writertoken:SPX", 1)
    telling, conflator, mine = told(redis, store, clock, [contract()])
    conflator.add([quote(ts=5), quote(ts=4), quote("O:NONE", ts=5)], 0.0, 10)

    telling.tell([mine])

    assert telling.status([mine])["late"] == 1
    assert StreamReports(redis, "test").bad_frame_counts() == {"unlisted": 1}


def test_how_quotes_come_is_marked(redis, store, clock, commit):
    """Streamed; once the feed has none, by what the polls bring, which is looked at like a load; delayed when the host is."""
    commit([contract()])
    redis.set("writertoken:SPX", 1)
    telling, _, mine = told(redis, store, clock, [contract()])
    feed, polls = telling._feed, {"SPX": Poll()}
    telling._last_poll = polls.__getitem__

    telling.tell([mine])
    assert (store.meta(SPX).quotes, store.meta(SPX).delayed) == ("streamed", False)

    feed.not_streamed, feed.delayed = ("quote",), True
    assert telling.tell([mine]).changed is False
    assert (store.meta(SPX).quotes, store.meta(SPX).delayed) == ("none", True)

    polls["SPX"] = Poll(polled_ms=5, quotes=1, changed=1)
    assert telling.tell([mine]).changed is True
    assert telling.tell([mine]).changed is False
    assert store.meta(SPX).quotes == "polled"
    report = StreamReports(redis, "test").read("SPX")
    assert (report["quotes"], report["delayed"], report["not_streamed"]) == ("polled", True, ["quote"])
