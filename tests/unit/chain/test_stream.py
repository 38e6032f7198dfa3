"""Operation 2: the stream, turn by turn, with a feed that does as it is told and a real server."""

import json

from marketswarm.chain.loader import LoadRequest
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from marketswarm.ports import BadFrames
from tests.support.builders import DAY, SPX, quote, ticker
from tests.support.chain_stream_rig import Rig


def test_nothing_is_streamed_before_the_load_of_the_start(rig):
    """The stream asks for the start's load and subscribes nothing before it is stored."""
    rig.turn()
    assert rig.asked == ["startup"]
    assert rig.feed.wanted == set()

    rig.answer()

    assert len(rig.feed.wanted) == 18


def test_a_chain_of_an_earlier_run_is_loaded_anew(rig):
    """What an earlier run left behind is not streamed, however fresh it looks."""
    rig.loader.load(LoadRequest("SPX", "startup", 4))
    rig.clock.advance(1)

    rig.turn()

    assert rig.asked == ["startup"]
    assert rig.feed.wanted == set()


def test_the_load_is_asked_for_once_and_again_only_if_nobody_answers(rig):
    """Not in every turn, but after five seconds without an answer."""
    for _ in range(20):
        rig.turn(0.1)
    assert rig.asked == ["startup"]

    rig.turn(3.5)

    assert rig.asked == ["startup", "startup"]


def test_a_second_chain_that_never_comes_is_asked_for_ever_later(rig):
    """Of two expirations one is stored and the other fails, each time: the asking slows down instead of chasing itself."""
    for _ in range(600):
        rig.turn(0.1)
        if rig.asked:
            rig.asked.clear()
            rig.loader.load(LoadRequest("SPX", "startup", 4, request=rig.requests[-1]))
            rig.redis.hset("chainmeta:SPX:2026-11-23", "request_chains", 2)

    assert 3 <= len(rig.requests) <= 6


def test_the_seam_between_snapshot_and_subscription_is_closed(rig):
    """What changed before the subscription stood is fetched once more, and only then is the chain live."""
    rig.turn()
    rig.answer()
    rig.feed.confirm()
    rig.turn(1.1)
    rig.turn(1.1)
    assert rig.asked == ["audit"]
    assert rig.state == "loading"

    rig.answer()
    rig.feed.send(quote(ts=2000))
    rig.turn(1.1)

    assert rig.state == "live"


def test_a_quote_reaches_the_chain_and_its_feed(live):
    """The fields are changed, the entry says which, and the seq has grown by one."""
    seq = live.store.meta(SPX).seq
    live.feed.send(quote(ts=2000, bid=1.7, ask=1.75))

    live.turn()

    assert live.stored()["quote"]["bid"] == 1.7
    assert live.store.meta(SPX).seq == seq + 1


def test_an_unlisted_contract_changes_nothing_and_is_counted(live):
    """A ticker that the chain does not hold is counted with a sample; the others of the frame are applied."""
    size = live.redis.hlen("chain:SPX:2026-11-23")
    live.feed.send(quote(ticker(9999)), quote(ts=2000, bid=1.9))
    live.turn(1.1)
    live.turn(1.1)

    assert live.redis.hlen("chain:SPX:2026-11-23") == size
    assert live.stored()["quote"]["bid"] == 1.9
    assert live.reports.bad_frame_counts() == {"unlisted": 1}
    assert ticker(9999) in live.reports.bad_frame_samples()[0]["text"]


def test_bad_frames_of_the_feed_are_kept(live):
    """What the feed could not read is counted and sampled in the store."""
    live.feed.bad = BadFrames({"not-json": 3}, [("not-json", "<html>")])

    live.turn(1.1)

    assert live.reports.bad_frame_counts() == {"not-json": 3}


