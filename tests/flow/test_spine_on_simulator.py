"""The whole spine as real processes against the simulator: load, stream, heartbeat, drift, reload, stop."""

import asyncio
import itertools
import json
import signal
import socket
import time

import pytest
from massive import RESTClient
from redis import Redis

from marketswarm.simulator.config import SimulatorConfig
from tests.support.merge import merge_patch
from tests.support.simulator import RunningSimulator
from tests.support.spine import BEAT, STREAM, Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY", "QQQ", "NDX")
MARGIN = 12  # strikes that may stay behind a window that moved


@pytest.fixture(scope="module")
def simulator():
    """A market of four symbols in this process."""
    made = RunningSimulator(SimulatorConfig(port=0, seed=7))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(simulator, tmp_path_factory):
    """The spine, live."""
    folder = tmp_path_factory.mktemp("spine")
    with spine(folder, simulator.rest, simulator.ws, MASSIVE_API_KEY="flow-test-key") as made:
        made.start_all()
        made.wait_live(*SYMBOLS)
        yield made


def jump(simulator: RunningSimulator, fraction: float) -> None:
    """Move every spot at once."""
    simulator.call(lambda: simulator.server.market._process.jump(fraction))


def test_each_chain_is_loaded_once_at_the_start_and_before_it_streams(running: Spine):
    """The first complete chain of each symbol is the start's, it is the only such one, and the feed begins with it."""
    for symbol in SYMBOLS:
        reasons = running.loads(symbol)
        assert reasons[0] == "startup"
        assert reasons.count("startup") == 1
    first = {}
    for _, fields in running.redis.xrange("sse:chain-feed"):
        first.setdefault(fields["symbol"], json.loads(fields["updates"]))
    assert all(
        len(updates) == 202 and all("strike" in row for row in updates.values()) for updates in first.values()
    )


def test_every_chain_holds_fifty_strikes_each_side_of_spot(running: Spine):
    """202 contracts a symbol, calls and puts alike, of one expiration, around spot."""
    for symbol in SYMBOLS:
        rows, meta = running.chain(symbol), running.meta(symbol)
        strikes = sorted({row["strike"] for row in rows.values()})
        assert len(rows) == 2 * len(strikes) == 202
        assert strikes[50] == float(meta["centre"])
        assert {row["expiration"] for row in rows.values()} == {running.redis.hget("chaincurrent", symbol)}
        assert not any(name.startswith("O:SPY1") for name in rows)


def test_quotes_change_the_stored_contracts(running: Spine):
    """Contracts move without a load: versions grow, and so does the seq."""
    before, seq = running.chain("SPX"), int(running.meta("SPX")["seq"])

    running.wait_for("a moving chain", lambda: int(running.meta("SPX")["seq"]) > seq + 20)

    after = running.chain("SPX")
    moved = [name for name in after if after[name]["v"] > before[name]["v"]]
    assert len(moved) > 10
    assert all(after[name]["ts"] >= before[name]["ts"] for name in after)


def test_the_stored_quote_is_the_providers_own(running: Spine, simulator: RunningSimulator):
    """With the market standing still, every stored quote is the one that the provider shows for the contract."""
    simulator.call(simulator.server._feeding.cancel)
    try:
        time.sleep(0.5)
        shown = provider_quotes(simulator, running.redis.hget("chaincurrent", "SPX"))
    finally:
        simulator.call(
            lambda: setattr(simulator.server, "_feeding", asyncio.create_task(simulator.server.feed.run()))
        )

    stored = {name: (row["quote"]["bid"], row["quote"]["ask"]) for name, row in running.chain("SPX").items()}
    assert stored == {name: shown[name] for name in stored}


def provider_quotes(simulator: RunningSimulator, expiration: str) -> dict[str, tuple[float, float]]:
    """Ticker → bid and ask, as the vendor's own client reads them."""
    client = RESTClient("any", base=simulator.rest)
    rows = client.list_snapshot_options_chain("I:SPX", params={"expiration_date": expiration, "limit": 250})
    return {row.details.ticker: (row.last_quote.bid, row.last_quote.ask) for row in rows if row.last_quote}


