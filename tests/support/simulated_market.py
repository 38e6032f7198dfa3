"""Simulated markets without a server, at any moment of New York's clock."""

from datetime import datetime

import numpy as np

from marketswarm.maths.calendar import NEW_YORK, us_options_calendar
from marketswarm.simulator.book import Rows
from marketswarm.simulator.config import DEFAULT_INDICES, SessionMode
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.market import Market
from marketswarm.simulator.profile import Profile, profile_of

MONDAY_MORNING = "2026-11-23 10:00"


def new_york_ms(text: str) -> int:
    """`2026-11-23 10:00` on New York's clock, in ms since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1000


def a_profile(symbol: str) -> Profile:
    """The profile of a symbol, an index if it is one by default."""
    return profile_of(symbol, is_index=symbol in DEFAULT_INDICES)


def a_market(
    *symbols: str,
    at: str = MONDAY_MORNING,
    session: SessionMode = "always",
    seed: int = 7,
    scenario: str = "usual",
) -> Market:
    """A market in these symbols, SPX if none is named."""
    profiles = [a_profile(symbol) for symbol in symbols or ("SPX",)]
    return Market(profiles, Hours(us_options_calendar(), session), seed, new_york_ms(at), scenario=scenario)


def rows_of(market: Market, root: str, expiration: str, right: str | None = None) -> Rows:
    """A series' listed contracts by strike, calls or puts or both."""
    book = market.book
    start = f"O:{root}{expiration[2:].replace('-', '')}"
    rows = [
        row
        for row in book.listed_rows()
        if book.tickers[row].startswith(start) and book.series_of(row).root == root
    ]
    kept = [row for row in rows if right is None or book.contracts["call"][row] == (right == "C")]
    return np.array(sorted(kept, key=lambda row: book.contracts["strike"][row]))


def run_events(market: Market, rows: Rows, ticks: int, events: float = 50.0, tick_ms: int = 25) -> list[int]:
    """Let the market live for some ticks; gives the row of every quote, in order."""
    quoted: list[int] = []
    for _ in range(ticks):
        market.advance(market.now_ms + tick_ms)
        quoted += market.happen(rows, events).quotes.tolist()
    return quoted
