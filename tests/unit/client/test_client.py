"""The client: each call asks one path and gives one type."""

from datetime import date

import pytest

from marketswarm.client import Client
from marketswarm.errors import AnswerNotUnderstood, BadArgument, GatewayUnavailable, NotThere
from tests.support.free_ports import free_port
from tests.support.gateway_documents import (
    CURSOR,
    chain_document,
    event_document,
    message_document,
    tick_document,
)
from tests.support.scripted_gateway import Answer
from tests.support.vigil_documents import TS, all_levels

ANNOTATION = {
    "id": "a-1",
    "symbol": "SPX",
    "widget": "ladder",
    "target": {"type": "strike", "strike": 6800},
    "kind": "badge",
    "state": "active",
    "label": "call wall",
    "colour": "up",
    "from_ts": TS,
    "version": 1,
}


def test_a_chain_is_asked_for(gateway, client):
    """In any case of letters; another expiration by its day."""
    assert client.chain(" spx ").symbol == "SPX"
    client.chain("SPX", date(2026, 11, 23))
    assert gateway.asked[-1].query == {"expiration": "2026-11-23"}


def test_spot_is_asked_for(gateway, client):
    """The ticks of so many minutes."""
    document = {
        "symbol": "SPX",
        "latest": tick_document(),
        "ticks": [tick_document()],
        "now_ms": TS,
        "cursor": CURSOR,
    }
    gateway.answer("/api/v1/spot/SPX", document)
    assert client.spot("SPX", minutes=5).ticks[0].spot == 6801.5
    assert gateway.asked[-1].query == {"minutes": "5"}


def test_levels_are_asked_for(gateway, client):
    """With what reads them: a value, or why there is none."""
    gateway.answer("/api/v1/levels/SPX", {"symbol": "SPX", "levels": all_levels(), "now_ms": TS})
    levels = client.levels("SPX")
    assert levels.number("flip") == 6803.25
    assert levels.rows("gamma_by_strike")[0][0] == 6780


def test_what_is_told_is_asked_for(gateway, client):
    """Events, messages and annotations, typed."""
    gateway.answer("/api/v1/events", {"events": [event_document()], "now_ms": TS, "cursor": CURSOR})
    gateway.answer("/api/v1/messages", {"messages": [message_document()], "now_ms": TS, "cursor": CURSOR})
    gateway.answer("/api/v1/widgets/SPX", {"symbol": "SPX", "annotations": [ANNOTATION], "now_ms": TS})
    (event,) = client.events(["SPX"], ["spot_jump"], limit=5)
    assert (event.type, event.evidence["move"].value) == ("spot_jump", -7.4)
    assert gateway.asked[-1].query == {"symbols": "SPX", "types": "spot_jump", "limit": "5"}
    (message,) = client.messages(kinds=["event"])
    assert message.texts["professional"] == "SPX -7.4 in 10 s."
    assert gateway.asked[-1].query == {"kinds": "event", "limit": "100"}
    (annotation,) = client.widgets("SPX")
    assert annotation.target.strike == 6800


def test_symbols_are_those_of_the_status(client):
    """Which are the configured ones."""
    assert client.symbols() == ["SPX"]
    assert client.status().symbols["SPX"].state == "live"


def test_it_waits_until_all_is_ready(gateway, client):
    """503 says why not yet; afterwards the client itself is given."""
    gateway.answer("/readyz", Answer(503, {"error": "not-ready", "reason": "SPX: loading"}), {"status": "ok"})
    assert client.wait_ready(5) is client


def test_waiting_ends(gateway, client):
    """With the last reason; also when nobody is there."""
    gateway.answer("/readyz", Answer(503, {"error": "not-ready", "reason": "SPX: loading"}))
    with pytest.raises(GatewayUnavailable, match=r"not ready within 0\.1 s: SPX: loading"):
        client.wait_ready(0.1)
    with pytest.raises(GatewayUnavailable, match="no connection"):
        Client(f"http://127.0.0.1:{free_port()}").wait_ready(0)


def test_what_does_not_fit_is_named(gateway, client):
    """With the path that it came from."""
    gateway.answer("/api/v1/chain/SPX", chain_document(contracts={"O:X": {"strike": "high"}}))
    with pytest.raises(AnswerNotUnderstood, match="/api/v1/chain/SPX"):
        client.chain("SPX")


def test_a_symbol_is_part_of_a_path_only(client):
    """Whatever it holds."""
    with pytest.raises(NotThere, match=r"/api/v1/chain/\.\.%2FSTATUS%3F"):
        client.chain("../status?")


@pytest.mark.parametrize("call", ["events", "messages"])
def test_lists_are_lists(client, call):
    """A single symbol in place of a list would be asked letter by letter."""
    with pytest.raises(BadArgument, match=r"allowed: a list such as \['SPX'\]"):
        getattr(client, call)("SPX")


@pytest.mark.parametrize("symbol", ["", "  ", None, 5])
def test_a_symbol_is_a_word(client, symbol):
    """Else nothing is asked."""
    with pytest.raises(BadArgument, match="symbol"):
        client.chain(symbol)


def test_no_secret_is_shown(gateway):
    """The representation is the address."""
    assert repr(Client(gateway.url, "a-token-of-the-tests")) == f"Client({gateway.url!r})"
