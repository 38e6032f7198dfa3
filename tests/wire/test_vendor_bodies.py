"""The vendor's own bodies through our decoders: what they say comes out, and nothing else."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from marketswarm.errors import ProviderError
from marketswarm.massive.answers import Answer, error_of, read_answer
from marketswarm.massive.decode import decode_frame
from marketswarm.massive.eligibility import Universe
from marketswarm.massive.listing import decode_listing
from marketswarm.massive.readings import snapshot_reading, stock_reading
from marketswarm.massive.rows import decode_rows
from marketswarm.massive.wire import EVENT_KINDS, SnapshotRow, StockRow
from marketswarm.model.chain import ChainId
from marketswarm.model.ticker import BadTicker, parse_option_ticker
from tests.support.vendor_bodies import bodies, objects
from tests.unit.massive.builders import raw
from tests.unit.massive.test_decode import json_values

BODIES = bodies()
DATA_KINDS = EVENT_KINDS - {"status"}


def of_kind(test) -> list[Any]:
    """All objects of all bodies that are of a kind, each with its name."""
    return [
        pytest.param(found, id=f"{name}#{place}")
        for name, body in BODIES.items()
        for place, found in enumerate(objects(body))
        if test(found)
    ]


def is_chain_row(value: dict) -> bool:
    """Whether an object is a row of the chain snapshot."""
    return isinstance(value.get("details"), dict) and "ticker" in value["details"]


CHAIN_ROWS = of_kind(is_chain_row)
LISTED_ROWS = of_kind(lambda value: "cfi" in value)
EVENTS = of_kind(lambda value: isinstance(value.get("ev"), str))
SPOT_ROWS = of_kind(
    lambda v: "ticker" in v and ("value" in v or v.get("type") in {"stocks", "indices"} or "error" in v)
)
STOCK_ROWS = of_kind(lambda value: "prevDay" in value)
ENVELOPES = of_kind(lambda value: "results" in value)
REFUSALS = of_kind(lambda value: isinstance(value.get("status"), int) and "body" in value)


def universe_of(ticker: str) -> Universe | None:
    """The chain that a contract belongs to, None for a ticker that no rule of the vendor allows."""
    try:
        parsed = parse_option_ticker(ticker)
    except BadTicker:
        return None
    symbol, is_index = {"SPXW": ("SPX", True), "NDXP": ("NDX", True)}.get(parsed.root, (parsed.root, False))
    return Universe(ChainId(symbol, parsed.expiration), is_index, am_has_stopped=False)


@pytest.mark.parametrize("row", CHAIN_ROWS)
def test_a_row_of_a_chain(row):
    """A row gives exactly its own contract, each figure as the body states it, and no section that the body lacks."""
    ticker = row["details"]["ticker"]
    universe = universe_of(ticker)
    if universe is None:
        any_chain = Universe(ChainId("AAPL", date(2026, 11, 20)), is_index=False, am_has_stopped=False)
        assert decode_rows([raw(row)], any_chain).rejected == {"malformed": 1}
        return
    decoded = decode_rows([raw(row)], universe)
    (only,) = decoded.contracts.values()
    said = json.loads(only.canonical_json())
    details = row["details"]
    assert (
        said["ticker"],
        said["strike"],
        said["type"],
        said["style"],
        said["expiration"],
        said["multiplier"],
    ) == (
        ticker,
        details["strike_price"],
        details["contract_type"],
        details["exercise_style"],
        details["expiration_date"],
        details["shares_per_contract"],
    )
    assert (
        said["open_interest"] == row["open_interest"]
        if "open_interest" in row
        else "open_interest" not in said
    )
    assert_section(
        said.get("quote"), row.get("last_quote"), ("bid", "ask", "bid_size", "ask_size"), "last_updated"
    )
    assert_section(said.get("trade"), row.get("last_trade"), ("price", "size", "exchange"), "sip_timestamp")
    prices = ("open", "high", "low", "close", "volume", "vwap", "previous_close", "change", "change_percent")
    assert_section(said.get("day"), row.get("day"), prices, None)
    assert_greeks(said.get("greeks"), row)
    asset = row.get("underlying_asset", {})
    assert decoded.underlying_price == asset.get("price", asset.get("value"))


def assert_section(said: dict | None, stated: dict | None, names: tuple[str, ...], time: str | None) -> None:
    """What is said of a section is what was stated, and only that."""
    present = {name: stated[name] for name in names if name in stated} if stated else {}
    assert {name: value for name, value in (said or {}).items() if name in names} == present
    if present and time is not None:
        assert said["ts"] == stated[time] // 1_000_000


def assert_greeks(said: dict | None, row: dict) -> None:
    """Greeks are the stated ones, absent where nothing was solved."""
    stated = dict(row.get("greeks") or {})
    if "implied_volatility" in row:
        stated["iv"] = row["implied_volatility"]
    if not stated or stated.get("iv", 1) >= 5:
        assert said is None
        return
    assert said["source"] == "provider"
    assert {name: said.get(name) for name in stated} == stated


@pytest.mark.parametrize("row", LISTED_ROWS)
def test_a_row_of_the_listing(row):
    """A listed contract gives its own strike; one with other shares is counted apart."""
    universe = universe_of(row["ticker"])
    listing = decode_listing([raw(row)], universe)
    if row["shares_per_contract"] == 100:
        assert (listing.strikes, listing.contracts, listing.nonstandard) == ((row["strike_price"],), 1, 0)
    else:
        assert (listing.strikes, listing.contracts, listing.nonstandard) == ((), 0, 1)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event(event):
    """An event of a contract gives its own ticker, time and figures; one that nobody reads is counted and no more."""
    decoded = decode_frame(json.dumps([event]))
    assert (
        len(decoded.updates)
        + len(decoded.statuses)
        + (sum(decoded.bad.counts.values()) if decoded.bad else 0)
        == 1
    )
    if event["ev"] == "status":
        (status,) = decoded.statuses
        assert (status.status, status.message) == (event["status"], event["message"])
        return
    readable = event["ev"] in DATA_KINDS and "sym" in event
    assert len(decoded.updates) == readable
    for update in decoded.updates:
        assert update.ticker == event["sym"]
        assert update.ts == event["t" if "t" in event else "e"]
        names = {"bid": "bp", "ask": "ap", "bid_size": "bs", "ask_size": "as", "price": "p", "size": "s"}
        names |= {
            "close": "c",
            "high": "h",
            "low": "l",
            "day_volume": "av",
            "day_open": "op",
            "day_vwap": "a",
        }
        for name, member in names.items():
            if hasattr(update, name) and getattr(update, name) is not UNSET:
                assert getattr(update, name) == event[member]


@pytest.mark.parametrize("row", SPOT_ROWS)
def test_a_row_of_a_snapshot(row):
    """Spot is one of the prices that the row states; a row with an error has none."""
    reading = snapshot_reading(
        msgspec.convert(row, SnapshotRow), "X", "unified", date(2026, 11, 20), delayed=False
    )
    if "error" in row:
        assert reading is None
        return
    session, quote = row.get("session", {}), row.get("last_quote", {})
    stated = {
        row.get("value"),
        row.get("last_trade", {}).get("price"),
        session.get("price"),
        session.get("close"),
    }
    stated |= {session.get("previous_close"), (quote.get("bid", 0) + quote.get("ask", 0)) / 2}
    assert reading is not None
    assert reading.spot in stated


@pytest.mark.parametrize("row", STOCK_ROWS)
def test_a_row_of_a_stock(row):
    """A stock's spot is its last trade."""
    reading = stock_reading(msgspec.convert(row, StockRow), row["ticker"], date(2026, 11, 20), delayed=False)
    assert reading.spot == row["lastTrade"]["p"]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal(refusal):
    """An observed refusal becomes an error of the tree that repeats the vendor's sentence."""
    body = refusal["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    error = error_of("chain", Answer(refusal["status"], text.encode()), 0)
    sentence = body if isinstance(body, str) else body.get("error") or body["message"]
    assert sentence[:100] in str(error)


def test_our_own_bodies_are_of_every_kind():
    """Without the collection as well, every kind of body has a row of our own."""
    for rows in (CHAIN_ROWS, LISTED_ROWS, EVENTS, SPOT_ROWS, STOCK_ROWS, REFUSALS, ENVELOPES):
        assert any(param.id.startswith("own/") for param in rows)


# -- the same bodies, spoilt ------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


@st.composite
def spoilt(draw, rows: list[Any]) -> tuple[dict, dict]:
    """A body, and the same with some of it replaced or removed."""
    whole = draw(st.sampled_from([param.values[0] for param in rows]))
    copy = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 3))):
        inside = [place for place in places(copy) if place]
        if not inside:
            break
        path = draw(st.sampled_from(inside))
        holder = copy
        for key in path[:-1]:
            holder = holder[key]
        if draw(st.booleans()):
            holder[path[-1]] = draw(
                json_values | st.sampled_from([0, -1, 1e308, 2**63, "", "O:", [], {}, None])
            )
        elif isinstance(holder, dict):
            del holder[path[-1]]
    return whole, copy


