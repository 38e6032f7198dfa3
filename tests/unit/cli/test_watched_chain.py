"""A watched chain is the stored one: it follows the feed, and reads the hash again when the feed leaves a gap."""

from datetime import date

from marketswarm.chain.stored import Change
from marketswarm.cli.watched_chain import FLASH_S, WatchedChain
from marketswarm.model.chain import ChainId
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.applied import apply_changes
from tests.support.builders import SPX, contract, ladder, ticker


def quote(bid: float, ts: int) -> Change:
    """A quote of the call at the money."""
    return Change(ticker(), "quote", ts, None, f'"bid":{bid},"ask":88.5,"ts":{ts}')


def test_a_gap_is_read_again(environment, redis, live_chain, store) -> None:
    """When entries of the feed are missing, the hash is read again and nothing is shown wrong."""
    live_chain(ladder())
    watched = WatchedChain(Swarm(Settings.load()), "SPX")
    epoch = store.meta(SPX).epoch
    apply_changes(store, SPX, epoch, 1, [quote(11.5, 5000)])
    redis.delete("sse:chain-feed")
    apply_changes(store, SPX, epoch, 1, [quote(12.5, 6000)])
    watched.turn(0.1)
    assert watched.rereads == 1
    assert watched.follower.contracts[ticker()]["quote"]["bid"] == 12.5
    assert watched.follower.seq == store.meta(SPX).seq


def test_the_place_in_the_feed_is_kept(environment, live_chain, store) -> None:
    """Every change since the hash was read is followed without reading it again."""
    live_chain(ladder())
    watched = WatchedChain(Swarm(Settings.load()), "SPX")
    for turn in range(5):
        apply_changes(store, SPX, store.meta(SPX).epoch, 1, [quote(20 + turn, 5000 + turn)])
    watched.turn(0.1)
    assert watched.rereads == 0
    assert watched._after == store.follow_feed("0-0", 0.01)[-1][0]
    assert watched.follower.contracts[ticker()]["quote"]["bid"] == 24
    assert watched.flashes[ticker(), "quote.bid"].rose


def test_a_chain_begun_anew_is_read_again(environment, redis, live_chain, commit, clock) -> None:
    """After the server was emptied, the new chain replaces the old one."""
    live_chain(ladder())
    watched = WatchedChain(Swarm(Settings.load()), "SPX")
    redis.flushall()
    clock.advance(1)
    commit(ladder(6700, 6720))
    watched.turn(0.1)
    assert ticker(6700) in watched.follower.contracts
    assert ticker(6800) not in watched.follower.contracts


def test_the_next_expiration_is_switched_to(environment, live_chain, commit, clock) -> None:
    """When another expiration comes into force, the ladder is that one within a second."""
    live_chain(ladder())
    watched = WatchedChain(Swarm(Settings.load(), clock), "SPX")
    later = ChainId("SPX", date(2026, 11, 24))
    commit([contract(expiration=later.expiration, ticker="O:SPXW261124C06800000")], chain=later)
    clock.advance(1)
    watched.turn(0.01)
    assert watched.follower.expiration == later.expiration
    assert list(watched.follower.contracts) == ["O:SPXW261124C06800000"]


def test_flashes_fade(environment, live_chain, store, clock) -> None:
    """A change is told to have risen or fallen, for 0.4 s."""
    live_chain(ladder())
    watched = WatchedChain(Swarm(Settings.load(), clock), "SPX")
    apply_changes(store, SPX, store.meta(SPX).epoch, 1, [quote(0.5, 5000)])
    watched.turn(0.1)
    watched.fade()
    assert not watched.flashes[ticker(), "quote.bid"].rose
    clock.advance(FLASH_S)
    watched.fade()
    assert watched.flashes == {}
