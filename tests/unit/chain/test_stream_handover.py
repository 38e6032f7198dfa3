"""One stream after another: who waits, who takes over, who writes no more, and what is left behind."""

from tests.support.builders import quote
from tests.support.chain_stream_rig import Rig


def test_a_predecessors_chain_is_not_live_until_it_is_ours(live, redis, clock):
    """A stream that takes over says at once that what it found is not attended to yet, whatever the provider does."""
    redis.delete("writer:SPX", "connection:1")
    redis.hset("chainmeta:SPX:2026-11-23", "state", "live")
    other = Rig(redis, clock, owner="b")
    other.turn()

    other.turn(1.1)

    assert other.state == "loading"


def test_another_stream_waits_and_takes_over(live, redis, clock):
    """While one stream writes, another holds nothing; when the first leaves, it takes the symbol over."""
    other = Rig(redis, clock, owner="b")
    other.turn()
    assert other.asked == []
    assert other.feed.wanted == set()

    live.stream.run(lambda: True)
    other.turn(3.1)

    assert live.feed.stopped == 1
    assert other.asked == ["startup"]


def test_a_revived_stream_writes_nothing(live, redis, clock):
    """A paused owner whose lease ran out is refused by the script, and lets go."""
    redis.delete("writer:SPX", "connection:1")
    other = Rig(redis, clock, owner="b")
    other.turn()
    before = live.stored()

    live.feed.send(quote(ts=9000, bid=7.77))
    live.turn()
    live.turn()

    assert live.stored() == before
    assert live.feed.wanted == set()


def test_a_symbol_is_handed_over_whole(redis, clock):
    """What waits is written first; the chain is loading, not live, until the other writer has made it its own."""
    pair = {"symbols": ("SPY", "SPX"), "connections": 2}
    one = Rig(redis, clock, flush_s=100.0, **pair)
    one.turn()
    one.requests.pop(0), one.asked.pop(0)  # SPY's chain plays no part
    one.go_live()
    one.feed.send(quote(ts=2000, bid=1.9))
    one.turn()
    assert one.stored()["quote"]["bid"] != 1.9

    two = Rig(redis, clock, owner="b", **pair)
    two.turn()
    one.turn(0.5)

    assert one.stored()["quote"]["bid"] == 1.9
    assert one.state == "loading"
    assert one.feed.wanted == set()
    assert set(one.stream.status()["symbols"]) == {"SPY"}

    two.turn()
    two.asked, two.requests = two.asked[-1:], two.requests[-1:]
    two.answer()
    two.feed.confirm()
    two.turn()
    two.turn()
    two.answer()
    two.turn(1.1)
    assert two.state == "live"
    assert set(two.stream.status()["symbols"]) == {"SPX"}
    assert one.reports.read("SPX")["owner"] == "b"


def test_leaving_marks_the_chain_stale(live):
    """A stream that ends does not leave a chain behind that claims to be live, and flushes what waits."""
    live.feed.send(quote(ts=5000, bid=1.9))
    live.stream._conflator.add(live.feed.poll(0)[0].updates, 0.0, live.clock.now_ms())

    live.stream.run(lambda: True)

    assert live.state == "stale"
    assert live.stored()["quote"]["bid"] == 1.9
    assert live.redis.exists("writer:SPX") == 0
