"""The client against the real gateway, as a process of its own, on a real store."""

import json
import signal
import threading
import time
from datetime import date
from itertools import islice

import pytest
from redis import Redis

from marketswarm import keys
from marketswarm.chain.stored import Change as StoreChange
from marketswarm.client import Broken, Client, Patience, Reset, Tick
from marketswarm.errors import (
    GatewayRefused,
    GatewayUnavailable,
    NotThere,
    RefreshFailed,
    SettingsError,
    TokenRefused,
)
from marketswarm.simulator.config import SimulatorConfig
from tests.support.applied import apply_changes
from tests.support.builders import SPX, ladder, ticker
from tests.support.free_ports import free_port
from tests.support.gateway import running_gateway
from tests.support.gateway_documents import message_document
from tests.support.gateway_process import GatewayProcess
from tests.support.simulator import RunningSimulator
from tests.support.spine import WORKER, spine
from tests.support.valkey import running_valkey
from tests.support.vigil_documents import TS, all_levels, tell

pytestmark = pytest.mark.processes
TOKEN = "a-token-of-sixteen-letters"
BACK = Patience(random=lambda: 0.05)
"""Comes back soon."""


@pytest.fixture
def chain(redis, commit):
    """A chain of SPX with a tick, levels, an event and a message."""
    commit(ladder())
    for number in range(3):
        publish(redis, number)
    redis.hset(
        keys.vigil_levels("SPX"), mapping={name: json.dumps(told) for name, told in all_levels().items()}
    )
    tell(redis, id="first")
    redis.xadd(keys.VEXY_MESSAGES, {"message": json.dumps(message_document())})


@pytest.fixture
def client(redis, valkey_url):
    """On a gateway in a thread."""
    with running_gateway(valkey_url) as gateway, Client(gateway.base) as made:
        yield made


def publish(redis, number, symbol="SPX"):
    """A tick of now, as the heartbeat writes it."""
    fields = {
        "ts": time.time_ns() // 1_000_000 // 10_000 * 10_000 + number,
        "symbol": symbol,
        "spot": 6800.5 + number,
    }
    fields |= {"seq": number + 1, "source": "sim"}
    redis.hset(keys.spot(symbol), mapping=fields)
    redis.xadd(keys.TIMESERIES, fields)


def change(redis, store, bid):
    """The stream's next batch: one bid."""
    redis.set("writertoken:SPX", 1)
    quote = f'"bid":{bid},"ask":{bid + 1},"mid":{bid + 0.5},"bid_size":1,"ask_size":1,"ts":{TS + bid}'
    epoch = store.meta(SPX).epoch
    apply_changes(store, SPX, epoch, 1, [StoreChange(ticker(), "quote", TS + bid, 0, quote)])


# -- what it reads -------------------------------------------------------------------


def test_all_that_is_stored_can_be_read(chain, client):
    """Each call gives its type, filled."""
    held = client.chain("SPX")
    assert (len(held), held.state, str(held.expiration)) == (18, "loading", "2026-11-23")
    assert len(held.to_pandas()) == 18
    assert client.symbols() == ["SPX", "SPY"]
    assert [tick.seq for tick in client.spot("SPX").ticks] == [1, 2, 3]
    assert client.spot("SPX").latest.spot == 6802.5
    assert client.levels("SPX").number("flip") == 6803.25
    assert [event.id for event in client.events(["SPX"])] == ["first"]
    assert [message.id for message in client.messages()] == ["m-1"]
    assert client.widgets("SPX") == ()
    assert client.status().source == "sim"


def test_what_is_not_there_is_refused(client):
    """With the gateway's own words, which say what is allowed."""
    with pytest.raises(NotThere, match="SPX, SPY"):
        client.chain("IWM")
    with pytest.raises(NotThere, match="no chain of SPX"):
        client.chain("SPX", date(2026, 12, 18))
    with pytest.raises(GatewayRefused, match="rumour"):
        client.events(types=["rumour"])
    with pytest.raises(GatewayRefused, match="IWM"):
        client.stream(symbols=["IWM"])
    with pytest.raises(GatewayRefused, match="cursor"):
        client.stream(since="yesterday")
    with pytest.raises(GatewayUnavailable, match="not ready"):
        client.wait_ready(0.1)