@given(spoilt(CHAIN_ROWS))
def test_spoilt_rows_invent_nothing(pair):
    """A spoilt row raises nothing: it is its own contract or one count, and what it says can be stored."""
    whole, copy = pair
    universe = universe_of(whole["details"]["ticker"]) or Universe(
        ChainId("AAPL", date(2026, 11, 20)), is_index=False, am_has_stopped=False
    )
    decoded = decode_rows([raw(copy)], universe)
    assert len(decoded.contracts) + sum(decoded.rejected.values()) == 1
    stated = copy["details"].get("ticker") if isinstance(copy.get("details"), dict) else None
    assert set(decoded.contracts) <= ({stated} if isinstance(stated, str) else set())
    for only in decoded.contracts.values():
        json.loads(only.canonical_json())
    decode_listing([raw(copy)], universe)


@given(st.lists(spoilt(EVENTS), min_size=1, max_size=4))
def test_spoilt_frames_invent_nothing(pairs):
    """Every event of a spoilt frame is accounted for, and no ticker appears that was not sent."""
    events = [copy for _, copy in pairs]
    decoded = decode_frame(json.dumps(events))
    bad = sum(decoded.bad.counts.values()) if decoded.bad else 0
    assert len(decoded.updates) + len(decoded.statuses) + bad == len(events)
    sent = {event["sym"] for event in events if isinstance(event.get("sym"), str)}
    assert {update.ticker for update in decoded.updates} <= sent


@given(spoilt(ENVELOPES), st.data())
def test_spoilt_answers_are_envelopes_or_errors(pair, data):
    """A spoilt body, whole or cut short, is an envelope or an error of the tree."""
    text = json.dumps(pair[1]).encode()
    for body in (text, text[: data.draw(st.integers(0, len(text)))]):
        try:
            envelope = read_answer("chain", Answer(200, body), 0)
        except ProviderError:
            continue
        assert envelope.status in {"OK", "DELAYED"}
