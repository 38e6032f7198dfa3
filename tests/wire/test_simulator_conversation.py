"""The WebSocket conversation, frame by frame."""

import itertools
import json
import socket

import pytest
import requests
import websocket

from tests.support.raw_talk import RawTalk
from tests.support.simulator import running_simulator

TEXT, CLOSE, PING = websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_CLOSE, websocket.ABNF.OPCODE_PING


@pytest.fixture(scope="module")
def simulator():
    """SPX and SPY, any key its own account."""
    with running_simulator(symbols=("SPX", "SPY"), events_per_second=20_000) as running:
        yield running


@pytest.fixture(scope="module")
def contracts(simulator) -> list[str]:
    """Contracts of SPX's first expiration, those nearest to the money first."""
    return near_contracts(simulator)


def get(simulator, path: str, **parameters: str):
    """One REST call."""
    return requests.get(
        simulator.rest + path, params=parameters, headers={"Authorization": "Bearer k"}, timeout=10
    )


def near_contracts(simulator) -> list[str]:
    """Contracts of the first expiration of SPX, nearest to the money first."""
    found = get(
        simulator,
        "/v3/reference/options/contracts",
        underlying_ticker="SPX",
        sort="expiration_date",
        limit="1000",
    )
    rows = found.json()["results"]
    first = [row for row in rows if row["expiration_date"] == rows[0]["expiration_date"]]
    spot = get(simulator, "/v3/snapshot/indices", **{"ticker.any_of": "I:SPX"}).json()["results"][0]["value"]
    return [row["ticker"] for row in sorted(first, key=lambda row: abs(row["strike_price"] - spot))]


def quotes_of(tickers: list[str]) -> str:
    """Quote channels of these contracts."""
    return ",".join(f"Q.{ticker}" for ticker in tickers)


def test_opening(simulator):
    """First `connected`, then the answer to auth, each in a frame of its own with the vendor's words."""
    with RawTalk(simulator.ws + "/options", key=None) as talk:
        assert talk.frame() == [{"ev": "status", "status": "connected", "message": "Connected Successfully"}]
        talk.say("auth", "opening")
        assert talk.frame() == [{"ev": "status", "status": "auth_success", "message": "authenticated"}]


def test_everything_said_at_once(simulator, contracts):
    """Auth and subscribes may be sent before anything is read; they are answered in order."""
    with RawTalk(simulator.ws + "/options", key=None) as talk:
        talk.say("auth", "at-once")
        talk.say("subscribe", f"Q.{contracts[0]},T.{contracts[0]}")
        talk.say("subscribe", f"Q.{contracts[1]}")
        assert talk.statuses(5) == [
            "connected: Connected Successfully",
            "auth_success: authenticated",
            f"success: subscribed to: Q.{contracts[0]}",
            f"success: subscribed to: T.{contracts[0]}",
            f"success: subscribed to: Q.{contracts[1]}",
        ]


def test_several_acknowledgements_in_one_frame(simulator, contracts):
    """One subscribe message is answered by one frame."""
    with RawTalk(simulator.ws + "/options", "one-frame") as talk:
        talk.say("subscribe", quotes_of(contracts[:30]))
        assert [event["message"] for event in talk.frame()] == [
            f"subscribed to: Q.{t}" for t in contracts[:30]
        ]


def test_silence_rules(simulator, contracts):
    """A repeated subscribe and an unknown topic get no answer, an unknown ticker is confirmed and stays quiet."""
    with RawTalk(simulator.ws + "/options", "silence") as talk:
        talk.say("subscribe", "T.O:NOTATICKER")
        talk.say("subscribe", "T.O:NOTATICKER,ZZ.O:NOTATICKER")
        talk.say("unsubscribe", f"Q.{contracts[0]}")
        talk.say("subscribe", "Q.O:SPX*,Q.*")
        assert talk.statuses(3) == [
            "success: subscribed to: T.O:NOTATICKER",
            "success: subscribed to: Q.O:SPX*",
            "success: subscribed to: Q.*",
        ]
        assert talk.events(0.6) == []


