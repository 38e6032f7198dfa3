"""Two expirations of two symbols as real processes against the simulator: loaded, streamed, and moved together by a jump."""

import json
import time

import pytest

from marketswarm.simulator.config import SimulatorConfig
from tests.support.simulator import RunningSimulator
from tests.support.spine import Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY")
EACH_SIDE, MARGIN = 20, 6


@pytest.fixture(scope="module")
def simulator():
    """A market of two symbols in this process."""
    made = RunningSimulator(SimulatorConfig(port=0, seed=7, symbols=SYMBOLS))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(simulator, tmp_path_factory):
    """The spine with ±20 strikes of two expirations, live."""
    settings = {
        "MASSIVE_API_KEY": "flow-test-key",
        "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS),
        "MARKETSWARM_EXPIRATIONS": "2",
        "MARKETSWARM_STRIKES_EACH_SIDE": str(EACH_SIDE),
    }
    with spine(tmp_path_factory.mktemp("spine"), simulator.rest, simulator.ws, **settings) as made:
        made.start_all()
        for symbol in SYMBOLS:
            made.wait_for(f"two live chains of {symbol}", lambda name=symbol: live_days(made, name), 40)
        yield made


def metas(running: Spine, symbol: str) -> dict[str, dict[str, str]]:
    """Expiration → meta of every stored chain of a symbol."""
    names = sorted(running.redis.keys(f"chainmeta:{symbol}:*"))
    return {name.rpartition(":")[2]: running.redis.hgetall(name) for name in names}


def live_days(running: Spine, symbol: str) -> list[str]:
    """The two expirations of a symbol once both are live."""
    live = [day for day, meta in metas(running, symbol).items() if meta["state"] == "live"]
    return live if len(live) == 2 else []


def strikes(running: Spine, symbol: str, day: str) -> list[float]:
    """The strikes of a stored chain, ascending."""
    rows = running.redis.hvals(f"chain:{symbol}:{day}")
    return sorted({json.loads(row)["strike"] for row in rows})


def test_both_chains_are_whole_and_the_first_is_in_force(running: Spine):
    """Forty-one strikes each, the later one named beside the one in force."""
    for symbol in SYMBOLS:
        first, second = live_days(running, symbol)
        assert running.redis.hget("chaincurrent", symbol) == first
        assert metas(running, symbol)[first]["later"] == second
        for day in (first, second):
            assert len(strikes(running, symbol, day)) == 2 * EACH_SIDE + 1


def test_both_chains_stream(running: Spine):
    """The seq of each grows without a load."""
    before = {day: int(meta["seq"]) for day, meta in metas(running, "SPX").items()}
    running.wait_for(
        "growing chains",
        lambda: all(int(meta["seq"]) > before[day] + 3 for day, meta in metas(running, "SPX").items()),
    )


def test_a_jump_moves_both_windows_in_one_go(running: Spine, simulator: RunningSimulator):
    """Three percent at once: each chain grows by one entry, shrinks by a later one, holds spot, and is live again."""
    before = {day: float(meta["centre"]) for day, meta in metas(running, "SPX").items()}
    seen = running.redis.xrevrange("sse:chain-full", count=1)[0][0]
    simulator.call(lambda: simulator.server.market._process.jump(0.03))

    def moved() -> bool:
        return all(float(meta["centre"]) > before[day] * 1.02 for day, meta in metas(running, "SPX").items())

    running.wait_for("moved windows", moved, 30)
    running.wait_for("two live chains", lambda: live_days(running, "SPX"), 30)

    for day, meta in metas(running, "SPX").items():
        held = strikes(running, "SPX", day)
        spot = float(running.redis.hget("spot:SPX", "spot"))
        assert held[0] < spot < held[-1]
        assert 2 * EACH_SIDE + 1 <= len(held) <= 2 * (EACH_SIDE + MARGIN) + 1
        assert (held[0], held[-1]) == (float(meta["low"]), float(meta["high"]))
        entries = [fields for _, fields in running.redis.xrange("sse:chain-full", f"({seen}")]
        drift = [
            int(fields["contracts"])
            for fields in entries
            if (fields["symbol"], fields["expiration"], fields["reason"]) == ("SPX", day, "drift")
        ]
        assert len(drift) == 2
        assert drift[0] > drift[1]


def test_nothing_moves_while_spot_stands_still(running: Spine):
    """After the jump no window moves again within a cooldown."""
    moved = {day: meta["moved_ms"] for day, meta in metas(running, "SPX").items()}
    time.sleep(12)

    assert {day: meta["moved_ms"] for day, meta in metas(running, "SPX").items()} == moved


def test_a_bigger_wish_gets_what_is_left(running: Spine):
    """Two hundred strikes each side do not fit: the report says how many do, and every chain is live with them."""
    code = (
        "from tasks.chain import reload_chain; import json;"
        "print(json.dumps(reload_chain.delay('SPX', 200).get(timeout=30)))"
    )
    done = running.run("-c", code)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["strikes_asked"] == 200
    assert EACH_SIDE < report["strikes_each_side"] < 200
    assert report["notice"].startswith(f"±{report['strikes_each_side']} strikes of ±200")

    for symbol in SYMBOLS:
        running.wait_for(f"two live chains of {symbol}", lambda name=symbol: live_days(running, name), 30)
    running.wait_for("room for all", lambda: held(running) <= 1000, 30)
    document = json.loads(running.run("-m", "marketswarm", "status", "--json").stdout)
    assert document["symbols"]["SPX"]["strikes_asked"] == 200
    assert "notice" not in document["symbols"]["SPY"]


def held(running: Spine) -> int:
    """The contracts of all chains."""
    return sum(int(meta["contracts"]) for symbol in SYMBOLS for meta in metas(running, symbol).values())
