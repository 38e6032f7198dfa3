"""The vendor's own client, unmodified, against a replay."""

import threading

import pytest
from massive import RESTClient, WebSocketClient

from tests.support.recordings import TICKER, exchange, frame, frames, make_recording, quote
from tests.support.replay import running_replay

OTHER = "O:SPXW261123P06800000"
ROW = {"details": {"ticker": TICKER, "strike_price": 6800, "contract_type": "call"}, "open_interest": 5}
CHAIN = "/v3/snapshot/options/I:SPX?expiration_date=2026-11-23&strike_price.gte=6700&limit=250"


@pytest.fixture
def folder(tmp_path):
    """Quotes of two contracts, and a chain of two pages."""
    pages = [
        exchange(
            0, CHAIN, {"status": "OK", "results": [ROW], "next_url": "https://vendor/v3/next?cursor=a1"}
        ),
        exchange(1, "/v3/next?cursor=a1", {"status": "OK", "results": [ROW]}),
    ]
    quotes = [frames(at, frame(quote(at, at), quote(at + 0.5, at, OTHER))) for at in range(1, 6)]
    return make_recording(tmp_path / "recording", [*pages, *quotes])


def test_chains_are_read_page_by_page(folder):
    """The client asks in its own spelling, and follows the recorded pages on this server."""
    with running_replay(folder) as (server, _):
        rest = RESTClient("any key", base=server.rest, retries=0)
        parameters = {"strike_price.gte": 6700, "expiration_date": "2026-11-23", "limit": 250}
        rows = list(rest.list_snapshot_options_chain("I:SPX", params=parameters))
    assert [(row.details.ticker, row.open_interest) for row in rows] == [(TICKER, 5)] * 2


def test_quotes_of_subscribed_contracts_are_streamed(folder):
    """It authenticates, subscribes, and hears every recorded quote of its contract and no other."""
    heard, complete = [], threading.Event()

    def take(messages) -> None:
        heard.extend(messages)
        if len(heard) >= 5:
            complete.set()

    with running_replay(folder, speed=None) as (server, _):
        client = WebSocketClient(
            "any key", feed=server.ws.removeprefix("ws://"), market="options", secure=False
        )
        client.subscribe(f"Q.{TICKER}")
        threading.Thread(target=client.run, args=(take,), daemon=True).start()
        assert complete.wait(20)
    assert [(one.symbol, one.bid_price) for one in heard] == [(TICKER, at) for at in range(1, 6)]
