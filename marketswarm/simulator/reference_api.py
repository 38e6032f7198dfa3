"""Routes about what there is: tickers, exchanges, trade conditions, market status, closures to come."""

from typing import Any

from marketswarm.simulator.answers import Answer, found, no_such_object, plain
from marketswarm.simulator.desk import EXCHANGES
from marketswarm.simulator.market import Market
from marketswarm.simulator.paging import page_of
from marketswarm.simulator.profile import Profile
from marketswarm.simulator.query import Shape, as_bool, as_number, as_text, read_query
from marketswarm.simulator.routing import Call, Route
from marketswarm.simulator.status import status_now, upcoming
from marketswarm.simulator.tape import STOCK_EXCHANGES

_TICKERS = Shape(
    "ReferenceTickersQueryParam",
    dict.fromkeys(("ticker", "type", "market"), as_text),
    ("ticker", "name", "market", "type"),
    1000,
    usual=100,
)
_CONDITIONS = Shape(
    "ConditionsQueryParam",
    {"asset_class": as_text, "id": as_number},
    ("id", "asset_class", "name", "type"),
    1000,
)
# Ids are those of the tape here; which exchange has which id is not confirmed for options.
_OPTION_EXCHANGES = (
    "XASE", "XBOX", "XCBO", "EMLD", "EDGO", "GMNI", "XISX", "XMIO", "ARCO", "XNDQ", "MPRL", "XBXO", "C2OX",
    "MXOP", "XPHL", "BATO",
)  # fmt: skip
_STOCK_EXCHANGES = ("EDGA", "EDGX", "XCHI", "ARCX", "XNAS", "IEXG", "BATS", "MEMX")
_RULES = {"updates_high_low": True, "updates_open_close": True, "updates_volume": True}
_CONDITION_ROWS: tuple[dict[str, Any], ...] = tuple(
    {
        "asset_class": asset_class,
        "data_types": ["trade"],
        "id": number,
        "name": name,
        "sip_mapping": {tape: letter},
        "type": kind,
        "update_rules": {"consolidated": rules, "market_center": rules},
    }
    for asset_class, number, name, tape, letter, kind, rules in (
        ("options", 209, "Automatic Execution", "OPRA", "I", "regular", _RULES),
        ("options", 233, "Multi Leg auto-electronic trade", "OPRA", "f", "multi_leg", _RULES),
        ("stocks", 37, "Odd Lot Trade", "UTP", "I", "sale_condition", dict.fromkeys(_RULES, False) | {"updates_volume": True}),
    )
)  # fmt: skip
_TYPES = (
    ("stocks", "CS", "Common Stock"),
    ("stocks", "ETF", "Exchange Traded Fund"),
    ("indices", "IX", "Index"),
)
_FUNDS = ("Trust", "ETF")


class ReferenceApi:
    """Answers that hardly change."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._rows = {profile.ticker: ticker_row(profile) for profile in market.profiles}

    def routes(self) -> dict[str, Route]:
        """Path pattern → route."""
        return {
            "/v3/reference/tickers": Route(self.tickers),
            "/v3/reference/tickers/types": Route(self.types),
            "/v3/reference/tickers/{ticker}": Route(self.ticker),
            "/v3/reference/exchanges": Route(self.exchanges),
            "/v3/reference/conditions": Route(self.conditions),
            "/v1/marketstatus/now": Route(self.market_status),
            "/v1/marketstatus/upcoming": Route(self.holidays),
        }

    def tickers(self, call: Call) -> Answer:
        """A page of the stocks, funds and indices on offer."""
        query = read_query(call.parameters, _TICKERS, self._market.terms.switches.page_rows)
        active = as_bool(query.spoken.get("active", "true"))
        words = query.spoken.get("search", "").lower()
        rows = [
            row for row in self._rows.values() if active and words in f"{row['ticker']} {row['name']}".lower()
        ]
        page, cursor = page_of(rows, query, "ticker")
        return found(page, call.next_url(cursor), count=len(page))

    def ticker(self, call: Call) -> Answer:
        """One of them."""
        if call.parts["ticker"] not in self._rows:
            raise no_such_object("Ticker")
        return found(self._rows[call.parts["ticker"]])

    def types(self, call: Call) -> Answer:
        """The types of tickers there are."""
        wanted = call.parameters.get("asset_class")
        rows = [
            {"asset_class": asset_class, "code": code, "description": description, "locale": "us"}
            for asset_class, code, description in _TYPES
            if wanted in (None, asset_class)
        ]
        return found(rows)

    def exchanges(self, call: Call) -> Answer:
        """The exchanges whose ids stand in quotes and trades."""
        named = {
            "options": (EXCHANGES.tolist(), _OPTION_EXCHANGES),
            "stocks": (STOCK_EXCHANGES, _STOCK_EXCHANGES),
        }
        rows = [
            exchange_row(asset_class, number, mic)
            for asset_class, (numbers, mics) in named.items()
            for number, mic in zip(numbers, mics, strict=True)
            if call.parameters.get("asset_class") in (None, asset_class)
            and call.parameters.get("locale") in (None, "us")
        ]
        return found(rows, count=len(rows))

    def conditions(self, call: Call) -> Answer:
        """A page of the conditions that stand in trades."""
        query = read_query(call.parameters, _CONDITIONS, self._market.terms.switches.page_rows)
        kind, tape = query.spoken.get("data_type"), query.spoken.get("sip")
        rows = [
            row
            for row in _CONDITION_ROWS
            if kind in (None, *row["data_types"]) and tape in (None, *row["sip_mapping"])
        ]
        page, cursor = page_of(rows, query, "id")
        return found(page, call.next_url(cursor), count=len(page))

    def market_status(self, _call: Call) -> Answer:
        """Whether markets are open, by the clock: no plan delays that."""
        return plain(status_now(self._market.hours, self._clock_ms()))

    def holidays(self, _call: Call) -> Answer:
        """Closures to come: a bare array."""
        return plain(upcoming(self._market.hours.calendar, self._clock_ms()))

    def _clock_ms(self) -> int:
        return self._market.now_ms + self._market.terms.plans.delay_ms


def ticker_row(profile: Profile) -> dict[str, Any]:
    """One stock, fund or index."""
    if profile.is_index:
        kind = {"market": "indices", "source_feed": "Simulated"}
    else:
        is_fund = any(word in profile.name for word in _FUNDS)
        kind = {
            "currency_name": "usd",
            "market": "stocks",
            "primary_exchange": "ARCX",
            "type": "ETF" if is_fund else "CS",
        }
    return {"active": True, "locale": "us", "name": profile.name, "ticker": profile.ticker} | kind


def exchange_row(asset_class: str, number: int, mic: str) -> dict[str, Any]:
    """One exchange."""
    return {
        "asset_class": asset_class,
        "id": number,
        "locale": "us",
        "mic": mic,
        "name": mic,
        "operating_mic": mic,
        "type": "exchange",
    }
