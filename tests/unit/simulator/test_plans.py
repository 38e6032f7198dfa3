"""What each plan gives."""

import pytest

from marketswarm.errors import BadArgument
from marketswarm.simulator.plans import DELAY_MS, OFFERS, Plan, Plans, class_of


@pytest.mark.parametrize(
    ("name", "snapshots", "trades", "quotes", "fmv", "topics", "timeframe", "connections", "calls"),
    [
        ("basic", False, False, False, False, (), "REAL-TIME", 1, 5),
        ("starter", True, False, False, False, ("A", "AM"), "DELAYED", 1, None),
        ("developer", True, True, False, False, ("T", "A", "AM"), "DELAYED", 1, None),
        ("advanced", True, True, True, False, ("Q", "T", "A", "AM"), "REAL-TIME", 1, None),
        ("business", True, True, False, True, ("T", "A", "AM", "FMV"), "REAL-TIME", 3, None),
    ],
)
def test_options_plans(name, snapshots, trades, quotes, fmv, topics, timeframe, connections, calls):
    """Each options plan gives what the vendor's table of plans says; contracts and past bars come with all of them."""
    plan = Plan("options", name)
    assert plan.gives("reference")
    assert plan.gives("bars")
    assert [plan.gives(right) for right in ("snapshots", "trades", "quotes", "fmv")] == [
        snapshots,
        trades,
        quotes,
        fmv,
    ]
    assert (plan.topics, plan.timeframe, plan.connections, plan.calls_a_minute) == (
        topics,
        timeframe,
        connections,
        calls,
    )


@pytest.mark.parametrize("asset_class", ["stocks", "indices"])
def test_no_plan_gives_nothing(asset_class):
    """Without a plan for a class nothing of it is given, and nothing may be streamed."""
    plan = Plan(asset_class, "none")
    assert not any(plan.gives(right) for right in ("reference", "bars", "snapshots", "trades", "quotes"))
    assert plan.topics == ()


@pytest.mark.parametrize(
    ("asset_class", "name", "argument"),
    [
        ("options", "none", "plan is 'none'"),
        ("options", "gold", "plan is 'gold'; allowed: basic, starter, developer, advanced, business"),
        ("indices", "developer", "indices-plan is 'developer'"),
        ("stocks", "", "stocks-plan is ''"),
    ],
)
def test_plans_that_are_not_on_offer(asset_class, name, argument):
    """A plan that the vendor does not sell is refused by name, with those that it sells."""
    with pytest.raises(BadArgument, match=argument):
        Plan(asset_class, name)


def test_every_offer_can_be_bought():
    """Whatever is listed as on offer is a plan."""
    assert all(
        Plan(asset_class, name).name == name for asset_class, names in OFFERS.items() for name in names
    )


@pytest.mark.parametrize(
    ("options", "stocks", "market", "shift"),
    [
        ("advanced", "advanced", 0, 0),
        ("starter", "starter", DELAY_MS, 0),
        ("starter", "advanced", DELAY_MS, DELAY_MS),
        ("advanced", "starter", 0, -DELAY_MS),
        ("basic", "none", 0, 0),
    ],
)
def test_delays(options, stocks, market, shift):
    """The market is as late as the options plan; a class with another delay has its times moved against it."""
    plans = Plans(Plan("options", options), Plan("stocks", stocks))
    assert (plans.delay_ms, plans.shift_ms("stocks")) == (market, shift)


def test_classes_of_tickers():
    """A ticker's prefix tells its class."""
    assert [class_of(t) for t in ("O:SPY261123C00680000", "I:SPX", "SPY", "")] == [
        "options",
        "indices",
        "stocks",
        "stocks",
    ]
