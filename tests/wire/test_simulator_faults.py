"""Each fault on the wire, as a bare client meets it."""

import itertools
import json
import signal
import ssl
import subprocess
import sys
import time
from collections import Counter

import pytest
import requests
import websocket

from marketswarm.errors import BadArgument
from tests.support.faulty_wire import (
    ask,
    begin,
    end,
    ending,
    fault,
    first_contracts,
    raw_connection,
    subscribed,
)
from tests.support.raw_talk import RawTalk
from tests.support.simulator import RunningSimulator, running_simulator

CHAIN = "/v3/snapshot/options/I:SPX"


@pytest.fixture(scope="module")
def simulator():
    """SPX and SPY, twenty rows a page, any key its own account."""
    with running_simulator(
        symbols=("SPX", "SPY"), events_per_second=40_000, switches=("page-rows=20",)
    ) as running:
        yield running


@pytest.fixture(scope="module")
def contracts(simulator) -> list[str]:
    """Twenty contracts."""
    return first_contracts(simulator, 20)


def book(simulator: RunningSimulator, tickers: list[str]) -> dict[str, tuple[float, float, int]]:
    """Bid, ask and sequence of each contract as the market has them."""

    def read() -> dict[str, tuple[float, float, int]]:
        held = simulator.server.market.book
        rows = {ticker: held.contracts[held.row_of[ticker]] for ticker in tickers}
        return {t: (float(row["bid"]), float(row["ask"]), int(row["sequence"])) for t, row in rows.items()}

    return simulator.call(read)


def newest(events: list[dict]) -> dict[str, tuple[float, float, int]]:
    """Bid, ask and sequence of each contract's newest quote, by time and sequence."""
    quotes: dict[str, dict] = {}
    for event in events:
        known = quotes.get(event["sym"])
        if event["ev"] == "Q" and (known is None or (event["t"], event["q"]) >= (known["t"], known["q"])):
            quotes[event["sym"]] = event
    return {ticker: (quote["bp"], quote["ap"], quote["q"]) for ticker, quote in quotes.items()}


def heard_under(
    simulator: RunningSimulator, text: str, contracts: list[str], enough: int = 600
) -> list[dict]:
    """All events of a conversation from the beginning of a fault until the market stands still behind its end."""
    with subscribed(simulator, contracts) as talk:
        with fault(simulator, text):
            events = talk.events(5, enough=enough)
        simulator.call(lambda: setattr(simulator.server.feed, "is_held", True))
        try:
            events += talk.events(0.5)
            true = book(simulator, contracts)
        finally:
            simulator.call(lambda: setattr(simulator.server.feed, "is_held", False))
    assert {ticker: true[ticker] for ticker in newest(events)} == newest(events), (
        "the truth is not the newest"
    )
    return events


# -- REST ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wait", "words"),
    [
        ("http-429", None, "You've exceeded the maximum requests per minute"),
        ("http-429:retry_after=2,body=empty", "2", ""),
    ],
)
def test_too_many_requests(simulator, text, wait, words):
    """429 in the vendor's words or empty, with Retry-After where it is asked for; afterwards data again."""
    with fault(simulator, text):
        refused = ask(simulator, CHAIN)
    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, wait)
    assert words in refused.text
    assert ask(simulator, CHAIN).status_code == 200


def test_server_errors(simulator):
    """An error of the 500s with the code that was asked for, in JSON or as a page; a share of the answers only."""
    with fault(simulator, "http-5xx:status=502,body=html"):
        broken = ask(simulator, CHAIN)
    assert (broken.status_code, broken.headers["Content-Type"].partition(";")[0]) == (502, "text/html")
    with fault(simulator, "http-5xx:share=0.5"):
        codes = {ask(simulator, "/v1/marketstatus/now").status_code for _ in range(40)}
    assert codes == {200, 503}


def test_a_refusal_that_calls_itself_200(simulator):
    """200, and the body says NOT_AUTHORIZED."""
    with fault(simulator, "not-authorized-200"):
        answer = ask(simulator, CHAIN)
    assert (answer.status_code, answer.json()["status"]) == (200, "NOT_AUTHORIZED")
    assert "results" not in answer.json()


def test_later_pages_fail(simulator):
    """The first page is whole, and the second is not there."""
    with fault(simulator, "cut-page"):
        first = ask(simulator, CHAIN, limit="20").json()
        assert len(first["results"]) == 20
        assert (
            requests.get(first["next_url"], headers={"Authorization": "Bearer k"}, timeout=5).status_code
            == 500
        )


