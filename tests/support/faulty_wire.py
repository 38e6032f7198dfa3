"""Faults of a simulator that runs in a thread, begun and ended around a block, and what a bare client sees of them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
import websocket

from tests.support.raw_talk import RawTalk
from tests.support.simulator import RunningSimulator

CHAIN = "/v3/snapshot/options/I:SPX"
CLOSE = websocket.ABNF.OPCODE_CLOSE


@contextmanager
def fault(simulator: RunningSimulator, text: str) -> Iterator[None]:
    """A fault at work for the time of the block; a momentary one happens at its beginning."""
    begin(simulator, text)
    try:
        yield
    finally:
        name = text.partition(":")[0]
        if name in simulator.call(lambda: simulator.server.faults.at_work):
            end(simulator, name)


def begin(simulator: RunningSimulator, text: str) -> None:
    """Begin a fault."""
    simulator.wait(lambda: simulator.server.faults.begin(text))


def end(simulator: RunningSimulator, name: str) -> None:
    """End a fault."""
    simulator.wait(lambda: simulator.server.faults.end(name))


def ask(simulator: RunningSimulator, path: str, **parameters: str) -> requests.Response:
    """One REST call on a connection of its own."""
    headers = {"Authorization": "Bearer k", "Connection": "close"}
    return requests.get(simulator.rest + path, params=parameters, headers=headers, timeout=10)


def first_contracts(simulator: RunningSimulator, count: int) -> list[str]:
    """Contracts of SPX's first expiration around its middle."""
    rows = ask(
        simulator,
        "/v3/reference/options/contracts",
        underlying_ticker="SPX",
        sort="expiration_date",
        limit="1000",
    ).json()["results"]
    first = sorted(
        (row for row in rows if row["expiration_date"] == rows[0]["expiration_date"]),
        key=lambda row: row["strike_price"],
    )
    middle = len(first) // 2
    return [row["ticker"] for row in first[middle - count // 2 : middle + count - count // 2]]


def subscribed(
    simulator: RunningSimulator, tickers: list[str], key: str = "k", topics: str = "QT"
) -> RawTalk:
    """A conversation that holds these contracts and has heard its confirmations."""
    talk = RawTalk(simulator.ws + "/options", key)
    talk.say("subscribe", ",".join(f"{topic}.{ticker}" for topic in topics for ticker in tickers))
    talk.statuses(len(topics) * len(tickers))
    return talk


def ending(talk: RawTalk) -> tuple[list[str], int | None]:
    """What a conversation comes to: the last statuses, and the code of its close frame; None where there was none."""
    said: list[str] = []
    while True:
        try:
            opcode, data = talk.raw()
        except (websocket.WebSocketConnectionClosedException, ConnectionResetError):
            return said, None
        if opcode == CLOSE:
            return said, int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005
        if b'"status"' in data[:40]:
            said.append(data.decode())


def raw_connection(simulator: RunningSimulator) -> socket.socket:
    """TCP to the port, and no word yet."""
    address = urlsplit(simulator.rest)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=5)
