"""Vigil in the whole spine: beat ticks, a worker evaluates, and nothing is lost when it dies."""

import json
import signal

import pytest

from marketswarm.simulator.config import SimulatorConfig
from tests.support.simulator import RunningSimulator
from tests.support.spine import WORKER, Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The spine with two symbols, live, and its first evaluations."""
    simulator = RunningSimulator(SimulatorConfig(port=0, seed=7))
    folder = tmp_path_factory.mktemp("vigil")
    settings = {"MASSIVE_API_KEY": "flow-test-key", "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS)}
    with spine(folder, simulator.rest, simulator.ws, **settings) as made:
        made.start_all()
        made.wait_live(*SYMBOLS)
        for symbol in SYMBOLS:
            made.wait_for("levels", lambda name=symbol: "value" in levels(made, name).get("net_gamma", {}))
        yield made
    simulator.stop()


def levels(spine: Spine, symbol: str) -> dict:
    """What is published of a symbol."""
    return {name: json.loads(text) for name, text in spine.redis.hgetall(f"vigil:levels:{symbol}").items()}


def judged(spine: Spine, symbol: str) -> list[int]:
    """The slots that a symbol's evaluations have seen so far."""
    state = spine.redis.get(f"vigil:state:{symbol}")
    return [int(tick[0]) for tick in json.loads(state)["ticks"]] if state else []


def test_each_tick_makes_levels_of_its_symbol(running):
    """The spot that was published, the chain in force, and a model that names itself."""
    for symbol in SYMBOLS:
        found = levels(running, symbol)
        expiration = running.redis.hget("chaincurrent", symbol)
        assert found["spot"]["as_of"] in running.ticks(symbol)
        assert found["net_gamma"]["expiration"] == expiration
        assert found["net_gamma"]["sign_model"] == "naive"
        assert len(found["gamma_by_strike"]["value"]) > 50
        assert found["move_left"]["value"] > 0


def test_a_bad_symbol_fails_with_its_own_words(running):
    """In the caller's shell, as the project's own error."""
    asked = (
        "from tasks.vigil import evaluate_symbol\n"
        "result = evaluate_symbol.apply_async(kwargs={'symbol': 'IWM'}, ignore_result=False)\n"
        "try: result.get(timeout=20)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    said = running.run("-c", asked).stdout

    assert said.startswith("UnknownSymbol symbol is 'IWM', which is not configured; allowed: SPX, SPY")


def test_a_worker_that_is_killed_loses_no_tick(running):
    """Another one takes over; every published slot is judged, each once, and nothing is left pending."""
    running.end("worker", signal.SIGKILL)
    running.start("second", *WORKER)
    known = len(running.ticks("SPX"))
    running.wait_for("new ticks", lambda: len(running.ticks("SPX")) >= known + 2, 60)

    def all_judged():
        return all(running.ticks(symbol) == judged(running, symbol) for symbol in SYMBOLS)

    running.wait_for("all ticks judged", all_judged)
    for stream, group in (("sse:timeseries", "vigil:spot"), ("sse:chain-feed", "vigil:chainShift")):
        assert running.redis.xpending(stream, group)["pending"] == 0
        assert running.redis.xinfo_groups(stream)[0]["consumers"] == 1
