"""Each fault of the data on the wire, as a bare client meets it."""

import itertools
import json
from collections import Counter

import pytest

from tests.support.faulty_wire import fault, subscribed
from tests.support.simulator import RunningSimulator


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
