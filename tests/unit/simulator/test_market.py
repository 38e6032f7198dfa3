"""The simulated market as a whole: listing, quotes, trades, days."""

import numpy as np
import pytest

from marketswarm.simulator.interest import roundness
from tests.support.simulated_market import a_market, a_profile, new_york_ms, rows_of, run_events

TODAY = "2026-11-23"


@pytest.fixture(scope="module")
def spx():
    """One SPX market that tests only look at."""
    return a_market("SPX")


def test_bid_below_ask_on_the_price_steps(spx):
    """Every quote has 0 ≤ bid < ask, in steps of 0.05 below 3 and 0.10 from there on."""
    contracts = spx.book.contracts
    assert (contracts["bid"] >= 0).all()
    assert (contracts["ask"] > contracts["bid"]).all()
    for side in ("bid", "ask"):
        price = contracts[side]
        step = np.where(price < 3, 0.05, 0.10)
        assert np.abs(np.round(price / step) * step - price).max() < 1e-9


def test_funds_are_quoted_in_cents():
    """SPY's options have steps of a cent, and some quotes that are not on a nickel."""
    price = a_market("SPY").book.contracts["ask"]
    assert np.abs(np.round(price * 100) - price * 100).max() < 1e-6
    assert (np.abs(np.round(price * 20) - price * 20) > 0.1).any()


def test_calls_fall_and_puts_rise_with_the_strike(spx):
    """Quotes of one series made at one moment are ordered by strike."""
    contracts = spx.book.contracts
    for side in ("bid", "ask"):
        assert (np.diff(contracts[side][rows_of(spx, "SPXW", TODAY, "C")]) <= 1e-9).all()
        assert (np.diff(contracts[side][rows_of(spx, "SPXW", TODAY, "P")]) >= -1e-9).all()


def test_parity_holds_within_the_spreads(spx):
    """Call less put is spot less strike, carried to the settlement, within half the spreads."""
    contracts, spot = spx.book.contracts, spx.spots[0]
    calls, puts = rows_of(spx, "SPXW", TODAY, "C"), rows_of(spx, "SPXW", TODAY, "P")
    mids = [(contracts["bid"][rows] + contracts["ask"][rows]) / 2 for rows in (calls, puts)]
    spreads = sum(contracts["ask"][rows] - contracts["bid"][rows] for rows in (calls, puts))
    off = mids[0] - mids[1] - (spot - contracts["strike"][calls])
    assert (np.abs(off) <= spreads / 2 + 0.001 * spot / 10).all()


def test_open_interest_gathers_at_round_strikes(spx):
    """Strikes at hundreds hold several times what their neighbours hold."""
    rows = rows_of(spx, "SPXW", TODAY)
    strike, interest = (spx.book.contracts[name][rows] for name in ("strike", "open_interest"))
    near = np.abs(strike / spx.spots[0] - 1) < 0.05
    round_ones = interest[near & (strike % 100 == 0)].mean()
    odd_ones = interest[near & (strike % 25 != 0)].mean()
    assert round_ones > 4 * odd_ones > 0
    assert roundness(np.array([6800.0, 6850.0, 6825.0, 6805.0]), np.full(4, 5.0)).tolist() == [8, 4, 2, 1]


def test_open_interest_is_fixed_for_a_day():
    """Open interest stays through a day's trading, and changes overnight."""
    market = a_market("SPY")
    rows = market.book.listed_rows()
    before = market.book.contracts["open_interest"][rows].copy()
    run_events(market, rows[:400], ticks=20)
    assert (market.book.contracts["open_interest"][rows] == before).all()
    market.advance(new_york_ms("2026-11-24 00:01"))
    kept = market.book.contracts["listed"][rows]
    assert (market.book.contracts["open_interest"][rows] != before)[kept].any()


def test_same_seed_same_market():
    """Two markets of one seed show the same spots, contracts, quotes and trades; another seed shows others."""
    one, two, other = a_market("SPY"), a_market("SPY"), a_market("SPY", seed=8)
    for market in (one, two, other):
        run_events(market, market.book.listed_rows()[:200], ticks=10)
    assert one.book.tickers == two.book.tickers
    assert (one.book.contracts == two.book.contracts).all()
    assert (one.spots == two.spots).all()
    assert (one.spots != other.spots).all()


