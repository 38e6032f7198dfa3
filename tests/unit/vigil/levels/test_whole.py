"""All levels of a chain at once, whatever the market."""

import math
from dataclasses import fields, is_dataclass, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.model.chain import ChainId
from marketswarm.vigil.columns import columns_of
from marketswarm.vigil.levels.whole import picture_of
from tests.support.priced_chain import CLOSE_MS, PricedChain
from tests.support.smiling_chain import NOW_MS, SmilingChain, only

PARTS = {"gamma", "live_gamma", "positioning", "move", "smile"}
CHAIN = SmilingChain(strikes=tuple(float(strike) for strike in range(6_700, 6_905, 5)), roots=("SPX", "SPXW"))
WHOLE = CHAIN.columns()
NUMBERS = ("strike", "multiplier", "open_interest", "volume", "bid", "ask", "mid", "iv", "gamma", "years")
NASTY = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -1.0, 1e-300, 1e300, 5e-324, 1e9, 0.05, 7_000.0])


def sound(part):
    """Whether all numbers within are finite; None stands for what is not known."""
    if is_dataclass(part):
        return all(sound(getattr(part, field.name)) for field in fields(part))
    if isinstance(part, np.ndarray):
        return bool(np.isfinite(part).all())
    if isinstance(part, tuple):
        return all(sound(one) for one in part)
    return not isinstance(part, float) or math.isfinite(part)


def assert_whole(picture):
    """Each part is there and sound, or has a word for why it is not."""
    there = {name for name in PARTS if getattr(picture, name) is not None}
    assert there | set(picture.absent) == PARTS
    assert not there & set(picture.absent)
    assert all(reason.replace("-", "").isalpha() for reason in picture.absent.values())
    assert sound(picture.quality)
    for name in there:
        assert sound(getattr(picture, name)), name
    assert 0 <= picture.quality.coverage <= 1 + 1e-9
    assert 0 <= picture.quality.stale_share <= 1 + 1e-9


def picture(columns, in_session=True):
    """With the usual gate."""
    return picture_of(columns, in_session=in_session)


def test_a_sound_chain_has_all_parts():
    """Nothing absent, nothing degraded; chain, time and spot are those of the columns."""
    found = picture(WHOLE)
    assert found.absent == {}
    assert found.quality.degraded == ""
    assert (found.chain, found.ts, found.spot) == (WHOLE.chain, NOW_MS, 6_800)
    assert found.live_gamma.weighing == "open-interest+volume/2"
    assert found.live_gamma.gross_total == pytest.approx(1.1 * found.gamma.gross_total)
    assert found.smile.level == pytest.approx(found.move.volatility, abs=1e-6)
    assert_whole(found)


def test_the_carry_of_each_root_is_handed_on():
    """Roots whose quotes state a forward say so; one whose quotes do not takes the one that was known."""
    found = picture(WHOLE)
    assert found.carry == pytest.approx({"SPX": 6_803 / 6_800, "SPXW": 6_803 / 6_800})
    two = only(WHOLE, np.isin(WHOLE.strike, (6_800, 6_805)))
    known = picture_of(two, in_session=True, carry={"SPX": 1.0006, "SPXW": 1.0005})
    assert known.carry == {}
    assert known.move.forward == pytest.approx(6_800 * 1.0006)


def test_stored_contracts_become_a_picture():
    """From JSON as it is stored: quotes without greeks give a move and no gamma; nothing is invented."""
    chain = PricedChain()
    id = ChainId("SPX", date(2026, 11, 23))
    columns = columns_of(
        id, chain.stored(), spot=6_800.0, now_ms=chain.now_ms, settles_ms=lambda root: CLOSE_MS
    )
    found = picture(columns)
    assert found.quality.degraded == "no-greeks"
    assert found.gamma is None
    assert_whole(found)


def test_without_open_interest_gamma_is_absent_and_the_rest_is_not():
    """Move and smile need no open interest."""
    found = picture(replace(WHOLE, open_interest=np.full(WHOLE.size, np.nan)))
    assert found.absent["gamma"] == "no-open-interest"
    assert found.quality.degraded == ""
    assert found.move is not None
    assert found.smile is not None


