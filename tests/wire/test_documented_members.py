"""The members of our answers and events, against those that the vendor documents or was seen to send."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.support.raw_talk import RawTalk
from tests.support.simulator import running_simulator
from tests.support.vendor_bodies import bodies


def under(prefix: str, names: str) -> set[str]:
    """Members of an object."""
    return {f"{prefix}.{name}" if prefix else name for name in names.split()}


PRICES = "open high low close"
BAR = f"{PRICES} volume vwap previous_close change change_percent"
SHORT_BAR = "o h l c v vw"
QUOTE = "ask ask_exchange ask_size bid bid_exchange bid_size last_updated midpoint timeframe"
CONTRACT = "contract_type exercise_style expiration_date shares_per_contract strike_price"
ASSET = "change_to_break_even last_updated price ticker timeframe value"
SOLVED = under("greeks", "delta gamma theta vega") | {"greeks", "implied_volatility"}
FAIR = {"fmv", "fmv_last_updated"}
CHAIN_ROW = (
    under("", "break_even_price open_interest day")
    | under("day", BAR + " last_updated")
    | under("details", CONTRACT + " ticker")
    | under("last_quote", QUOTE)
    | under("last_trade", "conditions[] decimal_size exchange price sip_timestamp size timeframe")
    | under("underlying_asset", ASSET)
    | SOLVED
    | FAIR
)
LISTED = under("", f"cfi {CONTRACT} primary_exchange ticker underlying_ticker") | under(
    "additional_underlyings[]", "amount type underlying"
)
FAILED = {"error", "message"}
INDEX_ROW = under("", "last_updated market_status name ticker timeframe type value") | under(
    "session", f"{PRICES} previous_close change change_percent"
)
UNIFIED_ROW = (
    CHAIN_ROW - under("day", BAR + " last_updated") - {"day", "details.ticker"}
    | INDEX_ROW
    | {"details.underlying_ticker", "last_trade.id", "last_trade.last_updated", "session.price"}
    | under("session", "decimal_volume volume")
    | under(
        "session",
        " ".join(
            f"{part}_trading_change{kind}"
            for part in ("early", "late", "regular")
            for kind in ("", "_percent")
        ),
    )
    | under("last_minute", f"{PRICES} decimal_volume transactions volume vwap")
    | FAILED
)
STOCK = (
    under("", "ticker todaysChange todaysChangePerc updated fmv")
    | under("day", SHORT_BAR + " dv")
    | under("min", SHORT_BAR + " av dav dv n t")
    | under("prevDay", SHORT_BAR)
    | under("lastQuote", "P S p s t")
    | under("lastTrade", "c c[] ds i p s t x")
)
ENVELOPE = {"request_id", "status", "next_url"}
BARS = under("", "adjusted count queryCount resultsCount ticker") | under("results[]", SHORT_BAR + " T n t")
NOW = (
    under("", "afterHours earlyHours market serverTime")
    | under("currencies", "crypto fx")
    | under("exchanges", "nasdaq nyse otc")
)
GROUPS = "cccy cgi dow_jones ftse_russell msci mstar mstarc nasdaq s_and_p societe_generale"


def rows(members: set[str], holder: str = "results[]") -> set[str]:
    """The same members inside the rows of an answer."""
    return {f"{holder}.{member}" for member in members} | ENVELOPE


# The spec's name of a route, how it is asked here, and every member that is known of it.
ROUTES: dict[str, tuple[str, set[str]]] = {
    "/v3/snapshot/options/{underlyingAsset}": ("/v3/snapshot/options/SPY?limit=250", rows(CHAIN_ROW)),
    "/v3/snapshot/options/{underlyingAsset}/{optionContract}": (
        "/v3/snapshot/options/I:SPX/{contract}",
        rows(CHAIN_ROW, "results"),
    ),
    "/v3/snapshot/indices": ("/v3/snapshot/indices?ticker.any_of=I:SPX,NONE", rows(INDEX_ROW | FAILED)),
    "/v3/snapshot": ("/v3/snapshot?ticker.any_of=SPY,I:SPX,NONE,{contract}", rows(UNIFIED_ROW)),
    "/v3/reference/options/contracts": ("/v3/reference/options/contracts?limit=1000", rows(LISTED)),
    "/v3/reference/options/contracts/{options_ticker}": (
        "/v3/reference/options/contracts/{contract}",
        rows(LISTED, "results"),
    ),
    "/v1/marketstatus/now": ("/v1/marketstatus/now?", NOW | under("indicesGroups", GROUPS)),
    "/v1/marketstatus/upcoming": (
        "/v1/marketstatus/upcoming?",
        under("[]", "close date exchange name open status"),
    ),
    "/v2/snapshot/locale/us/markets/stocks/tickers/{stocksTicker}": (
        "/v2/snapshot/locale/us/markets/stocks/tickers/SPY?",
        rows(STOCK, "ticker"),
    ),
    "/v2/snapshot/locale/us/markets/stocks/tickers": (
        "/v2/snapshot/locale/us/markets/stocks/tickers?",
        rows(STOCK, "tickers[]") | {"count"},
    ),
    "/v2/last/trade/{stocksTicker}": (
        "/v2/last/trade/SPY?",
        rows(under("", "T c c[] ds f i p q r s t x y z"), "results"),
    ),
    "/v2/last/nbbo/{stocksTicker}": (
        "/v2/last/nbbo/SPY?",
        rows(under("", "P S T X p q s t x y z"), "results"),
    ),
    "/v2/aggs/ticker/{indicesTicker}/prev": ("/v2/aggs/ticker/I:SPX/prev?", BARS | ENVELOPE),
    "/v2/aggs/ticker/{optionsTicker}/prev": ("/v2/aggs/ticker/{contract}/prev?", BARS | ENVELOPE),
    "/v3/quotes/{optionsTicker}": (
        "/v3/quotes/{contract}?",
        rows(
            under(
                "",
                "ask_exchange ask_price ask_size bid_exchange bid_price bid_size sequence_number sip_timestamp",
            )
        ),
    ),
    "/v3/trades/{optionsTicker}": (
        "/v3/trades/{contract}?",
        rows(
            under("", "conditions[] exchange participant_timestamp price sequence_number sip_timestamp size")
        ),
    ),
}
TRADED_BAR = "a av c e ev h l o op s sym v vw z"
EVENTS: dict[str, set[str]] = {
    "/options/T": under("", "c[] ev p q s sym t x"),
    "/options/Q": under("", "ap as ax bp bs bx ev q sym t"),
    "/options/A": under("", TRADED_BAR),
    "/options/AM": under("", TRADED_BAR),
    "/business/options/FMV": under("", "ev fmv sym t"),
    "/indices/A": under("", "c e ev h l o op s sym"),
    "/indices/AM": under("", "c e ev h l o op s sym"),
    "/indices/V": under("", "T ev t val"),
    # Decimals ride along on the live wire, though no sample has those of bars.
    "/stocks/T": under("", "c c[] ds ev i p q s sym t x z"),
    "/stocks/Q": under("", "ap as ax bp bs bx c ev i[] q sym t z"),
    "/stocks/A": under("", TRADED_BAR + " dav dv"),
    "/stocks/AM": under("", TRADED_BAR + " dav dv"),
}


def members(value: Any, path: str = "") -> Iterator[str]:
    """The path of every leaf; an empty object or list is one itself."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from members(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from members(inner, f"{path}[]")
    else:
        yield path


