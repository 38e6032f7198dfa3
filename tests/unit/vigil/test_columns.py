"""A chain as columns: order, what is unknown, and one source of greeks."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from marketswarm.vigil.columns import columns_of
from tests.support.vigil_pictures import CHAIN, CLOSE_MS, OPEN_MS

YEAR_MS = 365 * 86_400_000


def contract(strike=6800.0, type="call", root="SPXW", **sections):
    """One as it is stored."""
    return {"strike": strike, "type": type, "root": root, "multiplier": 100, **sections}


def greeks(source="local", **values):
    """Its greeks."""
    return {
        "iv": 0.15,
        "delta": 0.5,
        "gamma": 0.01,
        "vega": 0.4,
        "theta": -5.0,
        "ts": 7,
        **values,
        "source": source,
    }


def columns(*rows, settles_ms=lambda _root: CLOSE_MS, **texts):
    """Columns of stored contracts, and of texts as they are."""
    stored = {f"O:{n}": json.dumps(row).encode() for n, row in enumerate(rows)}
    return columns_of(CHAIN, {**stored, **texts}, spot=6801.5, now_ms=OPEN_MS, settles_ms=settles_ms)


def test_order():
    """Rows stand by root, strike and side, in whatever order they are stored."""
    rows = [contract(s, t, r) for r in ("SPXW", "SPX") for s in (6805.0, 6800.0) for t in ("put", "call")]
    found = columns(*rows)
    assert found.roots == ("SPX", "SPXW")
    assert_array_equal(found.root, [0, 0, 0, 0, 1, 1, 1, 1])
    assert_array_equal(found.strike, [6800, 6800, 6805, 6805] * 2)
    assert_array_equal(found.is_call, [True, False] * 4)
    again = columns(*rows[::-1])
    assert_array_equal(again.strike, found.strike)


def test_values():
    """Each value stands in its column."""
    found = columns(
        contract(
            open_interest=12,
            quote={"bid": 1.0, "ask": 2.0, "mid": 1.5, "bid_size": 3, "ts": 5},
            day={"volume": 9, "close": 1.0},
            greeks=greeks(),
        )
    )
    for name, value in {
        "open_interest": 12,
        "volume": 9,
        "bid": 1,
        "ask": 2,
        "mid": 1.5,
        "quote_ts": 5,
        "iv": 0.15,
        "delta": 0.5,
        "gamma": 0.01,
        "vega": 0.4,
        "theta": -5,
        "greeks_ts": 7,
        "multiplier": 100,
    }.items():
        assert_array_equal(getattr(found, name), [value])
    assert (found.size, found.spot, found.greeks_source) == (1, 6801.5, "local")


@pytest.mark.parametrize(
    ("ts", "volume"),
    [(0, 9.0), (OPEN_MS, 9.0), (OPEN_MS - 34_200_000, 9.0), (OPEN_MS - 34_200_001, np.nan)],
)
def test_volume_is_of_this_day(ts, volume):
    """A bar from before midnight in New York says nothing of today; one that does not say of when it is counts."""
    found = columns(contract(day={"volume": 9, "ts": ts} if ts else {"volume": 9}))
    assert_array_equal(found.volume, [volume])


def test_what_is_unknown():
    """What a contract does not have is NaN, and a time 0."""
    found = columns(contract(), contract(6805.0, quote={"bid": 1.0}))
    for name in ("open_interest", "volume", "ask", "mid", "iv", "gamma", "theta"):
        assert np.isnan(getattr(found, name)).all()
    assert_array_equal(found.bid, [np.nan, 1.0])
    assert_array_equal(found.quote_ts, [0, 0])
    assert found.greeks_source == ""


@pytest.mark.parametrize(
    ("sources", "source", "known"),
    [
        (("local", "provider"), "local", [True, False]),
        (("provider", "provider"), "provider", [True, True]),
    ],
)
def test_two_sources_are_never_mixed(sources, source, known):
    """Where there is one gamma of our own, the vendor's are left out."""
    found = columns(*(contract(6800.0 + n, greeks=greeks(one)) for n, one in enumerate(sources)))
    assert found.greeks_source == source
    assert_array_equal(np.isfinite(found.gamma), known)


def test_own_greeks_without_gamma_do_not_count():
    """A source that gives no gamma is none."""
    found = columns(
        contract(greeks={"source": "local", "absent": "no-quote"}),
        contract(6805.0, greeks=greeks("provider")),
    )
    assert found.greeks_source == "provider"


def test_texts_that_cannot_be_read():
    """They are left out and counted; the others stand."""
    found = columns(contract(), nonsense=b"{", foreign=b'{"strike": "high", "type": "call", "root": "SPXW"}')
    assert (found.size, found.unreadable) == (1, 2)


def test_years():
    """Each row has the time to its own root's settlement; NaN when it is over."""
    settles = {"SPX": OPEN_MS - 1, "SPXW": OPEN_MS + YEAR_MS}
    found = columns(contract(root="SPX"), contract(root="SPXW"), settles_ms=settles.__getitem__)
    assert_array_equal(found.years, [np.nan, 1.0])


def test_an_empty_chain():
    """No contract, no row, no error."""
    found = columns()
    assert (found.size, found.roots, found.greeks_source) == (0, (), "")
    assert found.years.size == found.strike.size == 0
