"""Which series are on offer, and their strikes."""

import itertools
from datetime import date

import pytest

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.universe import Series, listed_series, strike_ladder
from tests.support.simulated_market import a_profile, new_york_ms


def listed(symbol: str, at: str, *, adjusted: bool = False) -> list[Series]:
    """Series on offer at a moment in New York."""
    return listed_series(a_profile(symbol), new_york_ms(at), us_options_calendar(), adjusted=adjusted)


@pytest.mark.parametrize(
    ("at", "first"),
    [
        ("2026-11-23 10:00", "2026-11-23"),  # a Monday's session
        ("2026-11-23 15:59", "2026-11-23"),
        ("2026-11-23 16:00", "2026-11-24"),
        ("2026-11-25 17:00", "2026-11-27"),  # Thanksgiving between
        ("2026-11-27 12:59", "2026-11-27"),
        ("2026-11-27 13:00", "2026-11-30"),  # half day, then a weekend
        ("2026-11-22 04:00", "2026-11-23"),  # a Sunday
    ],
)
def test_first_expiration(at, first):
    """Today until its close if it is a session, else the next session."""
    assert min(s.expiration for s in listed("SPX", at)) == date.fromisoformat(first)


def test_dailies_and_monthlies():
    """Ten sessions in a row and six third Fridays, and nothing settled is on offer."""
    now = "2026-11-23 10:00"
    series = listed("SPY", now)
    days = sorted({s.expiration for s in series})
    assert [d.isoformat() for d in days[:4]] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"]
    assert {date(2026, 12, 18), date(2027, 1, 15), date(2027, 2, 19), date(2027, 5, 21)} <= set(days)
    assert len(days) == 10 + 6
    assert all(s.settlement_ms > new_york_ms(now) for s in series)


def test_index_monthlies_have_both_roots():
    """On a third Friday SPX settles at the open and SPXW at the close of the same day."""
    pair = {s.root: s for s in listed("SPX", "2026-11-23 10:00") if s.expiration == date(2026, 12, 18)}
    assert set(pair) == {"SPX", "SPXW"}
    assert pair["SPX"].settlement_ms == new_york_ms("2026-12-18 09:30")
    assert pair["SPXW"].settlement_ms == new_york_ms("2026-12-18 16:00")


def test_morning_settled_series_ends_at_the_open():
    """From the opening of its third Friday on, only the root that settles at the close is left."""
    roots = [
        {s.root for s in listed("NDX", f"2026-12-18 {at}") if s.expiration.day == 18}
        for at in ("09:29", "09:30")
    ]
    assert roots == [{"NDX", "NDXP"}, {"NDXP"}]


def test_half_day_settles_at_13():
    """A series that expires on a half day settles at its early close."""
    friday = next(s for s in listed("SPX", "2026-11-23 10:00") if s.expiration == date(2026, 11, 27))
    assert friday.settlement_ms == new_york_ms("2026-11-27 13:00")


def test_adjusted_series():
    """The adjusted series stand beside the two nearest expirations, with a digit in the root and 10 shares."""
    odd = [s for s in listed("SPY", "2026-11-23 10:00", adjusted=True) if s.shares != 100]
    assert [(s.root, s.shares, s.expiration.day) for s in odd] == [("SPY1", 10, 23), ("SPY1", 10, 24)]


@pytest.mark.parametrize(
    ("symbol", "spot", "near_step", "far_step"),
    [("SPX", 6812.3, 5, 25), ("NDX", 25_123.0, 10, 100), ("SPY", 681.2, 1, 1), ("QQQ", 612.0, 1, 1)],
)
def test_strikes(symbol, spot, near_step, far_step):
    """At least 75 strikes to each side, in fine steps near the price and coarse ones far away."""
    ladder = strike_ladder(listed(symbol, "2026-11-23 10:00")[0], spot)
    middle = min(range(len(ladder)), key=lambda n: abs(ladder[n] - spot))
    near = ladder[middle - 50 : middle + 51]
    assert {round(b - a, 6) for a, b in itertools.pairwise(near)} == {near_step}
    assert ladder[1] - ladder[0] == far_step
    assert middle >= 75
    assert len(ladder) - middle >= 75
    assert ladder[0] < 0.8 * spot < 1.2 * spot < ladder[-1]


@pytest.mark.parametrize("symbol", ["AAPL", "IWM", "RUT", "VIX", "XSP", "BRK.B", "F"])
def test_any_symbol_has_a_ladder(symbol):
    """Every symbol has a plausible price and positive strikes around it."""
    profile = a_profile(symbol)
    spot = profile.family.level * profile.share
    ladder = strike_ladder(listed(symbol, "2026-11-23 10:00")[0], spot)
    assert ladder == sorted(set(ladder))
    assert 0 < ladder[0] < spot < ladder[-1]
    assert 20 < len(ladder) <= 700
    assert profile == a_profile(symbol)
