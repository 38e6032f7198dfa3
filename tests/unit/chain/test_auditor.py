"""The audit on a real server: what is compared when, what is repaired how, what is announced."""

import pytest

from marketswarm.chain.auditor import ChainAuditor
from marketswarm.chain.audits import AuditLedger
from marketswarm.chain.flight import FlightControl
from marketswarm.chain.stored import Change
from marketswarm.errors import RateLimited, StoreUnavailable
from marketswarm.model.chain import ChainId, ChainRows
from marketswarm.model.contract import Greeks, Trade
from tests.support.applied import apply_changes
from tests.support.builders import DAY, EXPIRE_MS, SPX, contract, ladder, ticker

SPY = ChainId("SPY", DAY)


class Vendor:
    """A vendor with these rows; `meanwhile` happens while it is asked."""

    def __init__(self, rows):
        self.rows = {row.ticker: row for row in rows}
        self.delayed = False
        self.meanwhile = lambda: None
        self.asked = []

    def put(self, row):
        self.rows[row.ticker] = row

    def chain_rows(self, chain, low, high):
        self.asked.append((chain.symbol, low, high))
        self.meanwhile()
        rows = {name: row for name, row in self.rows.items() if low <= row.strike <= high}
        return ChainRows(chain, rows, delayed=self.delayed)


class Rig:
    """An auditor of SPX and SPY, its vendor and its store."""

    def __init__(self, redis, store, clock):
        self.redis, self.store, self.clock = redis, store, clock
        self.vendor = Vendor(ladder())
        self.ledger, self.flights = AuditLedger(redis, "test"), FlightControl(redis, "test")
        self.open, self.streamed, self.waits = True, ["quote", "trade", "day"], []
        self.while_waiting = self.before_repair = lambda: None
        self.auditor = ChainAuditor(
            self.vendor,
            store,
            self.ledger,
            self.flights,
            self,
            symbols=["SPX", "SPY"],
            held_chains=self.held,
            in_session=lambda _now_ms: self.open,
            streamed=self.streamed_of,
            expire_ms=lambda _chain: EXPIRE_MS,
        )

    def held(self, symbol):
        return [chain for chain in (SPX, SPY) if chain.symbol == symbol and self.store.meta(chain)]

    def streamed_of(self, _symbol):
        if self.waits:
            self.before_repair()
        return self.streamed

    # a clock that tells what is waited for
    def now_ms(self):
        return self.clock.now_ms()

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.clock.sleep(seconds)
        self.while_waiting()

    def audit(self):
        return self.auditor.audit()

    def fulls(self):
        return [fields[b"reason"].decode() for _, fields in self.redis.xrange("sse:chain-full")][1:]

    def quote_of(self, name):
        return self.store.read("SPX", DAY).contracts[name].quote


@pytest.fixture
def rig(redis, store, clock, commit):
    """A live chain that is as the vendor has it."""
    commit(ladder())
    redis.hset("chainmeta:SPX:2026-11-23", "state", "live")
    return Rig(redis, store, clock)


def newer(*strikes):
    """Calls with a newer and other quote."""
    return [contract(strike, bid=2.0, ask=2.1, ts=5000) for strike in strikes]


def test_a_chain_that_agrees_is_left_alone(rig):
    """One call for the whole of a small chain, no second look, no write to the chain."""
    report = rig.audit()

    assert (report.outcome, report.contracts, report.checked, report.mismatched) == ("same", 18, 18, 0)
    assert rig.vendor.asked == [("SPX", 6780, 6820)]
    assert rig.waits == [0.0]
    assert (rig.fulls(), rig.store.meta(SPX).seq) == ([], 1)
    assert rig.ledger.told("SPX")["rate"] == 0.0


def test_a_mismatch_counts_after_three_seconds_and_is_repaired(rig):
    """The vendor's row is merged by time, reason `audit`, without its greeks; the chain stays live."""
    (row,) = newer(6800)
    rig.vendor.put(row.model_copy(update={"greeks": Greeks(iv=0.2, source="provider", ts=5000)}))

    report = rig.audit()

    assert (report.outcome, report.mismatched) == ("repaired", 1)
    assert sum(rig.waits) == 3.0
    assert rig.fulls() == ["audit"]
    assert rig.quote_of(row.ticker) == row.quote
    assert rig.store.read("SPX", DAY).contracts[row.ticker].greeks is None
    assert rig.store.meta(SPX).state == "live"
    told = rig.ledger.told("SPX")
    assert (told["behind"], told["repaired"], told["losses"], told["last"]) == (1, 1, 0, "repaired")
    assert told["rate"] == round(1 / 18, 6)