def test_snapshot_and_feed_make_the_hash(running: Spine):
    """A reader that takes hash and seq in one step and follows the feed holds exactly the hash, again and again."""
    for _ in range(20):
        key = running.chain_key("SPX")
        meta, rows = (
            running.redis.pipeline().hgetall(key.replace("chain:", "chainmeta:", 1)).hgetall(key).execute()
        )
        model, seq = {name: json.loads(text) for name, text in rows.items()}, int(meta["seq"])
        time.sleep(0.1)
        meta, rows, entries = (
            running.redis.pipeline()
            .hgetall(key.replace("chain:", "chainmeta:", 1))
            .hgetall(key)
            .xrange("sse:chain-feed")
            .execute()
        )
        for _, entry in entries:
            if key.endswith(f"{entry['symbol']}:{entry['expiration']}") and int(entry["seq"]) > seq:
                assert int(entry["prev_seq"]) == seq
                seq = int(entry["seq"])
                model = merge_patch(model, json.loads(entry["updates"]))
        assert seq == int(meta["seq"])
        assert model == {name: json.loads(text) for name, text in rows.items()}


def test_the_heartbeat_publishes_every_symbol_on_the_marks(running: Spine):
    """Entries at multiples of ten seconds, ten seconds apart, all symbols in each slot."""
    running.wait_for("three slots", lambda: len(running.ticks("NDX")) >= 3, 40)

    slots = running.ticks("SPX")
    assert all(slot % 10_000 == 0 for slot in slots)
    assert [later - earlier for earlier, later in itertools.pairwise(slots)] == [10_000] * (len(slots) - 1)
    assert all(running.ticks(symbol)[:3] == slots[:3] for symbol in SYMBOLS)


def test_a_second_beat_doubles_nothing(running: Spine):
    """With two beats each slot still has one entry a symbol."""
    running.start("beat2", *BEAT)
    have = len(running.ticks("SPX"))
    running.wait_for("two more slots", lambda: len(running.ticks("SPX")) >= have + 2, 40)
    running.end("beat2")

    slots = running.ticks("SPX")
    assert len(slots) == len(set(slots))


def test_drift_brings_new_strikes_before_far_ones_go(running: Spine, simulator: RunningSimulator):
    """A jump of the market moves every window: one entry grows the chain, a later one shrinks it to window and margin, and it stays live."""
    centre = float(running.meta("SPX")["centre"])
    jump(simulator, 0.02)

    running.wait_for("a new window", lambda: float(running.meta("SPX")["low"]) > centre - 200, 30)
    running.wait_for(
        "the old strikes gone",
        lambda: running.redis.hlen(running.chain_key("SPX")) <= 202 + 2 * MARGIN,
        20,
    )

    sizes = [
        int(fields["contracts"])
        for _, fields in running.redis.xrange("sse:chain-full")
        if fields["symbol"] == "SPX" and fields["reason"] == "drift"
    ]
    assert sizes[0] > sizes[-1] >= 202
    running.wait_live("SPX")
    name, row = max(running.chain("SPX").items(), key=lambda item: item[1]["strike"])
    running.wait_for("the new strikes streaming", lambda: running.chain("SPX")[name]["v"] > row["v"])


def test_a_reload_from_a_python_shell(running: Spine):
    """`from tasks.chain import reload_chain` is all that a shell needs; the result is plain."""
    code = "from tasks.chain import reload_chain; import json; print(json.dumps(reload_chain.delay('SPY').get(timeout=30)))"
    done = running.run("-c", code)

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["symbol"], report["state"], report["reason"]) == ("SPY", "loaded", "manual")
    assert running.loads("SPY")[-1] == "manual"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ('"IWM"', "UnknownSymbol", "symbol is 'IWM', which is not configured; allowed: SPX, SPY, QQQ, NDX"),
        ('"SPX", -1', "BadArgument", "strikes_each_side is -1; allowed: a whole number from 1 to 500"),
        (
            '"SPX", None, "tomorrow"',
            "BadArgument",
            "expiration is 'tomorrow'; allowed: a date such as 2026-11-23",
        ),
        ('"SPX", 5, "2026-01-02"', "BadArgument", "expiration is '2026-01-02'; allowed: a listed expiration"),
        ('["SPX"]', "UnknownSymbol", "symbol is ['SPX']"),
    ],
)
def test_bad_arguments_fail_the_task_cleanly(running: Spine, arguments, error, words):
    """The caller gets our error with its words; the worker says it in one line, and goes on."""
    code = f"from tasks.chain import reload_chain; reload_chain.delay({arguments}).get(timeout=30)"
    done = running.run("-c", code)

    assert done.returncode == 1
    assert f"marketswarm.errors.{error}: {words}" in done.stderr
    told = [line for line in running.log("worker").splitlines() if "task failed" in line and error in line]
    assert "chain.reload" in told[-1]
    assert "Traceback" not in running.log("worker")
    assert running.processes["worker"].poll() is None


