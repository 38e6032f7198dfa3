"""What is known of a key's plan."""

from dataclasses import replace

import pytest

from marketswarm.model.plan import (
    AGAIN_MS,
    UNSURE_AGAIN_MS,
    UnderlyingPlan,
    VendorPlan,
    key_fingerprint,
    plan_from,
    plan_text,
)

WHOLE = UnderlyingPlan(
    "SPX", "yes", "yes", "yes", "yes", "yes", spot="indices", timing="real-time", spot_timing="real-time"
)


def plan(
    *underlyings: UnderlyingPlan, key: str = "yes", fingerprint: str = "f", asked_ms: int = 0
) -> VendorPlan:
    """A plan asked at the epoch's start."""
    return VendorPlan(fingerprint, "https://api", asked_ms, key, underlyings or (WHOLE,))


def test_there_and_back() -> None:
    """A plan is what its text says; what is no plan is none."""
    known = plan(WHOLE, UnderlyingPlan("SPY"))
    assert plan_from(plan_text(known)) == known
    assert plan_from("{}") is None
    assert plan_from(b"\xff") is None


def test_a_fingerprint_tells_keys_apart() -> None:
    """Eight digits, always the same for a key, others for another, and none of the key's own."""
    assert key_fingerprint("a-key") == key_fingerprint("a-key") != key_fingerprint("a-kez")
    assert len(key_fingerprint("a-key")) == 8
    assert "a-key" not in plan_text(plan(fingerprint=key_fingerprint("a-key")))


@pytest.mark.parametrize(
    ("known", "after_ms", "is_due"),
    [
        (plan(), AGAIN_MS - 1, False),
        (plan(), AGAIN_MS, True),
        (plan(UnderlyingPlan("SPX")), UNSURE_AGAIN_MS - 1, False),
        (plan(UnderlyingPlan("SPX")), UNSURE_AGAIN_MS, True),
        (plan(key="no"), UNSURE_AGAIN_MS, False),
        (plan(replace(WHOLE, greeks="unknown", timing="unknown")), UNSURE_AGAIN_MS, False),
        (plan(replace(WHOLE, symbol="SPY")), 0, True),
        (plan(WHOLE, UnderlyingPlan("SPY")), 0, True),
    ],
)
def test_when_it_is_asked_again(known: VendorPlan, after_ms: int, is_due: bool) -> None:
    """After an hour, after five minutes where something that matters is unknown, and at once for other symbols."""
    assert known.is_due(after_ms, ["SPX"]) is is_due


def test_what_was_learnt_stays() -> None:
    """What is unknown now is as it was known before; what is known now is as it is now."""
    night = plan(UnderlyingPlan("SPX", chain="yes", quotes="unknown", spot="chain"), UnderlyingPlan("SPY"))

    known = night.filled(plan(WHOLE))

    assert known.of("SPX") == replace(WHOLE, spot="chain")
    assert known.of("SPY") == UnderlyingPlan("SPY")


def test_nothing_stays_of_another_key() -> None:
    """Neither of another key, nor once the key is refused."""
    blank = UnderlyingPlan("SPX")
    assert plan(blank, fingerprint="g").filled(plan()).of("SPX") == blank
    assert plan(blank, key="no").filled(plan()).of("SPX") == blank
    assert plan(blank).filled(None).of("SPX") == blank


def test_an_outage_does_not_make_a_key_unknown() -> None:
    """A key that was accepted stays so while the vendor cannot be asked."""
    assert plan(UnderlyingPlan("SPX"), key="unknown").filled(plan()) == plan()


@pytest.mark.parametrize(
    ("quotes", "kinds"),
    [
        (("no", "no"), ("T", "A")),
        (("no", "unknown"), ("Q", "T", "A")),
        (("unknown",), ("Q", "T", "A")),
        ((), ("Q", "T", "A")),
    ],
)
def test_only_a_sure_no_leaves_a_channel_out(quotes: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    """Quotes that no row of any underlying has are not asked for."""
    underlyings = tuple(UnderlyingPlan(f"S{place}", quotes=known) for place, known in enumerate(quotes))
    assert VendorPlan("f", "b", 0, "yes", underlyings).kinds() == kinds