def test_only_what_is_subscribed(simulator, contracts):
    """Events come for subscribed contracts only, and end with the unsubscribe."""
    with RawTalk(simulator.ws + "/options", "only") as talk:
        talk.say("subscribe", quotes_of(contracts[:40]))
        assert {e["sym"] for e in talk.events(5, enough=300) if e["ev"] == "Q"} <= set(contracts[:40])
        talk.say("unsubscribe", quotes_of(contracts[1:40]))
        assert talk.statuses(39)[0] == f"success: unsubscribed to: Q.{contracts[1]}"
        assert {e["sym"] for e in talk.events(0.5)} <= {contracts[0]}


def test_quote_event(simulator, contracts):
    """A quote has exactly the documented members; times are ms; sequences rise per contract and skip numbers."""
    with RawTalk(simulator.ws + "/options", "quote-event") as talk:
        talk.say("subscribe", quotes_of(contracts[:50]))
        quotes = [event for event in talk.events(5, enough=1500) if event["ev"] == "Q"]
    assert all(list(q) == ["ev", "sym", "bx", "ax", "bp", "ap", "bs", "as", "t", "q"] for q in quotes)
    assert all(1e12 < q["t"] < 1e13 for q in quotes)
    gaps = set()
    for ticker in contracts[:50]:
        own = [q for q in quotes if q["sym"] == ticker]
        sequences = [q["q"] for q in own]
        assert sequences == sorted(set(sequences))
        gaps |= {b - a for a, b in itertools.pairwise(sequences)}
        seen = [(q["bp"], q["ap"], q["bs"], q["as"]) for q in own]
        assert all(a != b for a, b in itertools.pairwise(seen))
    assert max(gaps) > 1


