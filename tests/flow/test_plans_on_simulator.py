"""The spine on the simulator's lesser plans: what the key lacks is made up for, or said."""

import json
from collections import Counter

import pytest
import requests

from marketswarm.recorder.recording import Recording
from marketswarm.simulator.config import SimulatorConfig
from tests.support.simulator import RunningSimulator
from tests.support.spine import Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY")


@pytest.fixture
def run(tmp_path):
    """Start the spine on a simulator with these plans; both are ended with the test."""
    started = []

    def start(**plans: str) -> Spine:
        simulator = RunningSimulator(SimulatorConfig(port=0, seed=7, symbols=SYMBOLS, **plans))
        started.append(simulator.stop)
        settings = {
            "MASSIVE_API_KEY": "flow-test-key",
            "MASSIVE_WS_DELAYED_URL": f"{simulator.ws}/delayed",
            "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS),
            "MARKETSWARM_STRIKES_EACH_SIDE": "20",
        }
        context = spine(tmp_path, simulator.rest, simulator.ws, **settings)
        made = context.__enter__()
        started.append(lambda: context.__exit__(None, None, None))
        made.start_all()
        return made

    yield start
    for end in reversed(started):
        end()


def seen(running: Spine) -> dict[str, dict]:
    """What `status --json` says of each symbol."""
    return json.loads(running.run("-m", "marketswarm", "status", "--json").stdout)["symbols"]


def plan_of(running: Spine) -> dict:
    """What the doctor learnt."""
    return json.loads(running.run("-m", "marketswarm", "doctor", "--json").stdout)["plan"]


def test_the_whole_plan(run):
    """Everything streamed, in real time, spot by one call: nothing is made up for, nothing polled, nothing warned of."""
    running = run()
    running.wait_live(*SYMBOLS)

    plan = plan_of(running)

    for one in plan["underlyings"]:
        assert {one[name] for name in ("chain", "quotes", "trades", "greeks", "listing")} == {"yes"}
        assert (one["spot"], one["timing"], one["spot_timing"]) == ("unified", "real-time", "real-time")
    assert plan["channels"] == {"Q": "yes", "T": "yes", "A": "yes"}
    assert {known["quotes"] for known in seen(running).values()} == {"streamed"}
    assert not any("delayed" in known for known in seen(running).values())
    assert running.redis.exists("polled:SPX") == 0


def test_a_developers_plan(run, tmp_path):
    """Late and without any quotes: trades and bars stream from the delayed host, polls keep the chain live and its greeks new.

    A recording of it gives the same chains again, polls included.
    """
    running = run(plan="developer")
    for symbol in SYMBOLS:
        running.wait_for("no quotes", lambda name=symbol: running.meta(name).get("quotes") == "none", 90)
    running.wait_live(*SYMBOLS)

    polled_ms = running.wait_for("a poll", lambda: int(running.meta("SPX").get("polled_ms", 0)))
    running.wait_for("another one", lambda: int(running.meta("SPX")["polled_ms"]) > polled_ms)

    assert running.meta("SPX")["state"] == "live"
    assert {row["greeks"]["source"] for row in running.chain("SPX").values() if "greeks" in row} == {
        "provider"
    }
    plan = plan_of(running)
    assert plan["channels"] == {"Q": "no", "T": "yes", "A": "yes"}
    assert plan["delayed_host"] is True
    assert {(one["quotes"], one["trades"], one["timing"]) for one in plan["underlyings"]} == {
        ("no", "yes", "delayed")
    }

    folder = tmp_path / "recording"
    seconds = ("--seconds", "7")  # a poll at least
    assert running.run("-m", "marketswarm", "record", str(folder), *seconds, timeout_s=90).returncode == 0
    told = json.loads(running.run("-m", "marketswarm", "replay", str(folder), "--check", "--json").stdout)
    deeds = Counter(deed.name for deed in Recording(folder).deeds())
    assert deeds["poll"] >= len(SYMBOLS)
    assert (told["unplayed"], told["differences"]) == ([], [])


