"""What counts of a chain, and how far it can be trusted."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from marketswarm.vigil.levels.quality import QualityGate, priced, quality_of
from tests.support.smiling_chain import NOW_MS, SmilingChain, everything, only

GATE = QualityGate()
WHOLE = SmilingChain().columns()
HALF = np.arange(WHOLE.size) < WHOLE.size // 2


def with_ages(seconds, rows=None):
    """Quotes so old; the others are of now."""
    aged = np.ones(WHOLE.size, dtype=bool) if rows is None else rows
    return replace(WHOLE, quote_ts=np.where(aged, NOW_MS - int(seconds * 1_000), NOW_MS))


def test_a_sound_chain_counts_whole():
    """All rows usable, coverage 1, nothing degraded; source and time of its quotes are told."""
    quality, usable = quality_of(WHOLE, GATE)
    assert usable.all()
    assert (quality.coverage, quality.stale_share) == (pytest.approx(1), 0)
    assert (quality.degraded, quality.greeks_source, quality.quoted_ms) == ("", "local", NOW_MS)


@pytest.mark.parametrize(("age_s", "counts"), [(0, True), (300, True), (300.001, False), (-5, True)])
def test_a_quote_counts_for_five_minutes(age_s, counts):
    """In session; the vendor's clock may be ahead of ours."""
    quality, usable = quality_of(with_ages(age_s), GATE)
    assert usable.all() == usable.any() == counts
    assert quality.stale_share == pytest.approx(0 if counts else 1)


@pytest.mark.parametrize(
    ("age_s", "counts", "degraded"),
    [(900, True, ""), (960, True, ""), (961, True, "no-fresh-quotes"), (1_201, False, "no-fresh-quotes")],
)
def test_delayed_quotes_are_as_fresh_as_they_can_be(age_s, counts, degraded):
    """What their way takes is no part of their age; what is older than that is."""
    quality, usable = quality_of(replace(with_ages(age_s), behind_ms=900_000), GATE)
    assert usable.all() == usable.any() == counts
    assert quality.degraded == degraded
    assert quality.quoted_ms == NOW_MS - age_s * 1_000


def test_a_quote_of_the_future_hides_no_standing_feed():
    """One contract's time is hours ahead: it does not count, and the newest quote is the newest of the others."""
    one = np.arange(WHOLE.size) == 0
    quote_ts = np.where(one, NOW_MS + 7_200_000, NOW_MS - 70_000)
    quality, usable = quality_of(replace(WHOLE, quote_ts=quote_ts), GATE)
    assert (usable == ~one).all()
    assert (quality.quoted_ms, quality.degraded) == (NOW_MS - 70_000, "no-fresh-quotes")


def test_nothing_is_stale_outside_the_session():
    """Friday's quotes count all weekend, and so does a gamma that no quote of its own stands behind."""
    quality, usable = quality_of(with_ages(200_000), GATE, in_session=False)
    assert usable.all()
    assert (quality.stale_share, quality.degraded) == (0, "")
    assert quality_of(replace(WHOLE, quote_ts=np.zeros(WHOLE.size, dtype=np.int64)), GATE, in_session=False)[
        1
    ].all()


def test_a_contract_never_quoted_is_not_stale_but_does_not_count():
    """In session a gamma without a quote cannot be dated."""
    quality, usable = quality_of(replace(WHOLE, quote_ts=np.where(HALF, 0, NOW_MS)), GATE)
    assert (usable == ~HALF).all()
    assert (quality.stale_share, quality.coverage) == (0, pytest.approx(0.5))


def test_contracts_that_could_not_be_read_are_not_covered():
    """One in five of all that are stored leaves a coverage of four fifths, and their number; one more is too many."""
    unread = WHOLE.size // 4
    quality = quality_of(replace(WHOLE, unreadable=unread), GATE)[0]
    assert quality.coverage == pytest.approx(WHOLE.size / (WHOLE.size + unread))
    assert quality.unreadable == unread
    assert quality_of(replace(WHOLE, unreadable=2 * unread), GATE)[0].degraded == "low-coverage"


def test_coverage_is_weighed_by_open_interest():
    """Half of the contracts with 90 % of the open interest are 90 % of the chain."""
    held = np.where(HALF, 100.0, 900.0)
    quality, _ = quality_of(
        replace(WHOLE, open_interest=held, gamma=np.where(HALF, np.nan, WHOLE.gamma)), GATE
    )
    assert (quality.coverage, quality.degraded) == (pytest.approx(0.9), "")


@pytest.mark.parametrize("nothing", [0.0, np.nan])
def test_without_open_interest_contracts_are_counted(nothing):
    """Before the day's open interest is known, and where nobody holds anything."""
    none = np.full(WHOLE.size, nothing)
    quality, _ = quality_of(
        replace(WHOLE, open_interest=none, gamma=np.where(HALF, np.nan, WHOLE.gamma)), GATE
    )
    assert quality.coverage == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (only(WHOLE, HALF & ~HALF), "no-contracts"),
        (replace(WHOLE, greeks_source="", gamma=np.full(WHOLE.size, np.nan)), "no-greeks"),
        (with_ages(61), "no-fresh-quotes"),
        (with_ages(301, HALF), "low-coverage"),
        (with_ages(59), ""),
        (with_ages(301, np.arange(WHOLE.size) < WHOLE.size // 6), ""),
    ],
    ids=["empty", "no greeks", "a feed that stands", "half stale", "a minute", "a sixth stale"],
)
def test_the_reason_is_told(columns, reason):
    """Why no event may be raised: the whole feed older than a minute, or under 80 % covered."""
    assert quality_of(columns, GATE)[0].degraded == reason


def test_thresholds_are_settings():
    """Closed and bounded; another gate judges otherwise."""
    assert quality_of(with_ages(20), QualityGate(oldest_s=10))[0].degraded == "low-coverage"
    with pytest.raises(ValidationError):
        QualityGate(least_coverage=1.5)
    with pytest.raises(ValidationError):
        QualityGate(fastest=3)


@pytest.mark.parametrize(
    ("bid", "ask", "counts"),
    [
        (1.0, 1.2, True),
        (1.0, 1.0, True),
        (0.0, 0.05, False),
        (1.2, 1.0, False),
        (0.02, 0.12, True),
        (0.02, 0.13, False),
        (1.0, 1.85, True),
        (1.0, 1.9, False),
        (np.nan, 1.0, False),
        (1.0, np.nan, False),
        (1.0, np.inf, False),
        (-1.0, 1.0, False),
    ],
)
def test_a_quote_must_state_a_price(bid, ask, counts):
    """A bid, not crossed, and a spread of at most 0.10 or 60 % of the mid, the larger of them."""
    sides = {"bid": np.full(WHOLE.size, bid), "ask": np.full(WHOLE.size, ask)}
    found = priced(replace(WHOLE, **sides), everything(WHOLE))
    assert found.all() == found.any() == counts


def test_only_usable_quotes_state_one():
    """What does not count has no price."""
    assert (priced(WHOLE, HALF) == HALF).all()