def test_a_stream_that_was_only_slower_is_not_blamed(rig, redis):
    """What the stream stores within the second look is no mismatch."""
    (row,) = newer(6800)
    rig.vendor.put(row)
    redis.set("writertoken:SPX", 3)
    patch = '"bid":2,"ask":2.1,"mid":2.05,"bid_size":10,"ask_size":20,"ts":5000'

    def stream():
        if rig.waits == [0.0, 1.0]:
            apply_changes(
                rig.store, SPX, rig.store.meta(SPX).epoch, 3, [Change(row.ticker, "quote", 5000, 1, patch)]
            )

    rig.while_waiting = stream

    report = rig.audit()

    assert (report.outcome, report.mismatched, rig.waits) == ("same", 0, [0.0, 1.0])
    assert rig.ledger.told("SPX")["mismatched"] == 0


def test_so_much_behind_is_a_gap(rig):
    """Three contracts behind: repaired, and announced as a gap with a doubt that the stream will see."""
    for row in newer(6790, 6800, 6810):
        rig.vendor.put(row)

    assert rig.audit().outcome == "gap"

    assert rig.store.meta(SPX).state == "gap"
    assert rig.store.universe(SPX).doubt
    assert rig.fulls() == ["gap"]
    assert rig.quote_of(ticker(6790)).bid == 2.0
    assert rig.ledger.told("SPX")["losses"] == 1


def test_sections_that_only_snapshots_bring_are_refreshed_without_a_gap(rig):
    """A plan without trades: the audit brings them, and nothing was lost."""
    rig.streamed = ["quote", "day"]
    for strike in (6790, 6800, 6810):
        rig.vendor.put(contract(strike).model_copy(update={"trade": Trade(price=2.0, size=1, ts=5000)}))

    assert rig.audit().outcome == "repaired"
    assert rig.store.meta(SPX).state == "live"


def test_polled_quotes_are_not_audited(rig):
    """A plan without quotes: polls bring them, a few seconds late; what is streamed is compared as ever."""
    rig.streamed = ["trade", "day"]
    for row in newer(6790, 6800, 6810):
        rig.vendor.put(row)

    assert rig.audit().outcome == "same"


@pytest.mark.parametrize("said_by", ["rows", "meta"])
def test_delayed_data_is_not_called_behind(rig, redis, said_by):
    """Stream and snapshots are late each by its own: only other values of the same time are a fault."""
    for row in newer(6790, 6800, 6810):
        rig.vendor.put(row)
    if said_by == "rows":
        rig.vendor.delayed = True
    else:
        redis.hset("chainmeta:SPX:2026-11-23", "delayed", 1)

    assert rig.audit().outcome == "same"

    rig.vendor.put(contract(6800, bid=1.1))
    assert rig.audit().outcome == "repaired"
    assert rig.store.meta(SPX).state == "live"


def test_a_snapshot_that_lags_is_no_mismatch(rig, clock):
    """A vendor whose whole snapshot is older than the store is counted as behind, and writes nothing."""
    rig.vendor.rows = {row.ticker: row for row in ladder(bid=1.0, ts=400)}

    report = rig.audit()

    assert (report.outcome, report.vendor_behind) == ("same", 18)
    assert rig.ledger.told("SPX")["vendor_behind_ms"] == 600
    assert rig.quote_of(ticker()).bid == 1.6


def test_a_newly_listed_contract_is_added(rig):
    """A contract in the window that is not stored: added, the epoch grows."""
    epoch = rig.store.meta(SPX).epoch
    rig.vendor.put(contract(6802, trade=Trade(price=1, ts=1)))

    assert rig.audit().outcome == "repaired"
    assert ticker(6802) in rig.store.read("SPX", DAY).contracts
    assert rig.store.meta(SPX).epoch == epoch + 1
    assert rig.ledger.told("SPX")["missing"] == 1


def test_a_contract_without_a_row_stays(rig):
    """It counts as extra; an absent row does not delist."""
    del rig.vendor.rows[ticker(6800)]

    assert rig.audit().mismatched == 1
    assert rig.quote_of(ticker(6800)) is not None
    assert (rig.ledger.told("SPX")["extra"], rig.ledger.told("SPX")["repaired"]) == (1, 0)
    assert rig.fulls() == []