@pytest.mark.parametrize("before", ["business", "developer"])
def test_an_upgrade_while_it_runs(run, before):
    """Quotes are streamed once the new plan is known, without a restart: in real time, polled no more, and equal to the vendor's."""
    running = run(plan=before)
    for symbol in SYMBOLS:
        running.wait_for("no quotes", lambda name=symbol: running.meta(name).get("quotes") == "none", 90)
    running.wait_live(*SYMBOLS)
    stream = running.processes["stream"].pid

    bought = requests.post(
        f"{running.env['MASSIVE_REST_URL']}/_plan", json={"options": "advanced"}, timeout=5
    )
    assert bought.json()["options"] == "advanced"
    assert {one["quotes"] for one in plan_of(running)["underlyings"]} == {
        "yes"
    }  # the doctor asks, and keeps it

    for symbol in SYMBOLS:
        running.wait_for("quotes", lambda name=symbol: running.meta(name).get("quotes") == "streamed", 60)
    running.wait_live(*SYMBOLS)
    running.wait_for("real time", lambda: not any("delayed" in known for known in seen(running).values()))
    for known in seen(running).values():
        assert (known["quotes"], known["reconnects"]) == ("streamed", 0)
    assert running.processes["stream"].pid == stream
    counts = {name: int(running.meta(name)["seq"]) for name in SYMBOLS}
    running.wait_for("changes", lambda: all(int(running.meta(n)["seq"]) > counts[n] for n in SYMBOLS))
    assert all("quote" in row for row in running.chain("SPY").values())
    assert {row["greeks"]["source"] for row in running.chain("SPX").values() if "greeks" in row} == {"local"}
    polled = running.redis.get("polled:SPX")
    running.wait_for("ticks", lambda count=len(running.ticks("SPX")): len(running.ticks("SPX")) > count)
    assert running.redis.get("polled:SPX") in {polled, None}  # it is forgotten after a while


def test_a_starters_plan_says_delayed_everywhere(run):
    """Bars alone, fifteen minutes late: meta, stream, status, chain and doctor say so, and nothing is called stale for it."""
    running = run(plan="starter", stocks_plan="none", indices_plan="none")
    for symbol in SYMBOLS:
        running.wait_for("no quotes", lambda name=symbol: running.meta(name).get("quotes") == "none", 90)
    running.wait_live(*SYMBOLS)
    running.wait_for("ticks", lambda: all(running.ticks(symbol) for symbol in SYMBOLS))

    for symbol, known in seen(running).items():
        assert (known["state"], known["delayed"], known["spot_by"]) == ("live", True, "parity")
        assert running.meta(symbol)["delayed"] == "1"
        assert running.redis.hget(f"spot:{symbol}", "delayed") == "1"
    assert "DELAYED" in running.run("-m", "marketswarm", "chain", "SPX").stdout
    assert "DELAYED" in running.run("-m", "marketswarm", "doctor").stdout


def test_without_an_indices_plan_spot_is_parity_s(run):
    """Quotes in real time and no plan for the index: its spot comes by parity, the fund's by its own plan."""
    running = run(indices_plan="none")
    running.wait_live(*SYMBOLS)
    running.wait_for("ticks", lambda: all(running.ticks(symbol) for symbol in SYMBOLS))

    methods = {symbol: running.redis.hget(f"spot:{symbol}", "method") for symbol in SYMBOLS}

    assert methods == {"SPX": "parity", "SPY": "unified"}
    meta = running.meta("SPX")
    assert float(meta["low"]) < float(running.redis.hget("spot:SPX", "spot")) < float(meta["high"])
    fix = running.run("-m", "marketswarm", "doctor").stdout
    assert "Indices plan gives the spot of SPX" in " ".join(fix.split())
