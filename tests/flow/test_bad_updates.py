"""What the vendor should not send, from the bytes of a frame to the stored contract: refused or flagged, and counted exactly."""

import json
from collections import Counter

import pytest

from marketswarm.chain.conflate import FUTURE_ALLOWED_MS, Conflator
from marketswarm.chain.flush import Flusher, Right
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.clock import ManualClock
from marketswarm.massive.decode import decode_frame
from tests.support.builders import SPX, contract, ticker

NOW = 1_795_446_000_000
STORED = NOW - 1_000
YESTERDAY = NOW - 86_400_000
CALL, PUT, NEVER_QUOTED = ticker(6800), ticker(6800, "put"), ticker(6805)
KNOWN = {"ev": "Q", "sym": CALL, "bp": 1.7, "ap": 1.75, "bs": 5, "as": 6, "t": NOW, "q": 100}


def quote(**changes):
    """The known quote of the call, changed; what is None is left out."""
    return {name: value for name, value in (KNOWN | changes).items() if value is not None}


def trade(**changes):
    """A trade of the call."""
    return {"ev": "T", "sym": CALL, "p": 1.7, "s": 2, "x": 302, "t": NOW, "q": 7} | changes


class Line:
    """The way of a frame, from its bytes to the store, with everything that is counted on it."""

    def __init__(self, store: RedisChainStore, clock: ManualClock, epoch: int):
        self.clock, self.right = clock, {SPX: Right(epoch, 3)}
        self.conflator = Conflator()
        self.conflator.hold({SPX: store.universe(SPX).contracts})
        self.flusher = Flusher(self.conflator, store, clock, window_s=0.05)

    def send(self, *frames):
        """Send frames of events, or of raw text, and flush; the counts that are not zero."""
        counts = Counter()
        for frame in frames:
            raw = frame if isinstance(frame, str) else json.dumps(frame)
            decoded = decode_frame(raw)
            self.conflator.add(decoded.updates, self.clock.monotonic_s(), self.clock.now_ms())
            counts.update(decoded.bad.counts if decoded.bad else {})
        for flushed in self.flusher.flush(self.right, everything=True):
            counts["crossed"] += flushed.crossed
            for batch in flushed.outcome:
                for name in ("applied", "same", "stale", "unlisted"):
                    counts[f"store {name}"] += getattr(batch, name)
        counts.update(self.conflator.take_refused()[0])
        counts.update(self.flusher.take_refused().counts)
        return +counts


@pytest.fixture
def stored(redis):
    """What the store holds, byte by byte: contracts, meta and feed."""

    def stored():
        meta = redis.hgetall("chainmeta:SPX:2026-11-23")
        feed = redis.xinfo_stream("sse:chain-feed")["entries-added"]
        return redis.hgetall("chain:SPX:2026-11-23"), meta, feed

    return stored


@pytest.fixture
def line(redis, store, clock, commit):
    """A chain of three contracts, one without a quote; the call's known quote has been streamed."""
    rows = [contract(6800, ts=STORED), contract(6800, "put", ts=STORED)]
    rows.append(contract(6805, ts=STORED).model_copy(update={"quote": None}))
    redis.set("writertoken:SPX", 3)
    made = Line(store, clock, commit(rows).epoch)
    assert made.send([KNOWN]) == {"store applied": 1}
    return made