def test_later_pages_break_off(simulator):
    """The second page promises more bytes than come."""
    with fault(simulator, "cut-page:how=truncate"):
        first = ask(simulator, CHAIN, limit="20").json()
        with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
            requests.get(first["next_url"], headers={"Authorization": "Bearer k"}, timeout=5)


def test_next_url_on_another_host(simulator):
    """The host is another one, path and cursor lead to the second page on our own."""
    with fault(simulator, "foreign-next-url"):
        url = ask(simulator, CHAIN, limit="20").json()["next_url"]
    assert url.startswith(f"https://api.polygon.io{CHAIN}?cursor=")
    assert len(ask(simulator, url.removeprefix("https://api.polygon.io")).json()["results"]) == 20


def test_rows_come_twice(simulator):
    """Some rows have an older copy beside them at other prices."""
    with fault(simulator, "duplicate-rows:share=0.5"):
        rows = ask(simulator, CHAIN, limit="20").json()["results"]
    count = Counter(row["details"]["ticker"] for row in rows)
    assert len(count) == 20
    assert set(count.values()) == {1, 2}
    twice = next(ticker for ticker, times in count.items() if times == 2)
    one, other = (row["last_quote"] for row in rows if row["details"]["ticker"] == twice)
    assert abs(one["last_updated"] - other["last_updated"]) == 1_000_000_000
    assert one["bid"] != other["bid"]


def test_latency(simulator, contracts):
    """Answers and frames come late, frames in their order, and what is held back goes out at the end."""
    with subscribed(simulator, contracts, "latency") as talk:
        began_s = time.monotonic()
        with fault(simulator, "latency:ms=300,jitter=200"):
            ask(simulator, "/v1/marketstatus/now")
            assert time.monotonic() - began_s >= 0.3
            events = talk.events(5, enough=400)
        events += talk.events(0.5)
    sequences = [event["q"] for event in events if event["ev"] == "Q" and event["sym"] == contracts[10]]
    assert sequences == sorted(sequences)


# -- connections --------------------------------------------------------------------


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1009, 1011])
def test_close_codes(simulator, code):
    """A close frame with that code, and no word before it."""
    with RawTalk(simulator.ws + "/options", f"close-{code}") as talk:
        begin(simulator, f"close-{code}")
        assert ending(talk) == ([], code)


@pytest.mark.parametrize("name", ["cut", "close-1006"])
def test_ends_without_a_close_frame(simulator, name):
    """TCP ends, and no close frame was sent."""
    with RawTalk(simulator.ws + "/options", name) as talk:
        begin(simulator, name)
        assert ending(talk) == ([], None)


@pytest.mark.parametrize(("name", "word"), [("evict", "max_connections"), ("slow-consumer", "slow_consumer")])
def test_ends_with_a_word(simulator, name, word):
    """The last status says why, then 1008."""
    with RawTalk(simulator.ws + "/options", name) as talk:
        begin(simulator, name)
        (said,), code = ending(talk)
    assert json.loads(said)[0]["status"] == word
    assert code == 1008


# -- the port --------------------------------------------------------------------------


def test_refused_handshakes(simulator):
    """What stands is hung up, new handshakes get the error, REST goes on."""
    with RawTalk(simulator.ws + "/options", "refuse") as talk, fault(simulator, "refuse:status=502"):
        assert ending(talk) == ([], None)
        with pytest.raises(websocket.WebSocketBadStatusException, match="502"):
            RawTalk(simulator.ws + "/options")
        assert ask(simulator, CHAIN).status_code == 200
    RawTalk(simulator.ws + "/options", "refuse").socket.close()


def test_a_shut_port(simulator):
    """Nobody listens: TCP is refused, for REST as well; afterwards the same port answers."""
    with RawTalk(simulator.ws + "/options", "shut") as talk, fault(simulator, "refuse:how=tcp"):
        assert ending(talk) == ([], None)
        with pytest.raises(ConnectionRefusedError):
            RawTalk(simulator.ws + "/options")
        with pytest.raises(requests.ConnectionError):
            ask(simulator, CHAIN)
    assert ask(simulator, CHAIN).status_code == 200
    RawTalk(simulator.ws + "/options", "shut").socket.close()