def test_a_token_opens(valkey_url, chain):
    """Who comes from elsewhere needs the right one; the wrong one is not repeated."""
    with running_gateway(valkey_url, API_TOKEN=TOKEN) as gateway:
        for token in (None, "hunter2-hunter2-hunter2"):
            with Client(gateway.base, token) as client:
                client._gateway._session.headers["X-Forwarded-For"] = "203.0.113.9"
                with pytest.raises(TokenRefused) as refused:
                    client.chain("SPX")
            assert "hunter2" not in str(refused.value) + repr(client)
        with Client(gateway.base, TOKEN) as client:
            client._gateway._session.headers["X-Forwarded-For"] = "203.0.113.9"
            assert len(client.chain("SPX")) == 18


def test_it_finds_the_gateway_by_itself(valkey_url, chain, monkeypatch):
    """By the settings, as every command does; a wrong setting is named."""
    with running_gateway(valkey_url) as gateway:
        monkeypatch.setenv("MARKETSWARM_HTTP_PORT", gateway.base.rpartition(":")[2])
        assert Client().url == gateway.base
        assert len(Client().chain("SPX")) == 18
    monkeypatch.setenv("MARKETSWARM_HTTP_PORT", "here")
    with pytest.raises(SettingsError, match="MARKETSWARM_HTTP_PORT"):
        Client()


def test_a_refresh_is_watched_to_its_end(tmp_path):
    """Without a worker it does not end in time; with one its steps are told, and the chain is there."""
    simulator = RunningSimulator(SimulatorConfig(port=0, seed=7))
    settings = {"MASSIVE_API_KEY": "flow-test-key", "MARKETSWARM_SYMBOLS": "SPX"}
    with (
        spine(tmp_path, simulator.rest, simulator.ws, **settings) as made,
        GatewayProcess(tmp_path, made.env["MARKETSWARM_REDIS_URL"], **made.env) as gateway,
    ):
        client, told = Client(gateway.url), []
        with pytest.raises(RefreshFailed, match=r"SPX: no end within 0\.3 s, PENDING"):
            client.refresh("SPX", timeout_s=0.3)
        made.start("worker", *WORKER)
        done = client.refresh("SPX", strikes_each_side=10, progress=told.append)
        assert len(client.chain("SPX")) == 42
        with pytest.raises(GatewayRefused, match="strikes_each_side"):
            client.refresh("SPX", strikes_each_side=0)
    simulator.stop()
    assert (told[0].state, told[-1].state, done.state) == ("PENDING", "SUCCESS", "SUCCESS")
    assert done.result["contracts"] == 42


# -- what it follows -----------------------------------------------------------------


def test_all_streams_come_typed(redis, store, chain, client):
    """What is written behind the place where the stream began, in the order of each stream."""
    with client.stream(symbols=["SPX"]) as stream:
        publish(redis, 3)
        publish(redis, 4, "SPY")
        change(redis, store, 5)
        tell(redis, id="second")
        values = {type(item.value).__name__: item.value for item in islice(stream, 3)}
    assert values["Tick"].seq == 4
    assert values["Batch"].updates[ticker()]["quote"]["bid"] == 5
    assert values["Event"].id == "second"


def test_a_chain_goes_on_exactly(redis, store, chain, client):
    """Fetched, then followed from its cursor: after any number of changes it is what is stored."""
    with client.follow_chain("SPX") as followed:
        for bid in range(1, 30):
            change(redis, store, bid)
        publish(redis, 5)
        while followed.chain.seq < store.meta(SPX).seq or followed.chain.spot != 6805.5:
            assert next(followed).kind in {"changed", "spot", "state"}
        assert {one.ticker: one for one in followed.chain} == store.read("SPX").contracts
        assert followed.rereads == 0


