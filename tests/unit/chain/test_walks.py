"""Windows under a spot that walks and jumps: no flapping, spot always covered, nothing dropped before its successor came."""

import itertools
import math
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.chain.allotment import StoredAllotment
from marketswarm.chain.drift import DriftWatch
from marketswarm.chain.flight import FlightControl
from marketswarm.chain.loader import ChainLoader
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.strikes import StrikeBook
from marketswarm.chain.window import COOLDOWN_MS, Move, choose_window, plan_move, wants_move
from marketswarm.maths.calendar import us_options_calendar
from tests.support.builders import SPX
from tests.support.fakes import FakeMarket

STEP, N, ALLOWED, MARGIN = 5, 50, 10.0, 12
LISTED = [float(strike) for strike in range(5000, 9001, STEP)]
TICK_S, HALF_AN_HOUR_S = 10, 1800
SIGMA_A_SECOND = 6800 / math.sqrt(252 * 23_400)  # points, of a market that moves by 100 % a year


@dataclass
class Walk:
    """One chain under a random walk: a tick every ten seconds, a move a second or two later, the drop after that."""

    seed: int
    moves_s: list[int] = field(default_factory=list)
    fetches: int = 0
    covered: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.sigma = SIGMA_A_SECOND * self.dice.choice([0.1, 0.15, 0.2, 0.3, 0.4])
        self.centre = 6800.0
        edge = self.dice.choice([-1, 1]) * (ALLOWED * STEP + self.dice.uniform(-STEP, STEP) / 2)
        self.spot = self.centre + edge
        self.low, self.high = self.centre - N * STEP, self.centre + N * STEP
        self.move: Move | None = None

    def live(self) -> "Walk":
        """Half an hour, second by second."""
        add_s = drop_s = -1
        for now_s in range(HALF_AN_HOUR_S):
            self.spot += self.dice.gauss(0, self.sigma)
            if now_s % TICK_S == 0 and self._wants_move(now_s):
                add_s, drop_s = now_s + self.dice.choice([1, 2]), now_s + self.dice.choice([3, 4, 5])
            if now_s == add_s:
                self._add(now_s)
            if now_s == drop_s:
                self._drop()
            self.covered += self._is_covered()
        return self

    def _wants_move(self, now_s: int) -> bool:
        held = LISTED[LISTED.index(self.low) : LISTED.index(self.high) + 1]
        return wants_move(
            held,
            self.centre,
            self.spot,
            each_side=N,
            strikes_allowed=ALLOWED,
            points_allowed=None,
            is_rested=not self.moves_s or (now_s - self.moves_s[-1]) * 1000 >= COOLDOWN_MS,
        )

    def _add(self, now_s: int) -> None:
        self.move = plan_move(LISTED, (self.low, self.high), self.spot, each_side=N, margin=MARGIN)
        self.fetches += bool(self.move.spans)
        assert self.move.reach[0] <= self.low
        assert self.move.reach[1] >= self.high
        self.low, self.high = self.move.reach
        self.centre = self.move.window.centre
        self.moves_s.append(now_s)

    def _drop(self) -> None:
        assert self.low <= self.move.keep[0] <= self.move.window.low
        assert self.move.window.high <= self.move.keep[1] <= self.high
        self.low, self.high = self.move.keep

    def _is_covered(self) -> bool:
        """Whether N strikes less the allowed drift are held around the strike nearest to spot."""
        nearest, reach = round(self.spot / STEP) * STEP, (N - ALLOWED) * STEP
        return self.low <= nearest - reach and nearest + reach <= self.high


def test_a_thousand_walks_around_a_strike_at_the_threshold():
    """At most one move in a cooldown, and the strikes around spot are held 99.9 % of the time, at up to 40 % a year."""
    walks = [Walk(seed).live() for seed in range(1000)]

    gaps = [
        later - earlier
        for walk in walks
        for earlier, later in zip(walk.moves_s, walk.moves_s[1:], strict=False)
    ]
    assert gaps
    assert min(gaps) * 1000 >= COOLDOWN_MS
    assert sum(walk.covered for walk in walks) >= 0.999 * 1000 * HALF_AN_HOUR_S
    moves = sum(len(walk.moves_s) for walk in walks)
    assert sum(walk.fetches for walk in walks) < moves, "some walks back need no load"