def test_rest_shows_what_was_sent_last(simulator, contracts):
    """A contract's snapshot is the quote that its stream sent last, never an older one and never another."""
    sent: dict[str, list[tuple]] = {ticker: [] for ticker in contracts[:20]}

    def hear(talk: RawTalk, seconds: float) -> None:
        for quote in talk.events(seconds):
            if quote["ev"] == "Q":
                sent[quote["sym"]].append(tuple(quote[name] for name in ("bp", "ap", "bs", "as", "t")))

    with RawTalk(simulator.ws + "/options", "one-truth") as talk:
        talk.say("subscribe", quotes_of(contracts[:20]))
        talk.statuses(20)
        hear(talk, 1.0)
        for ticker in contracts[:20]:
            known = len(sent[ticker])
            shown = get(simulator, f"/v3/snapshot/options/I:SPX/{ticker}").json()["results"]["last_quote"]
            sides = tuple(shown[name] for name in ("bid", "ask", "bid_size", "ask_size"))
            stated = (*sides, shown["last_updated"] // 1_000_000)
            assert known
            for _ in range(50):
                if stated in sent[ticker][known - 1 :]:
                    break
                hear(talk, 0.1)
            else:
                pytest.fail(f"{stated} was never sent, or is older than {sent[ticker][known - 1]}")


def test_a_streamed_contract_changes_by_its_stream_only():
    """While a stream holds a contract and says nothing, its snapshot stays; a neighbour's is quoted anew."""
    with running_simulator(symbols=("SPX",), events_per_second=0) as simulator:
        held, free = near_contracts(simulator)[:2]

        def updated(ticker: str) -> int:
            row = get(simulator, f"/v3/snapshot/options/I:SPX/{ticker}").json()["results"]
            return row["last_quote"]["last_updated"]

        with RawTalk(simulator.ws + "/options") as talk:
            talk.say("subscribe", f"Q.{held}")
            talk.statuses(1)
            before = updated(held), updated(free)
            assert talk.events(0.8) == []
            assert updated(held) == before[0]
            assert updated(free) > before[1]


def test_trades_and_bars(simulator, contracts):
    """Trades make second bars that hold them: volume, average price, high and low, end excluded."""
    with RawTalk(simulator.ws + "/options", "bars") as talk:
        talk.say("subscribe", ",".join(f"{topic}.{t}" for t in contracts[:200] for topic in ("T", "A", "AM")))
        talk.statuses(600)
        events = talk.events(6, enough=600)
    trades = [e for e in events if e["ev"] == "T"]
    bars = [e for e in events if e["ev"] == "A"]
    assert list(trades[0]) == ["ev", "sym", "x", "p", "s", "c", "t", "q"]
    assert list(bars[0]) == ["ev", "sym", "v", "av", "op", "vw", "o", "c", "h", "l", "a", "z", "s", "e"]
    assert all(bar["e"] - bar["s"] == 1000 and bar["s"] % 1000 == 0 for bar in bars)
    whole = [bar for bar in bars if bar["s"] > trades[0]["t"]]
    assert whole
    for bar in whole:
        inside = [t for t in trades if t["sym"] == bar["sym"] and bar["s"] <= t["t"] < bar["e"]]
        assert bar["v"] == sum(t["s"] for t in inside) <= bar["av"]
        assert (bar["h"], bar["l"]) == (max(t["p"] for t in inside), min(t["p"] for t in inside))
        assert bar["vw"] == pytest.approx(sum(t["p"] * t["s"] for t in inside) / bar["v"], abs=1e-4)


def test_wildcards(simulator):
    """`T.*` brings trades of everything listed, `Q.*` brings nothing."""
    with RawTalk(simulator.ws + "/options", "wildcards") as talk:
        talk.say("subscribe", "T.*,Q.*")
        assert len(talk.statuses(2)) == 2
        events = talk.events(2, enough=300)
    assert {event["ev"] for event in events} == {"T"}
    assert {event["sym"][2:5] for event in events} == {"SPX", "SPY"}


def test_index_and_stock_events(simulator):
    """Index values carry `T`, stock events `sym`; both clusters know bars and wildcards."""
    with RawTalk(simulator.ws + "/indices") as talk:
        talk.say("subscribe", "V.*,A.I:SPX")
        talk.statuses(2)
        events = talk.events(4, enough=4)
        values = [event for event in events if event["ev"] == "V"]
        assert list(values[0]) == ["ev", "val", "T", "t"]
        assert values[0]["T"] == "I:SPX"
        assert all(a["val"] != b["val"] for a, b in itertools.pairwise(values))
        bars = [event for event in events if event["ev"] == "A"]
        assert list(bars[0]) == ["ev", "sym", "op", "o", "c", "h", "l", "s", "e"]
    with RawTalk(simulator.ws + "/stocks") as talk:
        talk.say("subscribe", "T.SPY,Q.SPY")
        talk.statuses(2)
        events = talk.events(5, enough=40)
        assert {event["ev"] for event in events} == {"T", "Q"}
        assert all(event["sym"] == "SPY" and 1e12 < event["t"] < 1e13 for event in events)


def test_quote_cap_of_1000(simulator, contracts):
    """Contract 1,001 is refused by an error that comes first, the first 1,000 stay."""
    with RawTalk(simulator.ws + "/options", "cap") as talk:
        talk.say("subscribe", quotes_of([*contracts[:10], *(f"O:X{n}" for n in range(991))]))
        first, *others = talk.statuses(1001)
        assert first.startswith("error: ")
        assert others[-1] == "success: subscribed to: Q.O:X989"
        assert talk.events(5, enough=20)


def test_second_connection_evicts_the_first(simulator):
    """The account's older connection is told `max_connections` and closed with 1008; the newer one lives."""
    with (
        RawTalk(simulator.ws + "/options", "same") as older,
        RawTalk(simulator.ws + "/options", "same") as newer,
    ):
        (status,) = older.frame()
        assert status["status"] == "max_connections"
        assert status["message"].startswith("Maximum number of websocket connections exceeded.")
        opcode, data = older.raw()
        assert (opcode, int.from_bytes(data[:2], "big")) == (CLOSE, 1008)
        newer.say("subscribe", "T.O:X")
        assert newer.statuses(1) == ["success: subscribed to: T.O:X"]


def test_the_limit_is_per_cluster_and_account(simulator):
    """Another cluster, and another account, do not count."""
    options, indices = simulator.ws + "/options", simulator.ws + "/indices"
    with RawTalk(options, "one") as one, RawTalk(indices, "one"), RawTalk(options, "two"):
        one.say("subscribe", "T.O:X")
        assert one.statuses(1) == ["success: subscribed to: T.O:X"]


def test_a_closed_connection_gives_its_place_back(simulator):
    """After a clean close, a new connection of the account evicts nobody."""
    RawTalk(simulator.ws + "/options", "again").socket.close()
    with RawTalk(simulator.ws + "/options", "again") as talk:
        assert talk.events(0.3) == []


def test_failed_auth_drops_the_connection_without_a_close_frame():
    """`auth_failed` is the last thing said; then TCP ends with no close frame."""
    with running_simulator(symbols=("SPY",), key="right") as simulator:
        talk = RawTalk(simulator.ws + "/options", key=None)
        talk.frame()
        talk.say("auth", "wrong")
        assert talk.frame() == [{"ev": "status", "status": "auth_failed", "message": "authentication failed"}]
        raw = talk.socket.sock
        raw.settimeout(5)
        assert raw.recv(100) == b""
        assert requests.get(simulator.rest + "/v1/marketstatus/now", timeout=5).json()["error"] == (
            "API Key was not provided"
        )


def test_two_connections_where_the_account_allows_two():
    """An account with two connections keeps two, and each hears what it subscribed to."""
    with running_simulator(symbols=("SPX",), connections=2, events_per_second=20_000) as simulator:
        tickers = near_contracts(simulator)[:40]
        with RawTalk(simulator.ws + "/options") as one, RawTalk(simulator.ws + "/options") as two:
            one.say("subscribe", quotes_of(tickers[:20]))
            two.say("subscribe", quotes_of(tickers[20:]))
            heard = [{e["sym"] for e in talk.events(5, enough=120) if e["ev"] == "Q"} for talk in (one, two)]
    assert heard[0] <= set(tickers[:20])
    assert heard[1] <= set(tickers[20:])
    assert all(heard)


def test_pings():
    """The server pings, and a client that answers stays."""
    with (
        running_simulator(symbols=("SPY",), ping_s=0.3) as simulator,
        RawTalk(simulator.ws + "/options") as talk,
    ):
        opcode, data = talk.raw()
        assert opcode == PING
        talk.socket.pong(data)
        assert talk.raw()[0] == PING


def test_silent_clients_are_timed_out():
    """Who does not authenticate is told `auth_timeout` and closed."""
    with running_simulator(symbols=("SPY",), auth_timeout_s=0.2) as simulator:
        talk = RawTalk(simulator.ws + "/options", key=None)
        talk.frame()
        assert talk.frame()[0]["status"] == "auth_timeout"
        assert talk.raw()[0] == CLOSE


def test_slow_consumer():
    """Who does not read is told `slow_consumer` at the end of what still went out, and closed with 1008."""
    with running_simulator(
        symbols=("SPX",), events_per_second=500_000, send_buffer_bytes=200_000
    ) as simulator:
        tickers = near_contracts(simulator)[:300]
        talk = RawTalk(simulator.ws + "/options")
        talk.say("subscribe", quotes_of(tickers))
        server, last = simulator.server, None
        while simulator.call(lambda: any(not c.is_ending for c in server._connections)):
            pass
        while True:
            opcode, data = talk.raw()
            if opcode == CLOSE:
                break
            last = json.loads(data)
        assert last[0]["status"] == "slow_consumer"
        assert int.from_bytes(data[:2], "big") == 1008


def test_frames_stay_below_what_clients_accept():
    """However much happens at once, no frame exceeds 900,000 bytes."""
    busy = {"symbols": ("SPX",), "events_per_second": 200_000, "tick_ms": 250}
    with running_simulator(**busy) as simulator, RawTalk(simulator.ws + "/options") as talk:
        talk.say("subscribe", quotes_of(near_contracts(simulator)[:500]))
        sizes = [len(talk.socket.recv()) for _ in range(6)]
    assert max(sizes) <= 900_000
    assert sum(sizes) > 900_000


def test_unknown_clusters_and_plain_requests(simulator):
    """An unknown path is 404 in plain text, a cluster without an upgrade as well."""
    for path in ("/nowhere", "/forex", "/options"):
        answer = get(simulator, path)
        assert (answer.status_code, answer.text) == (404, "404 page not found")
        assert answer.headers["content-type"].startswith("text/plain")


def test_a_client_that_vanishes_is_forgotten(simulator):
    """A connection that breaks off without a word leaves nothing behind."""
    talk = RawTalk(simulator.ws + "/options", "vanishing")
    talk.socket.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    talk.socket.sock.close()
    for _ in range(1000):
        if simulator.call(
            lambda: not any(c.conversation.account == "vanishing" for c in simulator.server._connections)
        ):
            return
    pytest.fail("the connection is still held")