def test_half_open(simulator, contracts):
    """A connection stands and says nothing, not even to a ping; a new one is taken and not answered; later both go on."""
    with subscribed(simulator, contracts, "half-open") as talk:
        with fault(simulator, "half-open"):
            talk.events(0.3)
            talk.socket.ping()
            assert talk.events(0.5) == []
            with raw_connection(simulator) as fresh:
                fresh.sendall(
                    b"GET /options HTTP/1.1\r\nHost: s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                )
                fresh.sendall(
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                )
                fresh.settimeout(0.5)
                with pytest.raises(TimeoutError):
                    fresh.recv(1)
                end(simulator, "half-open")
                fresh.settimeout(5)
                assert fresh.recv(12) == b"HTTP/1.1 101"
        assert talk.events(5, enough=10)


def test_tls_failure(simulator):
    """Plain text is answered with a TLS alert, TLS with plain text."""
    with fault(simulator, "tls-failure"):
        with raw_connection(simulator) as plain:
            plain.sendall(b"GET /options HTTP/1.1\r\n\r\n")
            assert plain.recv(100) == bytes((0x15, 3, 1, 0, 2, 2, 70))
        with pytest.raises(ssl.SSLError), raw_connection(simulator) as secure:
            ssl.create_default_context().wrap_socket(secure, server_hostname="localhost")
        with pytest.raises((requests.ConnectionError, requests.exceptions.InvalidHeader)):
            ask(simulator, CHAIN)
    assert ask(simulator, CHAIN).status_code == 200


# -- conversations ----------------------------------------------------------------------


def test_every_key_is_refused(simulator):
    """auth_failed, and TCP ends without a close frame."""
    with fault(simulator, "auth-refused"):
        talk = RawTalk(simulator.ws + "/options", key=None)
        talk.say("auth", "any")
        said, code = ending(talk)
    assert [json.loads(frame)[0]["status"] for frame in said] == ["connected", "auth_failed"]
    assert code is None


def test_a_key_is_not_answered(simulator):
    """auth_timeout after the time that was set, closed with 1008."""
    with fault(simulator, "auth-timeout:after=200ms"):
        talk = RawTalk(simulator.ws + "/options", key=None)
        talk.say("auth", "any")
        said, code = ending(talk)
    assert [json.loads(frame)[0]["status"] for frame in said] == ["connected", "auth_timeout"]
    assert code == 1008


def test_a_key_of_a_delayed_plan(simulator, contracts):
    """The key is welcome, subscriptions bring neither confirmation nor data; later they do."""
    with fault(simulator, "delayed-silent"):
        talk = RawTalk(simulator.ws + "/options", "delayed")
        talk.say("subscribe", f"Q.{contracts[0]}")
        assert talk.events(0.5) == []
    with talk:
        talk.say("subscribe", f"Q.{contracts[0]}")
        assert talk.statuses(1) == [f"success: subscribed to: Q.{contracts[0]}"]


def test_missing_confirmations(simulator):
    """The same channels stay out however often they are asked for, and come once the fault has ended."""
    channels = [f"T.O:X{number}" for number in range(100)]
    with fault(simulator, "missing-acks:share=0.4"):
        talk = RawTalk(simulator.ws + "/options", "missing")
        talk.say("subscribe", ",".join(channels))
        confirmed = {event["message"].split()[-1] for event in talk.frame()}
        assert 30 < len(confirmed) < 90
        talk.say("subscribe", ",".join(channels))
        assert talk.events(0.3) == []
    with talk:
        talk.say("subscribe", ",".join(channels))
        assert {event["message"].split()[-1] for event in talk.frame()} == set(channels) - confirmed


def test_late_confirmations(simulator, contracts):
    """Data come before the confirmation of their channel, and the confirmation comes."""
    with fault(simulator, "late-acks:ms=1000"), RawTalk(simulator.ws + "/options", "late") as talk:
        talk.say("subscribe", ",".join(f"Q.{ticker}" for ticker in contracts))
        events = talk.events(3)
    kinds = [event["ev"] for event in events]
    assert kinds[0] == "Q"
    assert kinds.count("status") == len(contracts)


def test_mute(simulator, contracts):
    """Subscribed, and pings are answered, but no data come; afterwards they do."""
    with subscribed(simulator, contracts, "mute") as talk:
        with fault(simulator, "mute"):
            talk.events(0.2)
            assert talk.events(0.5) == []
            talk.socket.ping()
            assert talk.raw()[0] == websocket.ABNF.OPCODE_PONG
        assert talk.events(5, enough=10)


# -- data -----------------------------------------------------------------------------------


def test_duplicates(simulator, contracts):
    """Some events come twice, byte for byte."""
    events = heard_under(simulator, "duplicates:share=0.5", contracts)
    times = Counter(json.dumps(event) for event in events)
    assert set(times.values()) == {1, 2}


def test_reorder(simulator, contracts):
    """Older quotes and trades come behind newer ones of their contract."""
    events = heard_under(simulator, "reorder:share=0.7", contracts)
    own = [event["q"] for event in events if event["ev"] == "Q" and event["sym"] == contracts[10]]
    assert own != sorted(own)


def test_sequence_jump(simulator, contracts):
    """Numbers are far ahead while it lasts, and back afterwards."""
    with subscribed(simulator, contracts, "jump") as talk:
        before = max(event["q"] for event in talk.events(5, enough=50))
        with fault(simulator, "sequence-jump:by=1000000000"):
            talk.events(0.3)
            assert min(event["q"] for event in talk.events(5, enough=50)) > before + 900_000_000
        talk.events(0.5)
        assert max(event["q"] for event in talk.events(5, enough=50)) < before + 900_000_000


def test_late_prints(simulator, contracts):
    """Behind a trade comes one of long before, at another price."""
    events = heard_under(simulator, "late-prints:share=1,by=60", contracts, enough=2000)
    trades = [event for event in events if event["ev"] == "T"]
    late = [(a, b) for a, b in itertools.pairwise(trades) if b["t"] == a["t"] - 60_000]
    assert late
    assert all(true["p"] != print_["p"] and true["sym"] == print_["sym"] for true, print_ in late)


@pytest.mark.parametrize(
    ("name", "is_wrong"),
    [
        ("crossed", lambda quote: quote["bp"] > quote["ap"]),
        ("zero-quotes", lambda quote: quote["bp"] == quote["ap"] == quote["bs"] == quote["as"] == 0),
    ],
)
def test_wrong_quotes(simulator, contracts, name, is_wrong):
    """Some quotes are wrong, and each contract's true one has come in the end."""
    events = heard_under(simulator, f"{name}:share=0.5", contracts)
    wrong = [event for event in events if event["ev"] == "Q" and is_wrong(event)]
    assert len(wrong) > 50


def test_wrong_types(simulator, contracts):
    """Copies of events with a list or an object in place of a value stand beside the true ones."""
    with subscribed(simulator, contracts, "types") as talk, fault(simulator, "wrong-types:share=0.5"):
        events = talk.events(5, enough=400)
    spoilt = [e for e in events if any(isinstance(e[name], dict) or e[name] == [e["ev"]] for name in e)]
    assert spoilt


def test_garbage(simulator, contracts):
    """Between true frames come some that are no JSON, or no array, or an array of no events."""
    talk = subscribed(simulator, contracts, "garbage")
    with fault(simulator, "garbage:share=0.8"):
        texts = [talk.socket.recv() for _ in range(80)]
    assert any(not is_events(text) for text in texts)
    assert any(is_events(text) for text in texts)


def is_events(text: str) -> bool:
    """Whether a frame is an array of events with their kind."""
    try:
        events = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(events, list) and all(isinstance(event, dict) and "sym" in event for event in events)


def test_giant_frames(simulator, contracts):
    """Some frames are larger than 1 MiB."""
    talk = subscribed(simulator, contracts, "giant")
    with fault(simulator, "giant-frame:share=0.1"):
        assert any(len(talk.socket.recv()) > 2**20 for _ in range(300))


# -- plan and switches -------------------------------------------------------------------------


def test_a_plan():
    """What `faults` says happens at its time, by itself, and again where it is repeated."""
    with running_simulator(symbols=("SPY",), faults=("cut@200ms/300ms", "http-5xx@0+1s")) as simulator:
        assert ask(simulator, "/v1/marketstatus/now").status_code == 503
        for _ in range(2):
            with RawTalk(simulator.ws + "/options") as talk:
                assert ending(talk) == ([], None)
        time.sleep(1)
        assert ask(simulator, "/v1/marketstatus/now").status_code == 200


@pytest.mark.processes
def test_a_plan_on_the_command_line():
    """`--faults` may be repeated; what begins is said on standard error, and standard output has the announcement alone."""
    command = [sys.executable, "-m", "marketswarm", "simulator", "--port", "0", "--symbols", "SPY", "--json"]
    command += ["--faults", "http-5xx:status=500", "--faults", "mute@0+1h"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        bases = json.loads(process.stdout.readline())
        assert requests.get(bases["rest"] + CHAIN + "?apiKey=k", timeout=5).status_code == 500
        assert requests.get(bases["rest"] + "/_faults", timeout=5).json() == {"at_work": ["http-5xx", "mute"]}
        process.send_signal(signal.SIGTERM)
        said, logged = process.communicate(timeout=20)
    assert said == ""
    assert "http-5xx" in logged


@pytest.mark.processes
def test_the_command_with_tls(tmp_path):
    """The bases are those of TLS; who trusts the file's authority is served, pages and all, and nobody else is."""
    trusted = {"verify": str(tmp_path / "authority.pem"), "timeout": 5}
    command = [sys.executable, "-m", "marketswarm", "simulator", "--port", "0", "--json"]
    command += ["--tls", trusted["verify"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            bases = json.loads(process.stdout.readline())
            page = requests.get(f"{bases['rest']}{CHAIN}?apiKey=k&limit=1", **trusted).json()
            with pytest.raises(requests.exceptions.SSLError):
                requests.get(bases["rest"] + CHAIN, timeout=5)
            secure = websocket.create_connection(
                f"{bases['ws']}/options", timeout=5, sslopt={"ca_certs": trusted["verify"]}
            )
            assert "connected" in secure.recv()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert page["next_url"].startswith(f"{bases['rest']}/")
    assert bases["ws"].startswith("wss://127.0.0.1:")
    assert process.returncode == 0


def test_a_connection_of_tls_that_is_gone(tmp_path):
    """What is sent to it, and what a fault does to it, before its end is noticed stops nobody else's data."""
    authority = tmp_path / "authority.pem"
    with running_simulator(symbols=("SPY",), tls=authority) as simulator:
        secure = websocket.create_connection(
            simulator.ws + "/options", timeout=5, sslopt={"ca_certs": str(authority)}
        )
        assert "connected" in secure.recv()

        def lose() -> bool:
            (connection,) = simulator.server.connections()
            connection.transport.abort()
            connection.transport.close()
            connection.deliver(["[]"])
            connection.stall()
            connection.reset()
            return connection.transport.is_closing()

        assert simulator.call(lose)
        with pytest.raises((websocket.WebSocketConnectionClosedException, OSError)):
            secure.recv()


def test_a_stop_amid_a_dead_connection():
    """A connection that a fault has stalled still hears the farewell when the simulator stops."""
    with running_simulator(symbols=("SPY",)) as simulator:
        talk = RawTalk(simulator.ws + "/options")
        begin(simulator, "half-open")
    assert ending(talk) == ([], 1001)


def test_what_excludes_another_is_refused(simulator):
    """Begun by hand, a fault that excludes one at work is refused with both names, and the one at work goes on."""
    with (
        fault(simulator, "refuse"),
        pytest.raises(BadArgument, match="refuse and half-open at the same time"),
    ):
        begin(simulator, "half-open")
    assert simulator.call(lambda: simulator.server.faults.at_work) == []


def test_the_switch_over_http(simulator):
    """Programs on this machine begin and end faults by `/_faults`, are told what is wrong, and browsers are not heard."""
    url = simulator.rest + "/_faults"
    assert requests.post(url, json={"begin": "http-5xx"}, timeout=5).json() == {"at_work": ["http-5xx"]}
    assert ask(simulator, CHAIN).status_code == 503
    assert requests.get(url, timeout=5).json() == {"at_work": ["http-5xx"]}
    assert requests.post(url, json={"end": "http-5xx"}, timeout=5).json() == {"at_work": []}
    for order, words in (
        ({"begin": "flood"}, "faults is 'flood'; allowed: latency, "),
        ({"end": "mute"}, "none is at work"),
        ({"start": "mute"}, '{"begin": "mute"}'),
        ([], '{"begin": "mute"}'),
        ({"begin": "mute@3"}, "without a moment"),
    ):
        refused = requests.post(url, json=order, timeout=5)
        assert refused.status_code == 400
        assert words in refused.json()["error"]
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert requests.post(url, json={"begin": "mute"}, headers=headers, timeout=5).status_code == 404
    assert requests.post(url, data='{"begin": "mute"}', timeout=5).status_code == 404
    assert requests.get(url, timeout=5).json() == {"at_work": []}
