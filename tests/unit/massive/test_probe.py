"""The probe against a vendor of every kind of plan."""

from collections.abc import Callable

import pytest

from marketswarm.massive.calls import VendorCalls
from marketswarm.massive.probe import PlanProbe
from marketswarm.model.plan import UnderlyingPlan, VendorPlan
from marketswarm.model.ticker import Underlying
from tests.support.scripted_vendor import Answer, ScriptedVendor, rows_answer

SPY, SPX = Underlying("SPY", False), Underlying("SPX", True)
CHAIN, CONTRACTS, UNIFIED = "/v3/snapshot/options/SPY", "/v3/reference/options/contracts", "/v3/snapshot"
STOCKS, PREVIOUS = "/v2/snapshot/locale/us/markets/stocks/tickers", "/v2/aggs/ticker/SPY/prev"
REFUSED = Answer(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})
REFUSED_IN_A_200 = Answer(200, REFUSED.body)
BUSY = Answer(429, {"status": "ERROR", "error": "too many"})


@pytest.fixture
def vendor():
    """A vendor whose pages hold the whole chain."""
    with ScriptedVendor() as running:
        running.page_size = 250
        yield running


@pytest.fixture
def ask(vendor, rest, clock) -> Callable[..., VendorPlan]:
    """Ask that vendor."""

    def asked(*underlyings: Underlying, key: str | None = None, in_session: bool = True) -> VendorPlan:
        calls = VendorCalls(vendor.rest_url, key or vendor.key, clock=clock, random=lambda: 1.0)
        probe = PlanProbe(
            calls,
            rest.spots,
            clock,
            fingerprint="f1",
            base=vendor.rest_url,
            in_session=lambda _now_ms: in_session,
        )
        try:
            return probe.ask(underlyings or (SPY,))
        finally:
            calls.close()

    return asked


def rows(vendor: ScriptedVendor, *missing: str) -> list[dict]:
    """The canned chain without those members."""
    return [{name: row[name] for name in row if name not in missing} for row in vendor.chain.rows()]


def test_a_plan_with_everything(vendor, ask):
    """One call for spot, two for the underlying; the rows asked for are those around spot; nothing names the key."""
    plan = ask()

    assert (plan.key, plan.fingerprint, plan.base) == ("yes", "f1", vendor.rest_url)
    assert plan.underlyings == (
        UnderlyingPlan("SPY", "yes", "yes", "yes", "yes", "yes", "unified", "real-time", "real-time"),
    )
    assert [asked.path for asked in vendor.asked] == [UNIFIED, CHAIN, CONTRACTS]
    assert vendor.asked[1].query == {
        "strike_price.gte": "666.79",
        "strike_price.lte": "694.01",
        "limit": "250",
    }
    assert vendor.key not in repr(plan)


def test_a_plan_without_quotes(vendor, ask):
    """Rows without `last_quote` in session are a no, on a closed market unknown."""
    vendor.answer(CHAIN, rows_answer(*rows(vendor, "last_quote")), forever=True)

    assert ask().of("SPY").quotes == "no"
    assert ask(in_session=False).of("SPY").quotes == "unknown"


def test_a_delayed_plan(vendor, ask):
    """The vendor says so of its answers."""
    vendor.answer(
        CHAIN, rows_answer(*rows(vendor, "last_quote", "last_trade"), status="DELAYED"), forever=True
    )

    found = ask().of("SPY")

    assert (found.timing, found.quotes, found.trades, found.greeks) == ("delayed", "no", "no", "yes")


@pytest.mark.parametrize("refusal", [REFUSED, REFUSED_IN_A_200])
def test_a_plan_without_chains(vendor, ask, refusal):
    """Refused by 403 or in a 200: the chain is a no, the listing a yes, and spot has another source."""
    vendor.answer(CHAIN, refusal, forever=True)

    found = ask().of("SPY")

    assert (found.chain, found.quotes, found.listing, found.spot) == ("no", "no", "yes", "unified")


def test_a_plan_without_spot_has_parity(vendor, ask):
    """Options alone: unified, stocks and the rows' underlying give none, the chain's own quotes do."""
    for path in (UNIFIED, STOCKS, PREVIOUS):
        vendor.answer(path, REFUSED, forever=True)
    vendor.answer(CHAIN, rows_answer(*rows(vendor, "underlying_asset")), forever=True)

    found = ask().of("SPY")

    assert (found.spot, found.chain) == ("parity", "yes")


def test_a_plan_without_anything(vendor, ask):
    """Every source refused: none, of a key that is accepted all the same."""
    for path in (UNIFIED, STOCKS, PREVIOUS, CHAIN, CONTRACTS):
        vendor.answer(path, REFUSED, forever=True)

    plan = ask()

    assert plan.key == "yes"
    assert plan.of("SPY") == UnderlyingPlan("SPY", "no", "no", "no", "no", "no", "none")


def test_a_refused_key(vendor, ask):
    """401 ends the asking, and nothing else is judged by it."""
    vendor.answer(UNIFIED, Answer(401, {"status": "ERROR", "error": "Unknown API Key"}), forever=True)

    plan = ask(SPY, SPX)

    assert (plan.key, plan.underlyings) == ("no", (UnderlyingPlan("SPY"), UnderlyingPlan("SPX")))
    assert [asked.path for asked in vendor.asked] == [UNIFIED]


@pytest.mark.parametrize("answer", [BUSY, Answer(503, "<html>"), Answer(drop=True)])
def test_a_vendor_that_cannot_be_asked_now(vendor, ask, answer):
    """Too many calls, an outage, no connection: nothing is known, nothing is refused, and no more is asked."""
    vendor.answer(UNIFIED, answer, forever=True)

    plan = ask(SPY, SPX)

    assert (plan.key, set(plan.underlyings)) == ("unknown", {UnderlyingPlan("SPY"), UnderlyingPlan("SPX")})
    assert {asked.path for asked in vendor.asked} == {UNIFIED}


def test_one_call_too_many_costs_itself(vendor, ask):
    """A call that is refused for its number is unknown; it is not tried twice."""
    vendor.answer(CHAIN, BUSY, forever=True)

    found = ask().of("SPY")

    assert (found.chain, found.listing, found.spot) == ("unknown", "yes", "unified")
    assert [asked.path for asked in vendor.asked].count(CHAIN) == 1


def test_how_far_it_is_is_told(vendor, rest, clock):
    """Spot, then underlying by underlying, then done."""
    calls = VendorCalls(vendor.rest_url, vendor.key, clock=clock, random=lambda: 1.0)
    probe = PlanProbe(calls, rest.spots, clock, fingerprint="f", base="b", in_session=lambda _now_ms: True)
    told = []

    probe.ask([SPY], lambda *step: told.append(step))

    calls.close()
    assert told == [("spot", 0, 2), ("SPY", 1, 2), ("done", 2, 2)]
