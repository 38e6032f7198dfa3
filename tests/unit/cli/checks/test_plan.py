"""What is said of a plan, and which plan would give more."""

from dataclasses import replace

import pytest

from marketswarm.cli.checks.plan import check_plan, judge_plan
from marketswarm.model.plan import UnderlyingPlan, VendorPlan
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.scripted_vendor import ScriptedVendor

SPX = UnderlyingPlan("SPX", "yes", "yes", "yes", "yes", "yes", "indices", "real-time", "real-time")
SPY = replace(SPX, symbol="SPY", spot="stocks")
INDICES = frozenset({"SPX"})
STREAMED = {"Q": "yes", "T": "yes", "A": "yes"}


def judged(*underlyings, key="yes", channels=STREAMED):
    """What is said of this plan."""
    return judge_plan(VendorPlan("f", "b", 0, key, underlyings), INDICES, channels)


def test_a_plan_with_everything_is_well() -> None:
    """Nothing to be mended."""
    assert judged(SPX, SPY) == judged(SPX, SPY, channels={})
    assert (judged(SPX, SPY).verdict, judged(SPX, SPY).fix) == ("ok", "")


@pytest.mark.parametrize(
    ("underlyings", "detail", "fix"),
    [
        (
            [replace(SPX, chain="no", quotes="no", trades="no", greeks="no")],
            "no chain of SPX; no trades of SPX; no quotes of SPX",
            "Starter",
        ),
        ([replace(SPX, quotes="no"), replace(SPY, quotes="no")], "no quotes of SPX, SPY", "Options Advanced"),
        ([replace(SPX, trades="no")], "no trades of SPX", "Options Developer"),
        ([replace(SPX, timing="delayed"), SPY], "DELAYED: SPX", "real time"),
        ([SPX, replace(SPY, spot_timing="delayed")], "DELAYED: SPY", "real time"),
        ([replace(SPX, spot="parity"), SPY], "spot by parity: SPX", "Indices plan gives the spot of SPX"),
        ([SPX, replace(SPY, spot="none")], "spot by none: SPY", "Stocks plan gives the spot of SPY"),
    ],
)
def test_what_is_lacking_has_its_plan(underlyings, detail: str, fix: str) -> None:
    """A warning that names what is lacking of which underlying, and the vendor's plan that gives it."""
    found = judged(*underlyings)
    assert (found.verdict, found.detail) == ("warn", detail)
    assert fix in found.fix


def test_a_channel_that_is_refused_is_told() -> None:
    """Quotes in the rows, and none on the WebSocket: they are polled."""
    found = judged(SPX, channels=STREAMED | {"Q": "no"})
    assert (found.verdict, found.detail) == ("warn", "quotes are not streamed")


def test_unknown_is_no_fault() -> None:
    """A closed market says nothing: named, and not warned of."""
    found = judged(replace(SPX, quotes="unknown"), SPY)
    assert (found.verdict, found.detail) == ("ok", "2 underlyings; not all known yet of SPX")


@pytest.mark.parametrize(("key", "verdict"), [("no", "fail"), ("unknown", "warn")])
def test_a_key_that_is_refused_fails(key: str, verdict: str) -> None:
    """A vendor that cannot be asked is only warned of."""
    assert judged(UnderlyingPlan("SPX"), key=key).verdict == verdict


def test_without_a_key_there_is_nothing_to_ask(environment) -> None:
    """Skipped, and no plan is told."""
    found = check_plan(Swarm(Settings.load()), lambda *_step: None)
    assert (found.verdict, found.plan_json()) == ("skip", {})


def test_the_vendor_is_asked_and_streams_are_looked_at(environment, redis, live_chain) -> None:
    """Plan, channels and host in one; it is kept, and how far it is is told."""
    from marketswarm.chain.reports import StreamReports
    from marketswarm.clock import SystemClock

    told = []
    with ScriptedVendor() as vendor:
        vendor.page_size = 250
        environment.setenv("MASSIVE_REST_URL", vendor.rest_url)
        environment.setenv("MASSIVE_API_KEY", vendor.key)
        environment.setenv("MARKETSWARM_SYMBOLS", "SPY")
        report = {
            "ts": SystemClock().now_ms(),
            "feed": "streaming",
            "not_streamed": ["quote"],
            "delayed": True,
        }
        StreamReports(redis, "test").write("SPY", report)

        found = check_plan(Swarm(Settings.load()), lambda *step: told.append(step[0]))

    assert found.detail == "quotes are not streamed"
    assert found.plan_json()["channels"] == {"Q": "no", "T": "yes", "A": "yes"}
    assert found.plan_json()["delayed_host"] is True
    assert found.plan_json()["underlyings"][0]["quotes"] == "yes"
    assert redis.get("plan") is not None
    assert told == ["spot", "SPY", "done"]
