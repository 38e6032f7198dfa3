"""Greeks that keep up with the quotes of streamed chains."""

import json
from datetime import timedelta

import pytest

from marketswarm.chain.conflate import Latest
from marketswarm.chain.greeks_text import FIGURES
from marketswarm.chain.valued_rows import with_local_greeks
from marketswarm.chain.valuer import ChainValuer
from marketswarm.clock import ManualClock
from marketswarm.model.chain import ChainId
from marketswarm.model.contract import Greeks
from tests.support.builders import DAY, SPX, quote, ticker
from tests.support.priced_chain import CLOSE_MS, PricedChain

CALL, PUT = ticker(6_850), ticker(6_850, "put")


class Desk:
    """A valuer of one chain whose quotes follow a market."""

    def __init__(self, *, valued=True, **more):
        self.market = PricedChain()
        self.clock = ManualClock(self.market.now_ms)
        self.spot = (6_800.0, 1)
        self.asked = 0
        self.valuer = ChainValuer(self.clock, settles_ms=lambda _chain, _root: CLOSE_MS, spot_of=self.spot_of)
        rows = self.market.contracts(**more)
        self.stored = {one.ticker: one for one in (self.local(rows) if valued else rows)}
        self.hold()

    def spot_of(self, chain):
        assert chain == SPX
        self.asked += 1
        return self.spot

    def local(self, rows):
        return with_local_greeks(
            rows, spot=self.spot[0], now_ms=self.market.now_ms, settles_ms=lambda _root: CLOSE_MS
        )

    def hold(self):
        self.valuer.hold({SPX: {name: one.canonical_json().encode() for name, one in self.stored.items()}})

    def wait(self, seconds):
        self.clock.advance(seconds)
        self.market.now_ms = self.clock.now_ms()

    def changes(self, *tickers):
        """Flush new quotes of these contracts; the sections that change, by ticker."""
        touched = []
        for one in (self.stored[name] for name in tickers):
            bid, ask = self.market.quote(one.strike, one.type)
            update = quote(one.ticker, bid=bid, ask=ask, ts=self.market.now_ms)
            touched.append(Latest(one.ticker, SPX, quote=update))
        found = self.valuer.changes(SPX, touched)
        assert all(change.section == "greeks" and change.seq is None for change in found)
        patches = {change.ticker: json.loads(f"{{{change.patch}}}") for change in found}
        assert all(patches[change.ticker]["ts"] == change.ts for change in found)
        return patches

    def everything(self):
        return self.changes(*self.stored)


@pytest.fixture
def desk():
    """A chain that was loaded and valued a moment ago."""
    desk = Desk()
    desk.changes()
    desk.wait(0.25)
    return desk


def test_a_chain_as_it_was_loaded_needs_no_change():
    """The valuer's first look at a chain agrees with what the load has written."""
    assert Desk().changes() == {}


def test_a_loaded_chain_without_greeks_gets_all_of_them():
    """Every contract, at once, with source and time."""
    desk = Desk(valued=False)
    found = desk.changes()
    assert found.keys() == desk.stored.keys()
    assert found[CALL]["iv"] == pytest.approx(0.25, abs=1e-8)
    assert {one["source"] for one in found.values()} == {"local"}
    assert {one["ts"] for one in found.values()} == {desk.market.now_ms}


def test_provider_greeks_are_replaced_everywhere_at_once():
    """No contract of a chain that can be valued keeps what the provider said."""
    desk = Desk(valued=False, greeks=Greeks(iv=0.1, source="provider", ts=PricedChain().now_ms + 5))
    found = desk.changes()
    assert found.keys() == desk.stored.keys()
    assert {one["ts"] for one in found.values()} == {desk.market.now_ms + 5}


def test_a_chain_that_cannot_be_valued_is_left_alone():
    """A chain without usable quotes keeps what the provider says of it."""
    provider = Greeks(iv=0.1, source="provider", ts=1)
    assert Desk(valued=False, quote=None, greeks=provider).changes() == {}


def test_a_new_quote_changes_both_sides_of_its_strike(desk):
    """One call's quote touches itself and its put, and nobody else."""
    desk.market.volatility = 0.26
    found = desk.changes(CALL)
    assert found.keys() == {CALL, PUT}
    assert found[CALL]["iv"] == found[PUT]["iv"] == pytest.approx(0.26, abs=1e-8)
    assert list(found[CALL]) == [*FIGURES, "source", "ts"]