def test_each_quote_is_a_change():
    """A contract is quoted again only when price or size changed, with a higher sequence that skips numbers."""
    market = a_market("SPX")
    rows, contracts = rows_of(market, "SPXW", TODAY)[200:260], market.book.contracts
    names = ["bid", "ask", "bid_size", "ask_size"]
    steps = set()
    for _ in range(200):
        before = contracts[rows].copy()
        market.advance(market.now_ms + 5)
        quoted = np.isin(rows, market.happen(rows, 15.0).quotes)
        after = contracts[rows]
        changed = after[names] != before[names]
        assert changed[quoted].all()
        assert not changed[~quoted].any()
        gained = (after["sequence"] - before["sequence"])[quoted]
        assert (gained > 0).all()
        steps |= set(gained.tolist())
    assert max(steps) > 1


def test_rate_is_what_was_asked_for_and_hot_near_the_money():
    """Events come at the asked rate, and contracts near the money get several times those of the wings."""
    market = a_market("SPX")
    rows = rows_of(market, "SPXW", TODAY)
    quoted = run_events(market, rows, ticks=300, events=60.0)
    assert len(quoted) == pytest.approx(300 * 60 * 0.97, rel=0.05)
    counts = np.bincount(quoted, minlength=rows.max() + 1)[rows]
    distance = np.abs(market.book.contracts["strike"][rows] / market.spots[0] - 1)
    assert counts[distance < 0.005].mean() > 4 * counts[distance > 0.04].mean() > 0


def test_day_bars_hold_their_trades():
    """Trades raise volume and turnover and stay between low and high."""
    market = a_market("SPX")
    rows, contracts = rows_of(market, "SPXW", TODAY)[150:250], market.book.contracts
    before, trades = contracts["volume"][rows].sum(), []
    for _ in range(100):
        market.advance(market.now_ms + 25)
        trades += market.happen(rows, 25.0).trades
    assert len(trades) > 30
    assert contracts["volume"][rows].sum() - before == sum(trade.size for trade in trades)
    for trade in trades:
        record = contracts[trade.row]
        assert record["low"] <= trade.price <= record["high"]
        assert record["low"] - 1e-9 <= record["turnover"] / record["volume"] <= record["high"] + 1e-9


def test_contracts_on_offer_always_have_time_left():
    """Walking a week in an always open market, no listed contract is ever past its settlement."""
    market = a_market("SPX", "SPY", at="2026-12-16 15:00")
    for _ in range(40):
        market.advance(market.now_ms + 3 * 3_600_000)
        offered = np.unique(market.book.contracts["series"][market.book.listed_rows()])
        assert min(market.book.series[n].settlement_ms for n in offered) > market.now_ms
        assert np.isfinite(market.worth(market.book.listed_rows())).all()


def test_a_roll_keeps_rows_and_lists_the_next_expiration():
    """At the close today's contracts leave, every other keeps its row and quote, and one more daily is listed."""
    market = a_market("SPX", at="2026-11-23 15:59")
    names, tickers = ["bid", "ask", "sequence"], list(market.book.tickers)
    kept_rows = market.book.listed_rows()
    before = market.book.contracts[kept_rows].copy()
    market.advance(new_york_ms("2026-11-23 16:00"))
    assert market.book.tickers[: len(tickers)] == tickers
    assert not rows_of(market, "SPXW", TODAY).size
    assert rows_of(market, "SPXW", "2026-12-08").size
    still = market.book.contracts["listed"][kept_rows]
    assert (market.book.contracts[kept_rows][names] == before[names])[still].all()


def test_strikes_follow_a_wandering_price():
    """When the price has left the middle of the ladder, fine strikes are added around it."""
    market = a_market("SPX")
    market._process.jump(0.06)
    market.advance(market.now_ms + 25)
    strikes = np.unique(market.book.contracts["strike"][rows_of(market, "SPXW", TODAY)])
    near = strikes[np.abs(strikes / market.spots[0] - 1) < 0.05]
    assert set(np.diff(near).tolist()) == {5.0}