def test_a_spot_that_trembles_at_the_threshold_moves_the_window_once():
    """The new centre is at spot, so the whole threshold lies before the next move, in both directions."""
    centre, moves = 6800.0, 0
    for step in range(200):
        spot = 6850 + (3 if step % 2 else -3)
        if wants_move(
            LISTED,
            centre,
            spot,
            each_side=N,
            strikes_allowed=ALLOWED,
            points_allowed=None,
            is_rested=True,
        ):
            centre, moves = choose_window(LISTED, spot, N).centre, moves + 1

    assert moves == 1


@pytest.mark.parametrize("far", [-60, 60])
def test_a_walk_there_and_back_is_loaded_once(far):
    """The way there brings strikes, the way back finds all of them in the margin."""
    held = (6800.0 - N * STEP, 6800.0 + N * STEP)
    there = plan_move(LISTED, held, 6800 + far, each_side=N, margin=MARGIN)
    back = plan_move(LISTED, there.keep, 6800, each_side=N, margin=MARGIN)

    assert len(there.spans) == 1
    assert back.spans == []
    assert back.window.low >= there.keep[0]


@pytest.mark.parametrize("fraction", [-0.2, -0.03, 0.03, 0.2])
def test_a_jump_is_one_move(fraction):
    """Three percent overlap with the old window, twenty do not: all of the new one comes at once either way."""
    held = (6800.0 - N * STEP, 6800.0 + N * STEP)
    move = plan_move(LISTED, held, 6800 * (1 + fraction), each_side=N, margin=MARGIN)

    assert len(move.spans) == 1
    got = [strike for low, high in move.spans for strike in LISTED if low <= strike <= high]
    kept = [strike for strike in LISTED if held[0] <= strike <= held[1]]
    assert set(move.window.strikes) <= {*got, *kept}
    assert move.keep[0] <= move.window.low < move.window.high <= move.keep[1]


@given(
    st.integers(0, 800),
    st.integers(0, 200),
    st.floats(4900, 9100),
    st.integers(1, 80),
    st.integers(0, 20),
)
def test_a_move_has_no_hole_and_keeps_no_more_than_the_margin(first, length, spot, each_side, margin):
    """Held and added strikes lie without a gap; what is kept holds the window and at most the margin behind it."""
    held = (LISTED[first], LISTED[min(first + length, len(LISTED) - 1)])
    move = plan_move(LISTED, held, spot, each_side=each_side, margin=margin)

    came = {strike for low, high in move.spans for strike in LISTED if low <= strike <= high}
    had = {strike for strike in LISTED if held[0] <= strike <= held[1]}
    within = {strike for strike in LISTED if move.reach[0] <= strike <= move.reach[1]}
    stays = [strike for strike in LISTED if move.keep[0] <= strike <= move.keep[1]]
    assert within <= came | had
    assert not came & had
    assert set(move.window.strikes) <= set(stays) <= within
    middle = stays.index(move.window.centre)
    assert max(middle, len(stays) - 1 - middle) <= each_side + margin


# -- on a real store --------------------------------------------------------