def test_absurd_holdings_are_no_levels():
    """What nobody can hold gives no sum that overflows: gamma is absent, and no part holds an infinity."""
    found = picture(replace(WHOLE, open_interest=np.full(WHOLE.size, 1e300)))
    assert found.absent["gamma"] == "not-finite"
    assert_whole(found)


def test_the_evening_has_a_picture():
    """Quotes of hours ago count when trading is over, and do not while it is on."""
    evening = replace(WHOLE, now_ms=NOW_MS + 10 * 3_600_000)
    assert picture(evening, in_session=False).absent == {}
    stale = picture(evening)
    assert stale.quality.degraded == "no-fresh-quotes"
    assert {"gamma", "move", "smile"} <= set(stale.absent)


CASES = {
    "empty": only(WHOLE, WHOLE.strike < 0),
    "calls only": only(WHOLE, WHOLE.is_call),
    "crossed": replace(WHOLE, bid=WHOLE.ask, ask=WHOLE.bid),
    "expired": replace(WHOLE, years=np.full(WHOLE.size, np.nan)),
    "no spot": replace(WHOLE, spot=math.nan),
    "negative forward": replace(
        WHOLE,
        bid=np.where(WHOLE.is_call, 0.05, WHOLE.strike + 9_000),
        ask=np.where(WHOLE.is_call, 0.10, WHOLE.strike + 9_000),
    ),
    "no bids": replace(WHOLE, bid=np.zeros(WHOLE.size)),
    "one strike": only(WHOLE, WHOLE.strike == 6_800),
    "never quoted": replace(
        WHOLE, quote_ts=np.zeros(WHOLE.size, dtype=np.int64), bid=np.full(WHOLE.size, np.nan)
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("in_session", [True, False])
def test_hard_markets_give_reasons(name, in_session):
    """No exception, and each part is there or says why it is not."""
    found = picture(CASES[name], in_session)
    assert_whole(found)
    assert found.smile is None


PLACES = st.integers(0, WHOLE.size - 1)
VALUES = NASTY | st.floats()
SPOILT = st.dictionaries(
    st.sampled_from(NUMBERS),
    st.tuples(st.none() | NASTY, st.dictionaries(PLACES, VALUES, max_size=12)),
    max_size=4,
)
KEPT = st.sampled_from(["all", "calls", "puts", "none", "some"])
AGES_MS = st.dictionaries(PLACES, st.integers(-(10**6), 10**12), max_size=12)


def spoilt(values, kept, gone, ages_ms):
    """A sound chain of which rows are missing, columns are nasty whole or in places, and quotes are of any day."""
    columns = {name: np.array(getattr(WHOLE, name)) for name in (*values, "quote_ts")}
    for name, (everywhere, places) in values.items():
        if everywhere is not None:
            columns[name][:] = everywhere
        for place, value in places.items():
            columns[name][place] = value
    for place, age_ms in ages_ms.items():
        columns["quote_ts"][place] = NOW_MS - age_ms
    rows = {"all": True, "calls": WHOLE.is_call, "puts": ~WHOLE.is_call, "none": False}.get(kept)
    rows = ~np.isin(np.arange(WHOLE.size), sorted(gone)) if rows is None else rows & (WHOLE.strike > 0)
    return only(replace(WHOLE, **columns), rows)


@given(
    SPOILT, KEPT, st.sets(PLACES), AGES_MS, st.just(6_800.0) | VALUES | st.floats(1, 20_000), st.booleans()
)
def test_no_market_raises_or_invents(values, kept, gone, ages_ms, spot, in_session):
    """Whatever the columns hold: no exception, no NaN, no infinity inside a part, and a reason for each that is missing."""
    columns = replace(spoilt(values, kept, gone, ages_ms), spot=spot)
    assert_whole(picture(columns, in_session))


@given(
    st.floats(0.01, 3),
    st.floats(1 / 525_600, 3),
    st.floats(-0.3, 0.3),
    st.floats(0, 0.2),
    st.floats(0.97, 1.03),
)
def test_any_smile_of_any_length_has_sound_parts(volatility, years, skew, curvature, carry):
    """From a minute to three years, from 1 % to 300 %, however bent."""

    def smile(x):
        return np.maximum(volatility * (1 + skew * x + curvature * x * x), 1e-3)

    chain = replace(CHAIN, volatility=volatility, years=years, smile=smile, forward=6_800 * carry)
    assert_whole(picture(chain.columns()))