def test_inspect_streams_shows_every_symbol(running: Spine):
    """The standard door of Celery reaches the streams."""
    done = running.run(
        "-m", "celery", "-A", "marketswarm", "inspect", "streams", "--json", "-d", f"stream@{host()}"
    )

    (answer,) = json.loads(done.stdout).values()
    assert set(answer["symbols"]) == set(SYMBOLS)
    assert answer["feed"] == "streaming"


def test_control_reloads_a_streamed_symbol(running: Spine):
    """`celery control stream_reload QQQ` loads its chain anew; an unknown symbol is refused with its name."""
    before = running.loads("QQQ").count("manual")
    door = ("-m", "celery", "-A", "marketswarm", "control", "-d", f"stream@{host()}", "stream_reload")
    assert "reload of QQQ requested" in running.run(*door, "QQQ").stdout

    running.wait_for("the reload", lambda: running.loads("QQQ").count("manual") > before)
    assert "'IWM' is not streamed" in running.run(*door, "IWM").stdout


def test_a_second_stream_worker_stands_by_and_takes_over(running: Spine):
    """It writes nothing while the first lives; when the first is killed the chains are live again within the lease."""
    running.start("standby", *(part.replace("stream@", "standby@") for part in STREAM))
    owner = json.loads(running.redis.hget("stream:SPX", "owner"))
    time.sleep(4)
    assert json.loads(running.redis.hget("stream:SPX", "owner")) == owner
    assert running.redis.hget("stream:SPX", "reconnects") == "0"

    running.end("stream", signal.SIGKILL)
    running.wait_for(
        "a new owner",
        lambda: json.loads(running.redis.hget("stream:SPX", "owner") or '""') not in ("", owner),
        25,
    )
    running.wait_live(*SYMBOLS)

    running.processes["stream"] = running.processes.pop("standby")


def test_a_killed_stream_does_not_leave_a_chain_that_claims_to_be_live(running: Spine):
    """When no stream attends, the next tick calls the chains stale; a new stream makes them live again."""
    running.end("stream", signal.SIGKILL)

    running.wait_for("stale chains", lambda: running.meta("SPX")["state"] == "stale", 30)

    running.start("stream", *STREAM)
    running.wait_live(*SYMBOLS)


def test_a_lost_connection_is_a_gap_and_is_repaired(running: Spine, simulator: RunningSimulator):
    """The provider hangs up without a word: the gap is counted, the chain reloaded, and it is live again."""
    loads = running.loads("SPX").count("gap")
    simulator.call(lambda: [peer.transport.abort() for peer in list(simulator.server._connections)])

    running.wait_for("a repair", lambda: running.loads("SPX").count("gap") > loads)
    running.wait_live(*SYMBOLS)
    assert json.loads(running.redis.hget("stream:SPX", "gaps")) >= 1


def test_an_emptied_store_is_filled_again(running: Spine):
    """After FLUSHALL every chain is loaded and live again without anybody's help."""
    running.redis.flushall()

    running.wait_live(*SYMBOLS)
    assert len(running.chain("SPX")) == 202


def test_no_secret_is_in_logs_or_store(running: Spine):
    """The key is in no log line, no task argument, no result and no value of the store."""
    texts = [running.log(name) for name in ("worker", "stream", "beat")]
    for database in (0, 1, 2):
        client = Redis.from_url(running.env["MARKETSWARM_REDIS_URL"].removesuffix("0") + str(database))
        texts += [repr(client.dump(name)) for name in client.scan_iter(count=1000)]

    assert len(texts) > 20
    assert not any("flow-test-key" in text for text in texts)


def test_all_processes_stop_cleanly_on_a_warm_shutdown(running: Spine):
    """SIGTERM ends beat, stream worker and worker with exit code 0, and no chain claims to be live."""
    codes = [running.end(name) for name in ("beat", "stream", "worker")]

    assert codes == [0, 0, 0]
    assert {running.meta(symbol)["state"] for symbol in SYMBOLS} == {"stale"}


def host() -> str:
    """This machine's name as Celery's `%h` has it."""
    return socket.gethostname()
