"""Recordings of a whole chain and its heartbeat: quotes of all strikes around a spot that goes where it is told."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from marketswarm.greeks_joint import GreeksJoint
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.recorder.entries import Cut, Entry
from marketswarm.recorder.stored import StoredChains, write_snapshots
from marketswarm.spot.redis_spots import RedisSpots
from tests.support.builders import SPX, ticker
from tests.support.priced_chain import PricedChain
from tests.support.recordings import BEGUN_US, deed, exchange, frame, frames, make_recording, quote

SLOT_MS = 10_000
BEGUN_MS = BEGUN_US // 1000  # a slot
_TARGET = "/v3/snapshot?ticker.any_of=I:SPX&limit=250"


def heartbeat(step: int, spot: float) -> list[Entry]:
    """One slot's answer and tick, 40 ms behind its mark."""
    at_ms, slot = SLOT_MS * step + 40, BEGUN_MS + SLOT_MS * step
    row = {"ticker": "I:SPX", "value": spot, "last_updated": slot * 1_000_000, "type": "indices"}
    body = {"status": "OK", "results": [row]}
    return [exchange(at_ms, _TARGET, body), deed(at_ms + 10, "tick", slot=slot)]


def quotes(step: int, second: int, spot: float) -> Entry:
    """All contracts quoted around that spot, so many seconds behind the slot."""
    after_ms = SLOT_MS * step + 1_000 * second
    market = PricedChain(forward=spot + 3, now_ms=BEGUN_MS + after_ms)
    sides = [(strike, kind) for strike in market.strikes for kind in ("call", "put")]
    events = []
    for strike, kind in sides:
        bid, ask = market.quote(strike, kind)
        events.append(quote(bid, after_ms, ticker(strike, kind), ap=ask))
    return frames(after_ms, frame(*events))


def record_market(folder: Path, redis, store, clock, commit, spots: Sequence[float]) -> Path:
    """A recording of SPX, a tick of each spot; the given server is empty afterwards."""
    clock.step((BEGUN_MS - clock.now_ms()) / 1000)
    greeks = GreeksJoint(store, RedisSpots(redis, "test"), us_options_calendar(), clock).load_greeks()
    commit(greeks.whole(SPX, PricedChain(forward=spots[0] + 3, now_ms=BEGUN_MS).contracts(), spots[0]))
    redis.hset(f"chainmeta:{SPX.symbol}:{SPX.expiration}", "state", "live")
    end_us = BEGUN_US + (SLOT_MS * len(spots) - 1_000) * 1000
    begin, end = Cut(BEGUN_US, "begin", ["SPX"]), Cut(end_us, "end", ["SPX"])
    made = make_recording(folder, [begin, *_entries(spots), end])
    found = StoredChains(redis, lambda _symbol: [SPX]).read(["SPX"])
    write_snapshots(made, "begin", found, lambda data: data)
    redis.flushall()
    return made


def _entries(spots: Sequence[float]) -> Iterator[Entry]:
    for step, spot in enumerate(spots):
        yield from heartbeat(step, spot)
        yield from (quotes(step, second, spot) for second in range(1, 10))