class Rig:
    """Watch and loader on a real store, with ±10 strikes, two of drift and four of margin."""

    def __init__(self, redis, store, clock, *, confirms=True, capacity=1000) -> None:
        self.redis, self.store, self.clock = redis, store, clock
        self.market = FakeMarket(5000, 8000)
        calendar = us_options_calendar()

        def held_chains(symbol):
            return [SPX] if store.current_expiration(symbol) else []

        allotment = StoredAllotment(
            store,
            StrikeBook(store),
            symbols=["SPX"],
            expirations=1,
            held_chains=held_chains,
            connections=1,
            workers=lambda: 1,
            a_connection=capacity,
            each_side=10,
            margin=4,
        )
        self.loader = ChainLoader(
            self.market,
            store,
            FlightControl(redis, "test"),
            calendar,
            clock,
            pointers=ChainPointers(redis, clock, "test"),
            source="sim",
            each_side=10,
            held_chains=held_chains,
            allotment=allotment,
            confirmed=lambda _chain, _epoch, _is_hopeless: confirms,
        )
        self.watch = DriftWatch(allotment, clock, strikes_allowed=lambda n: 0.2 * n, points_allowed={})
        self.loader.load(LoadRequest("SPX", "startup"))

    def tick(self):
        """Ten seconds later: the report of a move, if there was one."""
        self.clock.advance(10)
        if not self.watch.drifted({"SPX": self.market.spot}):
            return None
        return self.loader.extend(LoadRequest("SPX", "drift"))

    def strikes(self):
        """The strikes that are stored, ascending."""
        return sorted({contract.strike for contract in self.store.read("SPX").contracts.values()})


@pytest.mark.parametrize("seed", range(10))
def test_a_walk_on_a_real_store(redis, store, clock, seed):
    """Half an hour of ticks: one move in a cooldown at most, the feed adds before it removes, spot stays covered."""
    rig, dice, moved_ms = Rig(redis, store, clock), random.Random(seed), -COOLDOWN_MS
    for _ in range(180):
        rig.market.spot += dice.gauss(0, 2.5)
        if rig.tick() is not None:
            assert clock.now_ms() - moved_ms >= COOLDOWN_MS
            moved_ms = clock.now_ms()
        strikes, spot = rig.strikes(), rig.market.spot
        assert strikes == [float(strike) for strike in range(int(strikes[0]), int(strikes[-1]) + 1, STEP)]
        assert strikes[0] <= spot - 7 * STEP
        assert strikes[-1] >= spot + 7 * STEP
        assert len(strikes) <= 2 * (10 + 4) + 1
    assert_the_feed_adds_first(redis)


def assert_the_feed_adds_first(redis):
    """Between two complete chains of a drift the first is the larger one."""
    entries = [fields for _, fields in redis.xrange("sse:chain-full")]
    sizes = [int(fields[b"contracts"]) for fields in entries if fields[b"reason"] == b"drift"]
    feed = [fields for _, fields in redis.xrange("sse:chain-feed")]
    for before, after in itertools.pairwise(feed):
        if b"removed" in after:
            assert b"removed" not in before or before[b"updates"] != b"{}"
            assert after[b"updates"] == b"{}"
    assert all(size >= 42 for size in sizes)


def test_a_jump_of_three_percent_is_covered_at_the_next_tick(redis, store, clock):
    """All of the new window in one move, with the cooldown of the last one still running."""
    rig = Rig(redis, store, clock)
    rig.market.spot *= 1.03

    report = rig.tick()

    assert (report.added, report.removed) == (42, 42)
    assert rig.strikes() == [float(strike) for strike in range(6955, 7056, STEP)]
    assert rig.tick() is None


def test_without_room_for_both_the_old_strikes_leave_at_once(redis, store, clock):
    """No stream can confirm what it has no room for: the far strikes go without its word, and the budget holds."""
    rig = Rig(redis, store, clock, confirms=False, capacity=60)
    rig.market.spot *= 1.03

    report = rig.tick()

    assert (report.added, report.removed) == (42, 42)
    assert store.meta(SPX).contracts == 42


def test_what_was_left_over_goes_after_the_rest(redis, store, clock):
    """Without a stream's word far strikes stay for one cooldown, then they go, and nothing moves any more."""
    rig = Rig(redis, store, clock, confirms=False)
    rig.market.spot += 16 * STEP

    reports = [rig.tick() for _ in range(6)]

    done = [(report.added, report.removed) if report else None for report in reports]
    assert done == [(32, 0), None, None, (0, 24), None, None]
    assert rig.strikes() == [float(strike) for strike in range(6810, 6931, STEP)]
