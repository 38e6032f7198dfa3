"""The whole spine as real processes against a scripted server that shares no code with simulator or provider."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.canned_chain import CannedChain
from tests.support.scripted_vendor import ScriptedVendor
from tests.support.spine import Spine, spine

pytestmark = pytest.mark.processes

MOVED = 24  # contracts of a window at the end of the listing, with its margin


@pytest.fixture(scope="module")
def vendor():
    """A vendor with one fund, seventeen strikes and the flaws of a real listing."""
    with ScriptedVendor(chain=CannedChain(strikes=tuple(range(672, 689)))) as made:
        yield made


@pytest.fixture(scope="module")
def running(vendor, tmp_path_factory):
    """The spine, live on it: one symbol, four strikes each side, two strikes of drift allowed."""
    settings = {
        "MASSIVE_API_KEY": vendor.key,
        "MARKETSWARM_SYMBOLS": "SPY",
        "MARKETSWARM_STRIKES_EACH_SIDE": "4",
        "MARKETSWARM_DRIFT_STRIKES": "2",
        "MARKETSWARM_SOURCE": "live",
        "MARKETSWARM_SESSION": "always",
    }
    with spine(tmp_path_factory.mktemp("spine"), vendor.rest_url, vendor.ws_url, **settings) as made:
        made.start_all()
        made.wait_for("a subscribed chain", lambda: len(vendor.subscribed()) == 18 * 3)
        yield made


def quoted(running: Spine, vendor: ScriptedVendor, name: str, **prices: float) -> dict:
    """Push a quote until it is stored; the stored contract."""

    def is_stored():
        vendor.push_quote(name, **prices)
        quote = running.chain("SPY")[name]["quote"]
        return quote["bid"] == prices["bid"] and quote["ask"] == prices["ask"]

    running.wait_for(f"{prices} in {name}", is_stored)
    return running.chain("SPY")[name]


@contextmanager
def quoting(vendor: ScriptedVendor, name: str) -> Iterator[None]:
    """Quotes all the while: a silence in session ends in a reload, and one that finds spot far away moves the window itself."""
    over = threading.Event()

    def quote() -> None:
        while not over.wait(0.5):
            vendor.push_quote(name, bid=1.5, ask=1.6)

    thread = threading.Thread(target=quote, name="quoting")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def without_greeks(running: Spine) -> dict[str, dict]:
    """The chain but for the greeks of each contract, and the version and time that grow with them."""
    return {
        name: {member: value for member, value in row.items() if member not in {"greeks", "v", "ts"}}
        for name, row in running.chain("SPY").items()
    }


def test_the_chain_is_what_the_vendor_listed(running: Spine, vendor: ScriptedVendor):
    """Nine strikes around 680.4 over several pages with repeated rows, each contract once, the adjusted one kept out."""
    rows = running.chain("SPY")

    assert sorted({row["strike"] for row in rows.values()}) == list(range(676, 685))
    assert len(rows) == 18
    assert all(row["root"] == "SPY" and row["multiplier"] == 100 for row in rows.values())
    assert all(row["quote"]["bid"] > 0.01 for row in rows.values())
    assert running.meta("SPY")["source"] == "live"


def test_the_key_goes_by_header_only(vendor: ScriptedVendor, running: Spine):
    """No request carries the key in its address, and next pages were asked for here and not at the host they named."""
    assert len(vendor.asked) > 5
    assert not any(vendor.key in repr(asked.path) + repr(asked.query) for asked in vendor.asked)
    assert any("cursor" in asked.query for asked in vendor.asked)


def test_a_quote_changes_exactly_one_contract(running: Spine, vendor: ScriptedVendor):
    """Bid, ask, mid, sizes and time of that contract; of every other one nothing, but that its greeks may be due."""
    name = vendor.chain.ticker(680)
    before = without_greeks(running)

    row = quoted(running, vendor, name, bid=2.5, ask=2.6)

    assert row["quote"] | {"ts": 0} == {
        "bid": 2.5,
        "ask": 2.6,
        "mid": 2.55,
        "bid_size": 5,
        "ask_size": 6,
        "ts": 0,
    }
    after = without_greeks(running)
    assert {field for field in after if after[field] != before[field]} == {name}


def test_bad_frames_never_stop_the_stream(running: Spine, vendor: ScriptedVendor):
    """Each kind of bad frame is counted with a sample, nothing of it is stored, and the next quote arrives."""
    size = running.redis.hlen(running.chain_key("SPY"))
    name = vendor.chain.ticker(681)
    vendor.push_raw("<html>502</html>")
    vendor.push_raw('{"ev":"Q"}')
    vendor.push_raw('[{"ev":"ZZ","sym":"x"}]')
    vendor.push_raw(f'[{{"ev":"Q","sym":"{name}","bp":null,"ap":1,"t":1}}]')
    vendor.push_raw(f'[{{"ev":"Q","sym":"{name}","bp":"dear","ap":1,"t":1}}]')
    vendor.push_raw('[{"ev":"Q","sym":"O:SPY991231C00001000","bp":1,"ap":2,"t":1795338248000}]')
    vendor.push_raw(
        f'[17, null, {{"ev":"Q","sym":"{name}","bp":7.5,"ap":7.6,"bs":1,"as":1,"t":{2**41},"q":1}}]'
    )

    quoted(running, vendor, name, bid=3.5, ask=3.6)

    counts = running.wait_for(
        "the counts",
        lambda: (found := running.redis.hgetall("badframes:counts")) and "unlisted" in found and found,
    )
    assert {"not-json", "not-array", "unknown-kind", "malformed", "unlisted"} <= set(counts)
    assert running.redis.hlen(running.chain_key("SPY")) == size
    assert any("<html>" in json.loads(sample)["text"] for sample in running.redis.lrange("badframes", 0, -1))


def test_the_heartbeat_asks_once_a_slot(running: Spine, vendor: ScriptedVendor):
    """Each slot has one entry and cost one unified call, once the plan is known: the look at it asks for spot as well."""
    running.wait_for("the plan", lambda: running.redis.get("plan"))
    before = len(running.ticks("SPY"))
    running.wait_for("a slot, so that none is half done", lambda: len(running.ticks("SPY")) > before, 20)
    have = len(running.ticks("SPY"))
    asked = sum(asked.path == "/v3/snapshot" for asked in vendor.asked)

    running.wait_for("a slot", lambda: len(running.ticks("SPY")) > have, 20)

    assert sum(asked.path == "/v3/snapshot" for asked in vendor.asked) == asked + 1
    assert running.redis.hget("spot:SPY", "spot") == "680.4"


def test_drift_subscribes_before_it_unsubscribes(running: Spine, vendor: ScriptedVendor):
    """Spot moves five strikes: the new contracts are subscribed before the old ones are given up, but for four of margin."""
    gone = f"Q.{vendor.chain.ticker(676)}"
    with quoting(vendor, vendor.chain.ticker(683)):
        running.wait_live("SPY")
        vendor.received.clear()
        vendor.chain.spot = 685.4

        running.wait_for("the new window", lambda: float(running.meta("SPY")["high"]) == 688, 25)
        # When the stream is late the far ones stay until the window has rested for half a minute.
        running.wait_for("677 to 688", lambda: running.redis.hlen(running.chain_key("SPY")) == MOVED, 75)
        vendor.wait_for(lambda: gone not in vendor.subscribed(), 10)

    actions = [
        (message["action"], message["params"]) for message in vendor.received if message["action"] != "auth"
    ]
    first_new = next(i for i, (action, params) in enumerate(actions) if vendor.chain.ticker(688) in params)
    first_gone = next(
        i for i, (action, params) in enumerate(actions) if action == "unsubscribe" and gone in params
    )
    assert actions[first_new][0] == "subscribe"
    assert first_new < first_gone


@pytest.mark.parametrize("how", ["drop", "close 1000", "close 1008", "close 1011"])
def test_every_end_of_the_connection_is_survived(running: Spine, vendor: ScriptedVendor, how: str):
    """Whether dropped or closed with a code: connected again, subscribed again, reloaded, and streaming."""
    connections = vendor.connections
    if how == "drop":
        vendor.drop_connections()
    else:
        vendor.close_connections(int(how.split()[1]), "bye")

    vendor.wait_for(lambda: vendor.connections > connections and len(vendor.subscribed()) == MOVED * 3, 30)
    quoted(running, vendor, vendor.chain.ticker(683), bid=1.0 + connections / 100, ask=2.0)
    running.wait_live("SPY")


def test_a_failed_load_keeps_the_chain_and_is_on_record(running: Spine, vendor: ScriptedVendor):
    """The vendor answers 403: the task fails with the reason, the chain stays, and the refresh log tells of it."""
    from tests.support.scripted_vendor import Answer

    before = running.redis.hkeys(running.chain_key("SPY"))
    refusal = {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}
    vendor.answer("/v3/snapshot/options/SPY", Answer(403, refusal), forever=True)  # the audits ask there, too
    code = "from tasks.chain import reload_chain; reload_chain.delay('SPY').get(timeout=30)"
    try:
        done = running.run("-c", code)
    finally:
        vendor._forever.clear()

    assert "NotEntitled" in done.stderr
    assert sorted(running.redis.hkeys(running.chain_key("SPY"))) == sorted(before)
    assert json.loads(running.redis.lindex("refreshes", 0))["state"] == "failed"


def test_a_refused_key_is_final_and_named(vendor: ScriptedVendor, tmp_path):
    """A wrong key: the task and the stream say so, nothing is stored, and the vendor is not asked again and again."""
    settings = {
        "MASSIVE_API_KEY": "wrong-key-000",
        "MARKETSWARM_SYMBOLS": "SPY",
        "MARKETSWARM_STRIKES_EACH_SIDE": "4",
    }
    from tests.support.scripted_vendor import Answer

    wrong = Answer(401, {"status": "ERROR", "error": "Unknown API Key"})
    vendor.answer("/v3/snapshot", wrong, forever=True)
    try:
        with spine(tmp_path, vendor.rest_url, vendor.ws_url, **settings) as made:
            made.start("worker", "worker", "-Q", "default")
            made.start("stream", "worker", "-n", "stream@%h", "-Q", "stream", "--streams")
            made.wait_for("a refusal in the log", lambda: "Unknown API Key" in made.log("worker"))
            assert made.redis.exists("chaincurrent") == 0
            assert "wrong-key-000" not in made.log("worker") + made.log("stream")
            assert made.end("worker", signal.SIGTERM) == 0
    finally:
        vendor._forever.clear()
