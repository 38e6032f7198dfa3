"""A window moves: what comes, what stays behind it, and when the rest may go."""

from collections.abc import Iterator

import pytest

from marketswarm.chain.allotment import Unlimited
from marketswarm.chain.budget import Shares
from marketswarm.chain.extension import ChainExtension
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.stored import Window
from marketswarm.chain.target import TargetChooser
from marketswarm.errors import NoExpiration
from tests.support.builders import DAY, EXPIRE_MS, SPX, contract, ladder, ticker
from tests.support.fakes import FakeMarket

DRIFT = LoadRequest("SPX", "drift", 4)


class Room(Unlimited):
    """A budget with so much room, one answer after the other."""

    answers: Iterator[int] = iter(())

    def room(self):
        """The next answer."""
        return next(self.answers)


@pytest.fixture
def market():
    """A provider whose spot is four strikes above the window's middle."""
    return FakeMarket(spot=6821.0)


@pytest.fixture
def move(market, store, redis, clock, commit):
    """Move ±4 strikes from 6800 to spot."""
    commit(ladder(), window=Window(6801.5, 6800, 6780, 6820, each_side=4, asked=4, moved_ms=1))

    def move(*, allotment=None, confirmed=lambda _chain, _epoch, _is_hopeless: True, request=DRIFT):
        redis.set("loading:SPX", "run")
        budget = allotment or Unlimited()
        extension = ChainExtension(
            market,
            store,
            ChainPointers(redis, clock, "test"),
            budget,
            TargetChooser(budget, each_side=4),
            clock=clock,
            source="sim",
            stage=lambda chain, run, rows, _spot: store.stage(chain, run, rows),
            confirmed=confirmed,
            expire_ms=lambda _chain: EXPIRE_MS,
        )
        return extension.move(request, store.meta(SPX), market.spot, "run", lambda *_: None)

    return move


def bounds(store):
    """Lowest and highest strike as the meta says, and as the chain holds."""
    meta = store.meta(SPX)
    strikes = {row.strike for row in store.read("SPX").contracts.values()}
    return (meta.low, meta.high), (min(strikes), max(strikes))


def test_meta_and_strikes_agree_after_a_move(move, store, clock):
    """The window is around spot, the margin stays behind it, and the meta says what is held."""
    report = move(allotment=Unlimited(margin=2))

    assert bounds(store) == ((6790, 6840), (6790, 6840))
    assert (report.added, report.removed, report.contracts) == (8, 4, 22)
    assert (report.strikes_each_side, report.strikes_asked, report.notice) == (4, 4, None)
    meta = store.meta(SPX)
    assert (meta.centre, meta.strikes_each_side, meta.moved_ms) == (6820, 4, clock.now_ms())


def test_strikes_wait_for_the_streams_word(move, store):
    """Without it nothing goes, and the meta says that the low strikes are still there."""
    report = move(confirmed=lambda _chain, _epoch, _is_hopeless: False)

    assert report.removed == 0
    assert bounds(store) == ((6780, 6840), (6780, 6840))


@pytest.mark.parametrize(
    ("rooms", "word", "removed", "asked"),
    [
        ([0], True, 8, 1),
        ([0, 0], False, 0, 1),
        ([-1], False, 8, 0),
    ],
)
def test_a_budget_that_is_short_does_not_wait(move, rooms, word, removed, asked):
    """Over the budget the far strikes go at once; else the stream is asked."""
    said = []
    room = Room()
    Room.answers = iter(rooms)

    report = move(allotment=room, confirmed=lambda *_: said.append(1) or word)

    assert (report.removed, len(said)) == (removed, asked)


def test_a_window_shrinks_to_its_share(move, store, market):
    """Where the budget gives ±2 of ±4, nothing is fetched, the outer strikes go, and the report says why."""

    class Small(Unlimited):
        def shares(self, _chain=None, _claim=None, /, *, alike=False):
            return Shares(2, 0)

    market.spot = 6801.0
    report = move(allotment=Small())

    assert "chain_rows" not in market.calls
    assert bounds(store) == ((6790, 6810), (6790, 6810))
    assert (report.strikes_each_side, report.strikes_asked) == (2, 4)
    assert "±2 strikes of ±4" in report.notice


def test_a_window_grows_on_both_sides(move, store, market):
    """Somebody wishes for ±6: two strikes come on each side, by two calls."""
    market.spot = 6801.0
    report = move(request=LoadRequest("SPX", "drift", 6))

    assert market.calls.count("chain_rows") == 2
    assert (report.added, bounds(store)) == (8, ((6770, 6830), (6770, 6830)))


def test_unknown_strikes_are_taken_for_the_dearest_known_ones(move, commit):
    """Where one strike has a second root, each strike to come may have one."""
    commit(
        [*ladder(), contract(ticker=ticker(root="SPX"))],
        window=Window(6801.5, 6800, 6780, 6820, each_side=4, asked=4, moved_ms=1),
    )
    claims = []

    class Listening(Unlimited):
        def shares(self, _chain=None, claim=None, /, *, alike=False):
            claims.append(claim)
            return Shares(4, 0)

    move(allotment=Listening())

    assert claims[0].above[:2] == (3, 3)
    assert (claims[0].middle, claims[0].below[3]) == (2, 3)


def test_a_chain_that_is_listed_no_more_stays(move, market, store):
    """Nothing is dropped for a listing that came empty."""
    market.roots = {DAY: ()}
    with pytest.raises(NoExpiration):
        move()

    assert bounds(store) == ((6780, 6820), (6780, 6820))
