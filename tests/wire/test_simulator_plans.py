"""Plans on the wire: what the vendor's own clients, and a bare one, get under each."""

import itertools
import threading
import time

import pytest
import requests
from massive import RESTClient, WebSocketClient
from massive.exceptions import AuthError, BadResponse
from urllib3.exceptions import MaxRetryError

from tests.support.raw_talk import RawTalk
from tests.support.simulator import running_simulator

ENTITLED = "You are not entitled to this data"
TIMEFRAME = "Your plan doesn't include this data timeframe"
DELAY_MS = 15 * 60_000


@pytest.fixture(scope="module", params=["starter", "developer", "advanced", "business"])
def account(request):
    """One account per options plan that has snapshots, with the same plan for stocks and the best for indices."""
    plan = request.param
    with running_simulator(
        symbols=("SPX", "SPY"), plan=plan, stocks_plan=plan, events_per_second=20_000
    ) as simulator:
        yield plan, simulator, RESTClient("k", base=simulator.rest, retries=0)


def near(rest: RESTClient, count: int = 20) -> list[str]:
    """Contracts of SPY's first expiration around the money, by the strikes of the listing alone."""
    listed = list(rest.list_options_contracts("SPY", sort="expiration_date", limit=1000))
    day = [row for row in listed if row.expiration_date == listed[0].expiration_date]
    middle = len(day) // 2
    ordered = sorted((row for row in day if row.shares_per_contract == 100), key=lambda row: row.strike_price)
    return [row.ticker for row in ordered[middle - count // 2 : middle + count // 2]]


def outcome(ask) -> str:
    """`ok`, or the vendor's sentence that the client raises."""
    try:
        found = ask()
        if hasattr(found, "__next__"):
            next(found, None)
    except BadResponse as refused:
        return (
            ENTITLED if ENTITLED in str(refused) else TIMEFRAME if TIMEFRAME in str(refused) else str(refused)
        )
    return "ok"


def test_members_of_a_chain_row(account):
    """Quotes, trades and fair values stand in a row as the plan says; what it lacks is left out, never null."""
    plan, simulator, rest = account
    rows = list(rest.list_snapshot_options_chain("SPY", params={"limit": 250}))[:250]
    assert {row.last_quote is not None for row in rows} == {plan == "advanced"}
    assert any(row.last_trade is not None for row in rows) is (plan != "starter")
    assert {row.fair_market_value is not None for row in rows} == {plan == "business"}
    assert all(row.details.ticker and row.open_interest is not None for row in rows)
    assert all(row.underlying_asset.price > 0 for row in rows)
    body = requests.get(f"{simulator.rest}/v3/snapshot/options/SPY?limit=250&apiKey=k", timeout=10)
    assert "null" not in body.text
    assert body.json()["status"] == ("DELAYED" if plan in {"starter", "developer"} else "OK")


def test_timeframes_and_times(account):
    """Delayed data says so in every object, and is 15 minutes old; real-time data is of now."""
    plan, _, rest = account
    late = plan in {"starter", "developer"}
    (spot,) = rest.list_universal_snapshots(ticker_any_of=["SPY"])
    (row,) = itertools.islice(rest.list_snapshot_options_chain("SPY"), 1)
    (index,) = rest.get_snapshot_indices("I:SPX")
    assert row.underlying_asset.timeframe == ("DELAYED" if late else "REAL-TIME")
    assert index.timeframe == "REAL-TIME"
    times = [row.underlying_asset.last_updated, rest.get_snapshot_ticker("stocks", "SPY").updated]
    stated = [part for part in (row.last_quote, row.last_trade, spot.last_quote, spot.last_trade) if part]
    assert {part.timeframe for part in stated} <= {"DELAYED" if late else "REAL-TIME"}
    now_ms = time.time() * 1000
    for stamp in times:
        assert abs(now_ms - stamp / 1e6 - (DELAY_MS if late else 0)) < 60_000
    assert abs(now_ms - index.last_updated / 1e6) < 60_000


def test_single_ticks(account):
    """Lists of quotes and trades, and the last of each, are open as the plan says."""
    plan, _, rest = account
    ticker = near(rest, 2)[0]
    quotes = "ok" if plan == "advanced" else ENTITLED
    trades = ENTITLED if plan == "starter" else "ok"
    assert outcome(lambda: rest.list_quotes(ticker)) == quotes
    assert outcome(lambda: rest.get_last_quote("SPY")) == quotes
    assert outcome(lambda: rest.list_trades(ticker)) == trades
    assert outcome(lambda: rest.get_last_trade("SPY")) == trades


def received(simulator, market: str, base: str, channels: list[str], enough: int) -> list:
    """What the vendor's streaming client receives until it is enough."""
    address = simulator.ws.removeprefix("ws://") + base
    client = WebSocketClient(
        "k", feed=address, market=market, secure=False, subscriptions=channels, max_reconnects=0
    )
    found, finished = [], threading.Event()

    def take(messages: list) -> None:
        found.extend(messages)
        if len(found) >= enough:
            finished.set()

    threading.Thread(target=client.run, args=(take,), daemon=True).start()
    assert finished.wait(60), f"{len(found)} of {enough} came"
    return found


def test_the_streaming_client(account):
    """Of all topics it subscribes to, it gets events of those that its plan has, and their times are as late as the plan."""
    plan, simulator, rest = account
    late = plan in {"starter", "developer"}
    tickers = near(rest)
    channels = [f"{topic}.{ticker}" for topic in ("Q", "T", "A", "FMV") for ticker in tickers]
    events = received(simulator, "options", "/delayed" if late else "", channels, 300 if not late else 20)
    kinds = {"starter": "A", "developer": "T A", "advanced": "Q T A", "business": "FMV T A"}[plan].split()
    assert {event.event_type for event in events} <= set(kinds)
    assert kinds[0] in {event.event_type for event in events}
    assert {getattr(event, "symbol", None) or event.ticker for event in events} <= set(tickers)
    now_ms = time.time() * 1000
    for event in events:
        stamp = event.end_timestamp if event.event_type == "A" else event.timestamp
        stamp_ms = stamp / 1e6 if event.event_type == "FMV" else stamp
        assert abs(now_ms - stamp_ms - (DELAY_MS if late else 0)) < 90_000


def test_a_delayed_key_on_the_real_time_base(account):
    """It is authenticated there and hears nothing for a subscribe; a real-time key is refused on the delayed base."""
    plan, simulator, rest = account
    channel = f"A.{near(rest, 2)[0]}"
    if plan in {"starter", "developer"}:
        with RawTalk(simulator.ws + "/options", "late") as talk:
            talk.say("subscribe", channel)
            assert talk.events(1.0) == []
        with RawTalk(simulator.ws + "/delayed/options", "late") as talk:
            talk.say("subscribe", channel)
            assert talk.statuses(1) == [f"success: subscribed to: {channel}"]
    else:
        address = simulator.ws.removeprefix("ws://") + "/delayed"
        client = WebSocketClient("k", feed=address, market="options", secure=False, max_reconnects=0)
        with pytest.raises(AuthError, match="Your plan doesn't include websocket access"):
            client.run(lambda _messages: None)


def test_all_bases_share_one_allowance():
    """A connection on the delayed base evicts one on the real-time base: the account counts, not the host."""
    with running_simulator(symbols=("SPY",), plan="starter") as simulator:
        older = RawTalk(simulator.ws + "/options")
        with RawTalk(simulator.ws + "/delayed/options"):
            assert older.frame()[0]["status"] == "max_connections"


def test_connections_of_a_business():
    """A business plan keeps three connections per cluster; the fourth evicts the oldest."""
    with running_simulator(symbols=("SPY",), plan="business") as simulator:
        talks = [RawTalk(f"{simulator.ws}{base}/options") for base in ("", "/business", "", "")]
        assert talks[0].frame()[0]["status"] == "max_connections"
        for talk in talks[1:]:
            talk.say("subscribe", "T.O:X")
            assert talk.statuses(1) == ["success: subscribed to: T.O:X"]
            talk.socket.close()


def test_the_free_plan():
    """Listing and past bars are given, all else is refused, streaming in words of its own; then come too many calls."""
    plans = {"plan": "basic", "stocks_plan": "basic", "indices_plan": "none"}
    with running_simulator(symbols=("SPX", "SPY"), **plans) as simulator:
        asked = {
            "listing": lambda rest: rest.list_options_contracts("SPY"),
            "chain": lambda rest: rest.list_snapshot_options_chain("SPY"),
            "unified": lambda rest: rest.list_universal_snapshots(ticker_any_of=["SPY"]),
            "index": lambda rest: rest.get_snapshot_indices("I:SPX"),
            "stock": lambda rest: rest.get_snapshot_ticker("stocks", "SPY"),
            "index bar": lambda rest: rest.get_previous_close_agg("I:SPX"),
            "stock bar": lambda rest: rest.get_previous_close_agg("SPY"),
            "today": lambda rest: rest.get_aggs("SPY", 1, "minute", "2026-01-02", "2100-01-01"),
            "status": lambda rest: rest.get_market_status(),
        }
        clients = {name: RESTClient(name.replace(" ", "-"), base=simulator.rest, retries=0) for name in asked}
        answers = {name: outcome(lambda n=name: asked[n](clients[n])) for name in asked}
        given = dict.fromkeys(("listing", "stock bar", "status"), "ok")
        refused = dict.fromkeys(("chain", "unified", "index", "stock", "index bar"), ENTITLED)
        assert answers == given | refused | {"today": TIMEFRAME}
        for _ in range(4):
            next(asked["listing"](clients["listing"]))
        with pytest.raises(MaxRetryError, match="429"):
            next(asked["listing"](clients["listing"]))
        for cluster in ("options", "stocks", "indices"):
            talk = RawTalk(f"{simulator.ws}/{cluster}", key=None)
            talk.frame()
            talk.say("auth", "k")
            assert talk.frame()[0]["message"].startswith("Your plan doesn't include websocket access.")
            talk.socket.sock.settimeout(5)
            assert talk.socket.sock.recv(100) == b""


def test_options_without_their_underlyings():
    """With an options plan alone, rows name their underlying without a price, and the unified snapshot says what is missing."""
    with running_simulator(symbols=("SPX", "SPY"), stocks_plan="none", indices_plan="none") as simulator:
        rest = RESTClient("k", base=simulator.rest, retries=0)
        for underlying in ("SPY", "I:SPX"):
            raw = requests.get(
                f"{simulator.rest}/v3/snapshot/options/{underlying}?apiKey=k", timeout=10
            ).json()
            assert {tuple(row["underlying_asset"]) for row in raw["results"]} == {("ticker",)}
            assert all("last_quote" in row for row in raw["results"])
        ticker = raw["results"][0]["details"]["ticker"]
        rows = {
            r.ticker: r for r in rest.list_universal_snapshots(ticker_any_of=["SPY", "I:SPX", "NONE", ticker])
        }
        assert {name: row.error for name, row in rows.items()} == {
            "SPY": "NOT_ENTITLED",
            "I:SPX": "NOT_ENTITLED",
            "NONE": "NOT_FOUND",
            ticker: None,
        }
        assert rows["SPY"].message == "Not entitled to this ticker."
        assert [row.ticker for row in rest.list_universal_snapshots()] == []


def test_csv_asked_for():
    """Who asks for CSV gets JSON, and no error."""
    with running_simulator(symbols=("SPY",)) as simulator:
        answer = requests.get(
            f"{simulator.rest}/v3/snapshot/options/SPY?limit=1&apiKey=k",
            headers={"Accept": "text/csv"},
            timeout=5,
        )
        assert answer.headers["content-type"].startswith("application/json")
        assert len(answer.json()["results"]) == 1


def test_switches_reach_the_wire():
    """Switches change what is answered: lists of unknown underlyings, bare indices, page sizes, refusals, cut-off readers."""
    switches = (
        "unknown-underlying=missing",
        "bare-index=accepted",
        "page-rows=3",
        "refusal-status=200",
        "quote-excess=close",
        "auth-timeout-code=4001",
        "auth-timeout-text=too late",
    )
    limits = {"quote_contracts": 1, "auth_timeout_s": 0.5, "stocks_plan": "none"}
    with running_simulator(symbols=("SPX", "SPY"), switches=switches, **limits) as simulator:
        key = {"apiKey": "k", "limit": "100"}
        assert (
            requests.get(f"{simulator.rest}/v3/snapshot/options/NONE", params=key, timeout=5).status_code
            == 404
        )
        bare = requests.get(f"{simulator.rest}/v3/snapshot/options/SPX", params=key, timeout=5).json()
        assert len(bare["results"]) == 3
        assert bare["next_url"]
        refused = requests.get(f"{simulator.rest}/v2/last/trade/SPY", params=key, timeout=5)
        assert (refused.status_code, refused.json()["status"]) == (200, "NOT_AUTHORIZED")
        with RawTalk(simulator.ws + "/options") as talk:
            talk.say("subscribe", "Q.O:A,Q.O:B")
            assert [status["status"] for status in talk.frame()] == ["error", "success"]
            opcode, data = talk.raw()
            assert (opcode, int.from_bytes(data[:2], "big")) == (8, 1008)
        late = RawTalk(simulator.ws + "/options", key=None)
        late.frame()
        assert late.frame() == [{"ev": "status", "status": "auth_timeout", "message": "too late"}]
        assert int.from_bytes(late.raw()[1][:2], "big") == 4001


# -- another plan while it runs -----------------------------------------------------------


@pytest.fixture
def developer():
    """An account whose options come late and without quotes, to be upgraded."""
    with running_simulator(symbols=("SPY",), plan="developer", events_per_second=20_000) as simulator:
        yield simulator


def test_an_upgrade_counts_from_the_next_answer_and_the_next_connection(developer):
    """REST shows quotes at once, and new ones in real time; who was connected keeps its channels, who connects anew has quotes."""
    rest = RESTClient("k", base=developer.rest, retries=0)
    tickers = near(rest)
    topics = ",".join(f"Q.{ticker}" for ticker in tickers)
    with RawTalk(developer.ws + "/delayed/options") as before:
        bought = requests.post(developer.rest + "/_plan", json={"options": "advanced"}, timeout=5)
        assert bought.json() == {"options": "advanced", "stocks": "advanced", "indices": "advanced"}
        assert requests.get(developer.rest + "/_plan", timeout=5).json() == bought.json()

        assert next(rest.list_snapshot_options_chain("SPY")).last_quote.timeframe == "REAL-TIME"
        give_up = time.monotonic() + 5
        while next(rest.list_snapshot_options_chain("SPY")).last_quote.last_updated / 1e9 < time.time() - 60:
            assert time.monotonic() < give_up, "quotes are as late as before"
            time.sleep(0.05)
        before.say("subscribe", topics)
        assert before.statuses(1) == ["error: not authorized"]
    with RawTalk(developer.ws + "/options") as anew:
        anew.say("subscribe", topics)
        anew.statuses(len(tickers))
        assert {event["ev"] for event in anew.events(5, enough=10)} == {"Q"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"options": "gold"}, "plan is 'gold'; allowed: basic, starter, developer, advanced, business"),
        (
            {"indices": "developer"},
            "indices-plan is 'developer'; allowed: none, basic, starter, advanced, business",
        ),
        ({"bonds": "advanced"}, "body is"),
        ({}, "body is"),
        ("advanced", "body is"),
    ],
)
def test_a_plan_that_cannot_be_bought_is_refused(developer, body, said):
    """In the words of the command line, and the plans stay as they are."""
    refused = requests.post(developer.rest + "/_plan", json=body, timeout=5)
    assert refused.status_code == 400
    assert refused.json()["error"].startswith(said)
    assert requests.get(developer.rest + "/_plan", timeout=5).json()["options"] == "developer"


def test_nobody_else_buys_a_plan(developer):
    """A page of a browser and what is no JSON get the answer of a route that is not there."""
    for wrong in ({"json": {}, "headers": {"Origin": "http://there"}}, {"data": '{"options": "advanced"}'}):
        assert requests.post(developer.rest + "/_plan", timeout=5, **wrong).status_code == 404
