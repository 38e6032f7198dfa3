"""The spine on a plan of options alone, delayed, without quotes on the WebSocket and without a source of spot."""

import json
import time

import pytest

from tests.support.canned_chain import CannedChain
from tests.support.scripted_vendor import Answer, ScriptedVendor
from tests.support.spine import Spine, spine

pytestmark = pytest.mark.processes

REFUSED = Answer(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})
SPOT_PATHS = ("/v3/snapshot", "/v2/snapshot/locale/us/markets/stocks/tickers", "/v2/aggs/ticker/SPY/prev")


@pytest.fixture(scope="module")
def vendor():
    """That vendor."""
    with ScriptedVendor(chain=CannedChain(tells_spot=False)) as made:
        made.page_size = 250
        made.refused_kinds = {"Q"}
        made.status = "DELAYED"
        for path in SPOT_PATHS:
            made.answer(path, REFUSED, forever=True)
        yield made


@pytest.fixture(scope="module")
def running(vendor, tmp_path_factory):
    """The spine, live on it."""
    settings = {
        "MASSIVE_API_KEY": vendor.key,
        "MARKETSWARM_SYMBOLS": "SPY",
        "MARKETSWARM_STRIKES_EACH_SIDE": "4",
        "MARKETSWARM_SOURCE": "live",
        "MARKETSWARM_SESSION": "always",
    }
    with spine(tmp_path_factory.mktemp("spine"), vendor.rest_url, vendor.ws_url, **settings) as made:
        made.start_all()
        made.wait_for("polled quotes", lambda: made.meta("SPY").get("quotes") == "polled", 60)
        made.wait_live("SPY")
        yield made


def test_trades_and_bars_are_streamed(running: Spine, vendor: ScriptedVendor):
    """Every contract is subscribed on what the plan gives, and on nothing else."""
    tickers = running.chain("SPY")
    assert len(tickers) == 18
    assert vendor.subscribed() == {f"{kind}.{name}" for kind in "TA" for name in tickers}


def test_quotes_follow_by_snapshots(running: Spine, vendor: ScriptedVendor):
    """A quote of the vendor's snapshot is stored within a few polls, in the feed as well, and no set of contracts changes."""
    name = vendor.chain.ticker(680)
    for spot in (680.9, 680.7, 680.6):
        running.wait_live("SPY")
        before, loads = running.meta("SPY"), running.loads("SPY")
        bid = quote_at(vendor, name, spot)
        running.wait_for("the quote", lambda bid=bid: running.chain("SPY")[name]["quote"]["bid"] == bid)
        after = running.meta("SPY")
        if after["state"] == "live" and running.loads("SPY") == loads:
            break  # else a connection that brought nothing was replaced meanwhile, which is a load of its own

    assert (after["epoch"], after["state"]) == (before["epoch"], "live")
    assert int(after["seq"]) > int(before["seq"])
    assert running.loads("SPY") == loads
    assert any(name in fields["updates"] for _, fields in running.redis.xrange("sse:chain-feed"))
    assert running.chain("SPY")[name]["greeks"]["source"] == "local"


def quote_at(vendor: ScriptedVendor, name: str, spot: float) -> float:
    """Quotes of that spot from now on, and nothing else; the bid of one of them."""
    # A trade or a bar would have to come on the WebSocket, or it was lost.
    vendor.chain.quoted_ns = time.time_ns()
    vendor.chain.quoted_spot = spot
    row = next(row for row in vendor.chain.rows() if row["details"]["ticker"] == name)
    return row["last_quote"]["bid"]


def test_a_silent_feed_of_trades_is_not_stale(running: Spine):
    """Nothing was ever sent on the WebSocket: the polls keep the chain live."""
    polled_ms = int(running.meta("SPY")["polled_ms"])
    running.wait_for("two more polls", lambda: int(running.meta("SPY")["polled_ms"]) > polled_ms + 6_000)
    assert running.meta("SPY")["state"] in {"live", "gap"}  # a silent connection is replaced now and then
    running.wait_live("SPY")


def test_spot_is_parity_s(running: Spine):
    """Every source of spot is refused: put-call parity over the chain's own quotes is published, marked so."""
    tick = running.wait_for("a tick", lambda: running.redis.hgetall("spot:SPY"))
    assert (tick["method"], tick["delayed"]) == ("parity", "1")
    assert float(tick["spot"]) == pytest.approx(680.4, abs=0.6)
    assert running.redis.xrange("sse:timeseries")[-1][1]["delayed"] == "1"


def test_delayed_is_said_everywhere(running: Spine):
    """In the meta, in `status` and `chain`, for people and for programs."""
    assert running.meta("SPY")["delayed"] == "1"
    seen = json.loads(running.run("-m", "marketswarm", "status", "--json").stdout)["symbols"]["SPY"]
    assert (seen["delayed"], seen["quotes"], seen["spot_by"]) == (True, "polled", "parity")
    assert 0 <= seen["polled_age_ms"] < 20_000
    assert "DELAYED, quotes polled" in running.run("-m", "marketswarm", "status").stdout
    assert "DELAYED" in running.run("-m", "marketswarm", "chain", "SPY").stdout
    assert json.loads(running.run("-m", "marketswarm", "chain", "SPY", "--json").stdout)["delayed"] is True


def test_the_doctor_shows_the_plan(running: Spine, vendor: ScriptedVendor):
    """One row an underlying, what the WebSocket refused, and which plan gives more; the key stands nowhere."""
    done = running.run("-m", "marketswarm", "doctor")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["SPY", "yes", "yes", "yes", "yes", "parity", "yes", "DELAYED"] in lines
    assert ["WebSocket:", "Q", "no", "T", "yes", "A", "yes"] in lines
    assert "Stocks plan gives the spot of SPY" in done.stdout
    plan = json.loads(running.run("-m", "marketswarm", "doctor", "--json").stdout)["plan"]
    assert plan["channels"] == {"Q": "no", "T": "yes", "A": "yes"}
    assert vendor.key not in done.stdout + json.dumps(plan) + running.redis.get("plan")


def test_the_plan_was_learnt_by_itself(running: Spine):
    """The task has asked and kept it; until something changes nobody asks again."""
    plan = json.loads(running.wait_for("the plan", lambda: running.redis.get("plan")))
    assert (plan["key"], plan["underlyings"][0]["spot"]) == ("yes", "parity")