def test_at_most_every_250_ms(desk):
    """What is touched in between waits, and comes without another quote."""
    desk.market.volatility = 0.26
    assert desk.changes(CALL)
    desk.wait(0.1)
    desk.market.volatility = 0.27
    assert desk.changes(CALL) == {}
    desk.wait(0.1)
    assert desk.changes() == {}
    desk.wait(0.06)
    assert desk.changes()[CALL]["iv"] == pytest.approx(0.27, abs=1e-6)


def test_chains_take_turns():
    """Chains that are held together are valued at different moments, so that no flush carries all of them."""
    desk = Desk()
    later = ChainId("SPX", DAY + timedelta(days=1))
    text = {name: one.canonical_json().encode() for name, one in desk.stored.items()}
    asked = []
    valuer = ChainValuer(
        desk.clock, settles_ms=lambda _chain, _root: CLOSE_MS, spot_of=lambda _chain: desk.spot
    )
    valuer.hold({SPX: text, later: dict(text)})
    for _ in range(20):
        desk.wait(0.025)
        desk.market.forward += 2
        bid, ask = desk.market.quote(6_850, "call")
        touched = [Latest(CALL, SPX, quote=quote(CALL, bid=bid, ask=ask, ts=desk.market.now_ms))]
        asked.append(tuple(bool(valuer.changes(chain, touched)) for chain in (SPX, later)))
    assert asked[0] == (True, True)
    assert (True, True) not in asked[1:]
    assert [sum(column) for column in zip(*asked[1:], strict=True)] == [2, 2]


def test_nothing_new_nothing_written(desk):
    """Without a quote nothing is computed, however much time passes; with the same quote nothing is written."""
    desk.wait(60)
    assert desk.changes() == {}
    desk.market.now_ms = desk.market.now_ms - 60_250
    assert desk.changes(CALL) == {}


def test_a_forward_that_moves_by_a_basis_point_moves_all(desk):
    """Below a basis point only what is touched is written; at one, the whole chain."""
    near = [ticker(strike, side) for strike in range(6_760, 6_850, 5) for side in ("call", "put")]
    desk.market.forward *= 1.00005
    assert desk.changes(*near).keys() == set(near)
    desk.wait(0.25)
    desk.market.forward *= 1.00006
    assert desk.changes(*near).keys() == desk.stored.keys()


def test_spot_that_moves_by_a_basis_point_moves_all_without_a_quote(desk):
    """No contract is quoted; the tick says that spot has moved, and every delta that it changes is written."""
    desk.wait(1.5)
    desk.changes(CALL)
    desk.wait(1.5)
    desk.spot = (6_800.0 * 1.00005, desk.clock.now_ms())
    assert desk.changes() == {}
    desk.wait(1.5)
    desk.spot = (6_800.0 * 1.0002, desk.clock.now_ms())

    assert desk.changes().keys() == desk.stored.keys()


def test_without_a_quote_the_reason_is_as_old_as_the_newest_one():
    """One contract of an empty chain is quoted: all others have a reason, of that quote's time, which every store takes."""
    market = PricedChain()
    clock = ManualClock(market.now_ms)
    valuer = ChainValuer(
        clock, settles_ms=lambda _chain, _root: CLOSE_MS, spot_of=lambda _chain: (6_800.0, 1)
    )
    rows = [one.model_copy(update={"quote": None}) for one in market.contracts()]
    valuer.hold({SPX: {one.ticker: one.canonical_json().encode() for one in rows}})
    bid, ask = market.quote(6_850, "call")

    found = valuer.changes(SPX, [Latest(CALL, SPX, quote=quote(CALL, bid=bid, ask=ask, ts=market.now_ms))])

    assert len(found) == len(rows)
    assert {change.ts for change in found} == {market.now_ms}


def test_after_ten_seconds_all_are_written(desk):
    """Time alone moves the greeks of a chain that is quoted at all."""
    desk.wait(9.5)
    assert len(desk.changes(CALL)) == 2
    desk.wait(0.5)
    assert desk.changes(CALL).keys() == desk.stored.keys()


def test_spot_follows_the_forward_between_ticks(desk):
    """Carry is what it was when spot was last known: delta and gamma follow the market before the next tick does."""
    desk.market.forward *= 1.01
    found = desk.everything()
    moved = found[CALL]
    desk.spot = (6_868.0, 2)
    desk.wait(1.0)
    again = desk.everything()
    assert again[CALL]["gamma"] == pytest.approx(moved["gamma"], rel=1e-3)
    assert again[CALL]["delta"] == pytest.approx(moved["delta"], rel=1e-3)