def test_a_chain_that_changes_meanwhile_is_not_judged(rig, redis, commit):
    """An epoch or a state that changed under the audit: nothing counts, nothing is written."""
    for row in newer(6790, 6800, 6810):
        rig.vendor.put(row)
    rig.vendor.meanwhile = lambda: redis.hset("chainmeta:SPX:2026-11-23", "state", "gap")
    assert rig.audit().outcome == "moved"

    redis.hset("chainmeta:SPX:2026-11-23", "state", "live")
    rig.vendor.meanwhile = lambda: redis.hincrby("chainmeta:SPX:2026-11-23", "epoch", 1)
    assert rig.audit().outcome == "moved"
    assert (rig.fulls(), rig.ledger.told("SPX")["checked"]) == ([], 0)


def test_a_chain_that_changes_before_the_repair_is_not_written(rig, redis):
    """What was dropped meanwhile must not come back by a repair: the finding counts, the next audit looks anew."""
    rig.vendor.put(newer(6800)[0])
    rig.before_repair = lambda: redis.hincrby("chainmeta:SPX:2026-11-23", "epoch", 1)

    assert rig.audit().outcome == "unrepaired"
    assert rig.fulls() == []


def test_a_load_in_flight_goes_first(rig, redis):
    """Its symbol is not audited; one that takes off later keeps the audit from repairing, not from counting."""
    redis.set("loading:SPX", "a load")
    assert (rig.audit().outcome, rig.vendor.asked) == ("idle", [])

    redis.delete("loading:SPX")
    rig.vendor.put(newer(6800)[0])
    rig.vendor.meanwhile = lambda: redis.set("loading:SPX", "a load")

    assert rig.audit().outcome == "unrepaired"
    assert rig.ledger.told("SPX")["behind"] == 1
    assert redis.get("loading:SPX") == b"a load"


@pytest.mark.parametrize("state", ["loading", "stale", "gap", "closed"])
def test_only_live_chains_are_audited(rig, redis, state):
    """What is not called live needs no proof that it is not."""
    redis.hset("chainmeta:SPX:2026-11-23", "state", state)
    assert (rig.audit().outcome, rig.vendor.asked) == ("idle", [])


def test_outside_the_session_the_vendor_is_left_in_peace(rig):
    """No call, no entry."""
    rig.open = False
    assert (rig.audit().outcome, rig.vendor.asked, rig.ledger.told("SPX")) == ("idle", [], {})


def test_two_audits_do_not_meet(rig):
    """The second one ends at once."""
    with rig.ledger.take_turn("another"):
        assert (rig.audit().outcome, rig.vendor.asked) == ("busy", [])


def test_chains_take_turns(rig, commit, redis):
    """The one that waited longest is next, also after a failure, which is kept and told."""
    commit([contract(symbol="SPY")], chain=SPY)
    redis.hset("chainmeta:SPY:2026-11-23", "state", "live")
    for _ in range(4):
        rig.audit()
        rig.clock.advance(5)
    assert [symbol for symbol, *_ in rig.vendor.asked] == ["SPX", "SPY", "SPX", "SPY"]

    def refuse():
        raise RateLimited("chain of SPX", "429")

    rig.vendor.meanwhile = refuse
    report = rig.audit()
    assert (report.outcome, report.chain) == ("failed", "SPX 2026-11-23")
    assert rig.ledger.told("SPX")["error"] == report.error != ""
    rig.clock.advance(5)
    assert rig.audit().chain == "SPY 2026-11-23"


def test_chains_take_turns_after_a_clock_was_set_back(rig, commit, redis):
    """What was audited by the clock of before is not audited again and again until that time has come."""
    commit([contract(symbol="SPY")], chain=SPY)
    redis.hset("chainmeta:SPY:2026-11-23", "state", "live")
    for _ in range(2):
        rig.audit()
        rig.clock.advance(5)
    rig.clock.step(-1800)
    rig.vendor.asked.clear()
    for _ in range(4):
        rig.audit()
        rig.clock.advance(5)
    assert {symbol for symbol, *_ in rig.vendor.asked[:2]} == {"SPX", "SPY"}
    assert {symbol for symbol, *_ in rig.vendor.asked[2:4]} == {"SPX", "SPY"}


def test_a_store_that_is_away_is_an_error(rig):
    """It is raised, so that the task shows it."""

    def vanish():
        raise StoreUnavailable("test", "gone")

    rig.vendor.meanwhile = vanish
    with pytest.raises(StoreUnavailable):
        rig.audit()