@pytest.fixture(scope="module")
def world():
    """A simulator, a contract that has traded, and what a stream of everything brought."""
    with running_simulator(symbols=("SPX", "SPY"), events_per_second=20_000) as simulator:
        listed = requests.get(
            f"{simulator.rest}/v3/reference/options/contracts?underlying_ticker=SPX&sort=expiration_date&limit=300&apiKey=k",
            timeout=10,
        ).json()["results"]
        channels = ",".join(
            f"{topic}.{row['ticker']}" for row in listed[100:160] for topic in ("Q", "T", "A")
        )
        talks = {"options": channels, "stocks": "T.*,Q.*,A.*", "indices": "V.*,A.*"}
        events: dict[str, list[dict]] = {}
        for cluster, wanted in talks.items():
            with RawTalk(f"{simulator.ws}/{cluster}") as talk:
                talk.say("subscribe", wanted)
                for event in talk.events(3.5):
                    events.setdefault(f"/{cluster}/{event['ev']}", []).append(event)
        yield simulator, events["/options/T"][-1]["sym"], events


@pytest.mark.parametrize("route", ROUTES)
def test_members_of_answers(world, route):
    """Every member of an answer is a documented one: nothing is made up, and nothing is null."""
    simulator, contract, _ = world
    path, known = ROUTES[route]
    path = path.replace("{contract}", contract)
    answer = requests.get(simulator.rest + path + ("&" if "?" in path else "?") + "apiKey=k", timeout=10)
    assert set(members(answer.json())) <= known
    assert "null" not in answer.text


@pytest.mark.parametrize("kind", [kind for kind in EVENTS if not kind.endswith(("/AM", "/FMV"))])
def test_members_of_events(world, kind):
    """Every event has documented members alone."""
    _, _, events = world
    assert events[kind]
    for event in events[kind]:
        assert set(members(event)) <= EVENTS[kind]


def test_what_is_known_is_the_vendors():
    """What is called documented here holds every member of the vendor's examples, where they lie beside the checkout."""
    found = bodies()
    for route, body in found.get("spec_examples_rest.json", {}).items():
        assert set(members(body)) - ROUTES[route][1] == set(), route
    for kind, event in found.get("spec_examples_websocket.json", {}).items():
        if kind in EVENTS:
            assert set(members(event)) - EVENTS[kind] == set(), kind
    assert set(members(found["own/index-row"])) <= ROUTES["/v3/snapshot/options/{underlyingAsset}"][1]