def test_calendar_market_sleeps_outside_hours():
    """In calendar mode nothing moves or trades while the market is closed, and quotes are of the last close."""
    market = a_market("SPX", at="2026-11-22 12:00", session="calendar")
    rows, spots = market.book.listed_rows()[:100], market.spots
    assert (market.book.contracts["quote_ms"][rows] == new_york_ms("2026-11-20 16:00")).all()
    assert not run_events(market, rows, ticks=10)
    market.refresh(rows, np.zeros(len(market.book.tickers), bool))
    assert (market.spots == spots).all()
    market.advance(new_york_ms("2026-11-23 09:31"))
    assert (market.spots != spots).all()
    assert run_events(market, rows, ticks=10)


def test_streamed_quotes_stay_as_sent():
    """Looking at contracts renews the quotes that nobody streams, and leaves streamed ones alone."""
    market = a_market("SPX")
    rows = rows_of(market, "SPXW", TODAY)[:20]
    streamed = np.zeros(len(market.book.tickers), bool)
    streamed[rows[:10]] = True
    before = market.book.contracts["sequence"][rows].copy()
    market.advance(market.now_ms + 1000)
    market.refresh(rows, streamed)
    changed = market.book.contracts["sequence"][rows] != before
    assert changed.tolist() == [False] * 10 + [True] * 10


def test_a_clock_that_goes_back_is_followed():
    """Setting the wall clock back moves no price and breaks nothing."""
    market = a_market("SPX")
    spots = market.spots
    market.advance(market.now_ms - 3_600_000)
    assert (market.spots == spots).all()
    market.advance(market.now_ms + 1000)
    assert (market.spots != spots).all()


def test_american_options_are_worth_their_exercise():
    """A fund's option is never worth less than exercising it at once."""
    market = a_market("SPY")
    rows = market.book.listed_rows()
    contracts = market.book.contracts[rows]
    sign = np.where(contracts["call"], 1.0, -1.0)
    assert (market.worth(rows) >= sign * (market.spots[0] - contracts["strike"]) - 1e-9).all()


def test_an_index_moves_in_its_own_steps():
    """Only SPX and NDX have the wide price steps."""
    assert (a_profile("SPX").tick, a_profile("NDX").high_tick) == (0.05, 0.10)
    assert a_profile("AAPL").tick == a_profile("AAPL").high_tick == 0.01


@pytest.mark.parametrize(
    ("session", "at", "began", "day_before"),
    [
        ("always", "2026-11-24 00:00:01", "2026-11-24 00:00", "2026-11-24 00:00"),
        ("exchange", "2026-11-24 09:30:01", "2026-11-24 09:30", "2026-11-23 16:00"),
        ("exchange", "2026-11-23 09:30:01", "2026-11-23 09:30", "2026-11-20 16:00"),
        ("exchange", "2026-11-30 09:30:01", "2026-11-30 09:30", "2026-11-27 13:00"),
        ("exchange", "2026-11-27 09:30:01", "2026-11-27 09:30", "2026-11-25 16:00"),
        (
            "exchange",
            "2023-01-03 09:30:01",
            "2023-01-03 09:30",
            "2023-01-03 09:30",
        ),  # the table's first session
        ("exchange", "2026-11-23 08:00", "2026-11-20 09:30", "2026-11-19 16:00"),
        ("always", "2026-11-24 12:00", "2026-11-24 00:00", "2026-11-24 00:00"),
    ],
)
def test_a_contract_remembers_its_last_trade_across_the_night(session, at, began, day_before):
    """What has not traded since the day began has its last trade from the day before, and no volume."""
    market = a_market("SPX", at=at, session=session)
    contracts = market.book.contracts[market.book.listed_rows()]
    traded, today = contracts["trade_ms"] > 0, contracts["volume"] > 0
    began_ms, ended_ms = new_york_ms(began), new_york_ms(day_before)
    assert traded.mean() > 0.5
    assert (contracts["trade_ms"][today] >= began_ms).all()
    assert (contracts["trade_ms"] <= market.market_ms).all()
    earlier = contracts[traded & ~today]
    assert len(earlier)
    assert (earlier["trade_ms"] <= ended_ms).all()
    assert (earlier["trade_ms"] > ended_ms - 900_001).all()
    assert (earlier["trade_price"] == earlier["previous_close"]).all()
    assert (contracts["trade_price"][today] == contracts["close"][today]).all()