def test_the_report_tells_what_was_refused_and_flagged(live):
    """Per symbol and reason, since the stream began: what it refused, what was the same, what is odd and stored."""
    live.feed.send(quote(ts=3000), quote(ts=2999), quote(ticker(6805), bid=2, ask=1, ts=3000))
    live.turn()
    live.feed.send(quote(ts=3000))
    live.turn(1.1)

    told = live.reports.read("SPX")
    assert (told["refused"], told["flagged"]) == ({"late": 1}, {"crossed": 1})
    assert (told["applied"], told["same"], told["stale"]) == (2, 1, 0)


def test_new_strikes_are_subscribed_and_far_ones_unsubscribed(live):
    """The stream follows the loader's set, and reports at which epoch everything is subscribed."""
    live.market.spot = 6821.0
    live.loader.extend(LoadRequest("SPX", "drift", 4))
    live.turn()
    assert ticker(6840) in live.feed.wanted
    assert ticker(6780) in live.feed.wanted

    live.feed.confirm()
    live.turn()
    epoch = live.store.meta(SPX).epoch
    assert live.reports.read("SPX")["served_epochs"] == {"2026-11-23": epoch}


def test_new_strikes_are_fetched_once_more_when_they_are_subscribed(live):
    """What changed between their load and their subscription is not missed, and until then the chain is not live."""
    live.market.spot = 6821.0
    live.loader.extend(LoadRequest("SPX", "drift", 4))
    live.turn()
    live.market.bid, live.market.ts = 9.0, 9000
    live.feed.confirm()
    live.turn()
    live.turn()
    assert (live.asked, live.state) == (["audit"], "loading")

    live.answer()
    live.feed.send(quote(ticker(6820), ts=9500))
    live.turn(1.1)
    live.turn(1.1)
    assert live.stored(ticker(6840))["quote"]["bid"] == 9.0
    assert live.state == "live"


def test_a_roll_goes_the_whole_way(live):
    """The new chain is live when it is subscribed and fetched since; the old one is closed."""
    live.market.days = [DAY.replace(day=24)]
    live.clock.step((us_options_calendar().session(DAY).close_ms - live.clock.now_ms()) / 1000)
    live.loader.load(LoadRequest("SPX", "roll", 4))
    live.turn()
    live.turn(1.1)
    new = ChainId("SPX", DAY.replace(day=24))
    assert (live.store.meta(new).state, live.state) == ("loading", "closed")

    live.feed.confirm()
    live.turn()
    live.turn()
    live.answer()
    live.feed.send(quote("O:SPXW261124C06800000", ts=9500))
    live.turn(1.1)
    live.turn(1.1)
    assert live.store.meta(new).state == "live"


def test_the_feed_may_use_the_connections_that_are_held(redis, clock):
    """More contracts than one connection carries take a second one where the account has it."""
    rig = Rig(redis, clock, connections=2)
    rig.go_live()
    assert rig.feed.allowed == 1

    rig.stream._mine["SPX"].chains[SPX].universe.contracts.update({f"O:X{n}": "{}" for n in range(1000)})
    rig.turn(0.6)

    assert rig.feed.allowed == 2


def test_counters_and_lag_are_told(live):
    """Applied and stale changes, late events, and the lag of what was applied."""
    live.feed.send(quote(ts=5000), quote(ts=4000))
    live.turn(1.1)
    live.turn(1.1)

    report = live.reports.read("SPX")
    assert report["applied"] >= 1
    assert live.stream.status()["late"] == 1
    assert set(report["lag_ms"]) <= {"p50", "p99"}


def test_status_tells_of_every_symbol(live):
    """Plain values for `celery inspect streams`."""
    status = live.stream.status()

    assert status["symbols"]["SPX"]["contracts"] == 18
    assert json.loads(json.dumps(status)) == status


def test_a_reload_can_be_asked_for_by_name(live):
    """A streamed symbol is reloaded; another one is refused."""
    assert live.stream.reload("SPX") is True
    assert live.asked == ["manual"]
    assert live.stream.reload("IWM") is False