def test_a_new_spot_alone_moves_delta(desk):
    """When spot comes in lower at the same forward, each point of it is worth more."""
    before = desk.everything() or {CALL: json.loads(desk.stored[CALL].greeks.model_dump_json())}
    desk.spot = (6_732.0, 2)
    desk.wait(1.0)
    found = desk.everything()
    assert found[CALL]["delta"] / before[CALL]["delta"] == pytest.approx(6_800 / 6_732, rel=2e-3)


def test_spot_is_asked_for_once_a_second(desk):
    """However often a chain is valued."""
    before = desk.asked
    for _ in range(8):
        desk.wait(0.25)
        desk.changes(CALL)
    assert desk.asked - before == 2


def test_a_lost_quote_leaves_a_reason_and_its_return_takes_it_away(desk):
    """No bid: both sides lose their figures and get the reason, once; a bid again: figures, and the reason goes."""
    bare = Latest(CALL, SPX, quote=quote(CALL, bid=0, ask=0.05, ts=desk.market.now_ms))
    found = {change.ticker: json.loads(f"{{{change.patch}}}") for change in desk.valuer.changes(SPX, [bare])}
    assert found.keys() == {CALL, PUT}
    assert found[CALL] == dict.fromkeys(FIGURES) | {
        "source": "local",
        "absent": "no-bid",
        "ts": desk.market.now_ms,
    }
    desk.wait(0.25)
    assert desk.valuer.changes(SPX, [bare]) == []
    desk.wait(0.25)
    back = desk.changes(CALL)
    assert back[PUT]["iv"] == pytest.approx(0.25, abs=1e-6)
    assert back[PUT]["absent"] is None


def test_at_settlement_all_expire_without_a_quote(desk):
    """The moment is met by the clock, and said once."""
    desk.wait((CLOSE_MS - desk.clock.now_ms()) / 1000)
    found = desk.changes()
    assert found.keys() == desk.stored.keys()
    assert {one["absent"] for one in found.values()} == {"expired"}
    desk.wait(1)
    assert desk.changes() == {}


def test_after_a_load_the_whole_chain_is_compared_with_the_store(desk):
    """What a load wrote with greeks of its own is put right, and never with an older time than it has."""
    later = desk.market.now_ms + 900
    wrong = Greeks(iv=0.3, delta=0.5, gamma=0.1, theta=-1, vega=1, source="local", ts=later)
    desk.stored[CALL] = desk.stored[CALL].model_copy(update={"greeks": wrong})
    desk.hold()
    found = desk.changes()
    assert found.keys() == {CALL}
    assert found[CALL]["iv"] == pytest.approx(0.25, abs=1e-8)
    assert found[CALL]["ts"] == later


def test_quotes_that_wait_survive_a_load(desk):
    """Quotes that came before the store was read again still count, valued by then or not."""
    other = ticker(6_870)
    desk.market.volatility = 0.26
    desk.changes(CALL)
    desk.changes(other)
    desk.hold()
    desk.wait(0.25)
    found = desk.changes()
    assert [found[name]["iv"] for name in (CALL, other)] == pytest.approx([0.26, 0.26], abs=1e-6)


def test_a_chain_that_is_not_held_has_no_greeks(desk):
    """Nothing is said of chains of others, or of ours that have left."""
    desk.valuer.hold({})
    assert desk.valuer.changes(SPX, []) == []


def test_where_flushes_become_rare_valuations_do(desk):
    """With a window of 100 ms a chain is valued twice a second, and four times again when the window is as it was."""
    times = {}
    for window_s in (0.1, 0.05):
        desk.wait(1.0)
        times[window_s] = 0
        for _ in range(40):
            desk.wait(0.05)
            desk.market.forward *= 1.001
            desk.valuer.prepare(window_s)
            times[window_s] += bool(desk.everything())

    assert times[0.1] == pytest.approx(4, abs=1)
    assert times[0.05] == pytest.approx(8, abs=1)


def test_spots_are_read_before_a_flush(desk):
    """What was read then need not be asked for while the flush is being made."""
    desk.wait(1.0)
    desk.valuer.prepare(0.05)
    asked = desk.asked
    desk.everything()

    assert desk.asked == asked