def test_a_loss_of_entries_is_mended(redis, store, chain, client):
    """Entries that were trimmed away while nobody read: the chain is fetched again, and is the stored one."""
    with client.follow_chain("SPX", patience=BACK) as followed:
        followed._stream._reader.hang_up()  # the connection is gone
        for bid in range(1, 10):
            change(redis, store, bid)
        redis.xtrim(keys.CHAIN_FEED, maxlen=2, approximate=False)
        while followed.chain.seq < store.meta(SPX).seq:
            next(followed)
        assert {one.ticker: one for one in followed.chain} == store.read("SPX").contracts


def test_an_emptied_store_is_told(redis, store, chain, commit, client):
    """What was held is worth nothing: a reset, and the chain that is stored then."""
    with client.follow_chain("SPX", patience=BACK) as followed:
        redis.flushall()
        commit(ladder(6790, 6810))
        for update in followed:
            if update.kind == "reread" and len(followed.chain) == 10:
                break
        assert {one.ticker: one for one in followed.chain} == store.read("SPX").contracts


# -- when the gateway goes away -------------------------------------------------------


class Writer(threading.Thread):
    """Writes numbered ticks and events until it is told to end."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._redis, self._ends = Redis.from_url(url), threading.Event()
        self.written = 0

    def run(self) -> None:
        """One of each, every five milliseconds."""
        while not self._ends.wait(0.005):
            fields = {
                "ts": TS + 10_000 * self.written,
                "symbol": "SPX",
                "spot": 6800,
                "seq": self.written,
                "source": "sim",
            }
            self._redis.xadd(keys.TIMESERIES, fields)
            tell(self._redis, id=str(self.written))
            self.written += 1

    def end(self) -> int:
        """How many it wrote."""
        self._ends.set()
        self.join(10)
        return self.written


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_nothing_is_lost_or_doubled_when_the_gateway_restarts(redis, valkey_url, tmp_path, how):
    """Twice it dies while ticks and events are written: a reader has each of them once, those of a stream in order."""
    streams = [keys.TIMESERIES, keys.VIGIL_EVENTS]
    with GatewayProcess(tmp_path, valkey_url) as gateway, Client(gateway.url) as client:
        stream, writer = client.stream(streams, patience=BACK), Writer(valkey_url)
        writer.start()
        ticks, events = [], []

        def take(until: int) -> None:
            for item in stream:
                assert not isinstance(item.value, Reset)
                (ticks if isinstance(item.value, Tick) else events).append(item.value)
                if len(ticks) >= until and len(events) >= until:
                    return

        for _ in range(2):
            take(len(ticks) + 30)
            gateway.end(how)
            written = writer.written
            while writer.written < written + 30:
                time.sleep(0.01)
            gateway.start()
        take(len(ticks) + 30)
        take(writer.end())
        stream.close()
        assert stream.reconnects >= 2
    assert [tick.seq for tick in ticks] == list(range(writer.written))
    assert [int(event.id) for event in events] == list(range(writer.written))


def test_a_gateway_that_is_away_is_told(redis, valkey_url, tmp_path):
    """A stream that is asked for signs tells of each try, until patience ends; a call says so at once."""
    with GatewayProcess(tmp_path, valkey_url) as gateway, Client(gateway.url) as client:
        stream, seen = client.stream(signs=True, patience=Patience(away_s=0.5, random=lambda: 0.05)), []
        gateway.kill()
        with pytest.raises(GatewayUnavailable):
            seen.extend(item for item in stream if isinstance(item.value, Broken))
        with pytest.raises(GatewayUnavailable, match="no connection"):
            client.status()
        gateway.start()
        assert client.symbols() == ["SPX", "SPY"]


def test_a_store_that_is_away_is_told(tmp_path):
    """The gateway answers 503 with the reason, which may be tried again."""
    with running_valkey(port=free_port()) as url:
        gateway = GatewayProcess(tmp_path, url)
    with gateway, Client(gateway.url) as client:
        with pytest.raises(GatewayUnavailable, match="not reachable") as away:
            client.chain("SPX")
        assert away.value.status == 503