REFUSED = {
    "older than what was streamed": ([quote(t=NOW - 1)], {"late": 1}),
    "of the same ms and an earlier sequence": ([quote(bp=1.6, q=99)], {"late": 1}),
    "reordered within a frame": ([quote(t=NOW - 2, q=98), quote(t=NOW - 1, q=99)], {"late": 2}),
    "of yesterday, behind a streamed quote": ([quote(t=YESTERDAY)], {"late": 1}),
    "of yesterday, behind a loaded quote": ([quote(sym=PUT, t=YESTERDAY)], {"store stale": 1}),
    "the same again": ([KNOWN], {"store same": 1}),
    "the same three times": ([KNOWN, KNOWN, KNOWN], {"store same": 1}),
    "the same values under a later sequence": ([quote(q=2_000_000)], {"store same": 1}),
    "of the future": ([quote(t=NOW + FUTURE_ALLOWED_MS + 1)], {"future": 1}),
    "of no listed contract": ([quote(sym=ticker(9999))], {"unlisted": 1}),
    "of another expiration": ([quote(sym="O:SPXW261124C06800000")], {"unlisted": 1}),
    "below zero": ([quote(bp=-0.05), quote(ap=-1), trade(p=-1), trade(s=-1)], {"malformed": 4}),
    "a size below zero": ([quote(bs=-1)], {"malformed": 1}),
    "without a price": ([quote(bp=None), quote(ap=None), trade(p=None)], {"malformed": 3}),
    "without a time": ([quote(t=None)], {"malformed": 1}),
    "in seconds, or in ns": ([quote(t=NOW // 1000), quote(t=NOW * 1_000_000)], {"malformed": 2}),
    "a price as text": ([quote(bp="1.7")], {"malformed": 1}),
    "without a ticker": ([quote(sym=None), quote(sym="")], {"malformed": 2}),
    "of an unknown kind": ([quote(ev="ZZ"), quote(ev=7), quote(ev=None)], {"unknown-kind": 3}),
    "no object": ([7, None, [], "Q"], {"not-object": 4}),
    "no number that is one": (json.dumps([quote(bp=float("nan"))]), {"not-json": 1}),
    "cut off": ('[{"ev":"Q","sym":"', {"not-json": 1}),
    "no list": ('{"ev":"Q"}', {"not-array": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "counts"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_changes_no_byte(line, stored, frame, counts):
    """Refused with its own word, counted exactly; contracts, seq and feed are what they were, byte by byte."""
    before = stored()

    assert line.send(frame) == counts

    assert stored() == before


ACCEPTED = {
    "crossed": (quote(bp=1.9, ap=1.8, t=NOW + 1), {"bid": 1.9, "ask": 1.8}, {"crossed": 1}),
    "locked": (quote(bp=1.8, ap=1.8, t=NOW + 1), {"bid": 1.8, "ask": 1.8, "mid": 1.8}, {}),
    "nobody bids": (quote(bp=0, t=NOW + 1), {"bid": 0, "ask": 1.75, "mid": 0.875}, {}),
    "nobody offers": (quote(ap=0, t=NOW + 1), {"bid": 1.7, "ask": 0}, {}),
    "sizes of nothing": (quote(bs=0, t=NOW + 1), {"bid": 1.7, "ask": 1.75, "mid": 1.725, "bid_size": 0}, {}),
    "a sequence that jumps": (quote(bp=1.6, q=9_000_000), {"bid": 1.6, "ask": 1.75, "mid": 1.675}, {}),
    "a sequence that fell with a later time": (quote(bp=1.6, t=NOW + 1, q=1), {"bid": 1.6, "mid": 1.675}, {}),
    "a little in the future": (quote(bp=1.6, t=NOW + FUTURE_ALLOWED_MS), {"bid": 1.6, "mid": 1.675}, {}),
}


@pytest.mark.parametrize(("sent", "members", "flags"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_odd_and_true_is_stored(line, store, sent, members, flags):
    """The vendor's word is stored as it is, without a mid where there is none; a crossed quote is flagged."""
    assert line.send([sent]) == {"store applied": 1} | flags

    quoted = store.read("SPX", SPX.expiration).contracts[CALL].quote.model_dump(exclude_none=True)
    assert quoted.items() >= (members | {"ts": sent["t"]}).items()
    assert ("mid" in quoted) is ("mid" in members)


def test_an_old_quote_is_better_than_none(line, store):
    """Yesterday's quote of a contract that has none is stored under its own time."""
    assert line.send([quote(sym=NEVER_QUOTED, t=YESTERDAY)]) == {"store applied": 1}
    assert store.read("SPX", SPX.expiration).contracts[NEVER_QUOTED].quote.ts == YESTERDAY


def test_one_bad_event_costs_itself_only(line, store):
    """Between two refused events the good one is stored; each of the three is counted once."""
    frame = [quote(t=NOW - 1), quote(sym=PUT, bp=1.5), quote(bp=-1)]

    assert line.send(frame) == {"late": 1, "store applied": 1, "malformed": 1}
    assert store.read("SPX", SPX.expiration).contracts[PUT].quote.bid == 1.5


def test_counts_are_kept_per_symbol(line):
    """Refusals of a symbol's own contracts are told of the symbol; what belongs to none is not."""
    line.send([quote(t=NOW - 1), quote(t=NOW - 2), quote(sym=ticker(9999)), quote(t=NOW + 10**6)])

    assert line.conflator.refused_of("SPX") == {"late": 2, "future": 1}
    assert line.conflator.refused_of("SPY") == {}
