"""A chain that is kept equal to the stored one."""

from datetime import date
from itertools import islice

import pytest

from marketswarm.client import FollowedChain
from marketswarm.errors import NotThere
from tests.support.builders import ticker
from tests.support.gateway_documents import (
    CURSOR,
    DAY,
    batch_document,
    chain_document,
    loaded_document,
    rows,
    status_document,
    tick_document,
)
from tests.support.scripted_gateway import CUT, HOLD, Answer, frame
from tests.support.vigil_documents import TS
from tests.unit.client.conftest import QUICK

PATH = "/api/v1/chain/SPX"


def batch(seq, **more):
    """An entry of the feed with the cursor behind it."""
    return frame("sse:chain-feed", batch_document(seq, **more), f"c{seq}")


def bid(value, name=None):
    """An update of one bid."""
    return {"updates": {name or ticker(): {"v": 2, "quote": {"bid": value}}}}


def kinds(items):
    """What happened."""
    return [item.kind for item in items]


def test_it_is_what_was_fetched(gateway, client):
    """And the stream is asked from there on."""
    gateway.script(HOLD)
    with client.follow_chain("spx") as followed:
        assert (len(followed.chain), followed.chain.seq, followed.chain.cursor) == (4, 10, CURSOR)
        assert "SPX 2026-11-23, live, seq=10" in repr(followed)
    assert gateway.streams()[0].query["since"] == CURSOR
    assert gateway.streams()[0].query["symbols"] == "SPX"


def test_changes_are_merged(gateway, client):
    """What is held goes with the feed; what is held already, or is of another chain, changes nothing."""
    gateway.script(
        batch(10, **bid(9)), batch(11, **bid(1.7)), batch(12, expiration="2026-12-18", **bid(9)), HOLD
    )
    with client.follow_chain("SPX") as followed:
        update = next(followed)
        assert (update.kind, update.seq) == ("changed", 11)
        assert update.changed[ticker()]["quote.bid"] == (1.6, 1.7)
        assert (followed.chain[ticker()].quote.bid, followed.chain.seq) == (1.7, 11)
        assert followed.chain is followed.chain
        assert followed.cursor == "c11"


def test_contracts_come_and_go(gateway, client):
    """New ones whole, dropped ones by their ticker, in the chain's order."""
    new = rows(6790)
    gateway.script(batch(11, updates=new, removed=[ticker(6800, "put")], epoch=6), HOLD)
    with client.follow_chain("SPX") as followed:
        update = next(followed)
        assert (update.added, update.removed) == (new.keys(), {ticker(6800, "put")})
        assert [one.strike for one in followed.chain] == [6790, 6790, 6795, 6795, 6800]


def test_a_gap_is_mended(gateway, client):
    """An entry is missing: the chain is fetched again, and what came before it is passed over."""
    gateway.answer(PATH, chain_document(), chain_document(seq=14))
    gateway.script(batch(13, **bid(5)), batch(14, **bid(5)), batch(15, **bid(6)), HOLD)
    with client.follow_chain("SPX") as followed:
        first, second = islice(followed, 2)
    assert (first.kind, first.seq, followed.rereads) == ("reread", 14, 1)
    assert "gap" in first.reason
    assert (second.kind, second.seq) == ("changed", 15)


def test_a_reset_is_mended(gateway, client):
    """Whatever the stream could not keep is fetched."""
    gateway.answer(PATH, chain_document(), chain_document(seq=3, epoch=1))
    gateway.script(frame("reset", {"reason": "store", "streams": []}), HOLD)
    with client.follow_chain("SPX") as followed:
        assert next(followed).reason == "reset: store"
        assert (followed.chain.epoch, followed.chain.seq) == (1, 3)


def test_what_is_fetched_again_may_be_away(gateway, client):
    """A gateway without a store and a chain that is not loaded yet are waited for."""
    away = [Answer(503, {"reason": "away"}), Answer(404, {"reason": "no chain"})]
    gateway.answer(PATH, chain_document(), *away, chain_document(seq=20))
    gateway.script(frame("reset", {"reason": "store", "streams": []}), HOLD)
    with client.follow_chain("SPX") as followed:
        assert next(followed).seq == 20


def test_the_roll_is_followed(gateway, client):
    """The chain in force is another one then; who follows one expiration stays with it."""
    rolled = frame("sse:chain-full", loaded_document(expiration="2026-11-24", reason="roll"), "c11")
    gateway.answer(PATH, chain_document(), chain_document(expiration="2026-11-24"))
    gateway.script(rolled, HOLD)
    with client.follow_chain("SPX") as followed:
        assert next(followed).reason == "roll"
        assert followed.chain.expiration == date(2026, 11, 24)
    gateway.answer(PATH, chain_document())
    gateway.script(rolled, batch(11, **bid(2)), HOLD)
    with client.follow_chain("SPX", date.fromisoformat(DAY)) as followed:
        assert next(followed).kind == "changed"
    assert gateway.asked[-2].query == {"expiration": DAY}


def test_a_chain_that_began_anew_is_fetched(gateway, client):
    """Its numbers are lower than those that are held."""
    gateway.answer(PATH, chain_document(), chain_document(seq=1, epoch=1))
    gateway.script(frame("sse:chain-full", loaded_document(seq=1, epoch=1, ts=TS + 5), "c11"), HOLD)
    with client.follow_chain("SPX") as followed:
        assert next(followed).reason == "begun anew"
        assert followed.chain.seq == 1


def test_spot_goes_along(gateway, client):
    """With each newer tick."""
    ticks = [
        frame("sse:timeseries", tick_document(number, spot=6800 + number), f"c{number}") for number in (-3, 1)
    ]
    gateway.script(*ticks, HOLD)
    with client.follow_chain("SPX") as followed:
        assert next(followed).kind == "spot"
        assert followed.chain.spot == 6801


def test_state_goes_along(gateway, client):
    """It is asked for with each heartbeat; a connection that broke is never called live."""
    gateway.answer("/api/v1/status", status_document(state="gap"), status_document())
    beat = frame("heartbeat", {"ts": TS + 2500})
    gateway.script(beat, beat, CUT)
    gateway.script(beat, HOLD)
    with FollowedChain(client._own_gateway(), "SPX", patience=QUICK) as followed:
        seen = [(item.kind, followed.chain.state) for item in islice(followed, 4)]
        assert followed.chain.now_ms == TS + 2500
    assert seen == [("state", "gap"), ("state", "live"), ("state", "stale"), ("state", "live")]


def test_a_symbol_that_is_not_there_is_refused(client):
    """As by `chain`."""
    with pytest.raises(NotThere):
        client.follow_chain("IWM")


def test_closing_ends_it(gateway, client):
    """Nothing comes any more; what is held can still be read."""
    gateway.script(batch(11, **bid(2)), HOLD)
    followed = client.follow_chain("SPX")
    followed.close()
    assert kinds(followed) == []
    assert followed.chain.seq == 10
