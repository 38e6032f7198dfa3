"""Whole conversations, frame by frame, as they were seen on the vendor's wire. Told by a bare client."""

import json

import pytest
import websocket

from tests.support.simulator import running_simulator

Script = list[tuple[str, list[str]]]

CONNECTED = "connected: Connected Successfully"
LET_IN = "auth_success: authenticated"
REFUSED = "error: not authorized"
NO_ACCESS = (
    "auth_failed: Your plan doesn't include websocket access. Visit https://massive.com/pricing to upgrade."
)


def on(*channels: str) -> list[str]:
    """Confirmations of subscribes."""
    return [f"success: subscribed to: {channel}" for channel in channels]


def off(*channels: str) -> list[str]:
    """Confirmations of unsubscribes."""
    return [f"success: unsubscribed to: {channel}" for channel in channels]


# What is said, and the one frame that answers it; an empty one stands for silence.
# Tickers do not exist, so that nothing but statuses comes.
CONVERSATIONS: dict[str, tuple[str, Script]] = {
    "opening": ("/options", [("", [CONNECTED]), ("auth k", [LET_IN])]),
    "each channel by name, several in one frame": (
        "/options",
        [("", [CONNECTED]), ("auth k", [LET_IN]), ("subscribe Q.O:A,T.O:A", on("Q.O:A", "T.O:A"))],
    ),
    "auth first, whatever is asked": (
        "/options",
        [
            ("", [CONNECTED]),
            ("subscribe Q.O:A", ["auth_required: authentication required"]),
            ("auth k", [LET_IN]),
            ("unsubscribe Q.O:A", []),
            ("subscribe Q.O:A", on("Q.O:A")),
        ],
    ),
    "a refusal goes first and names no channel": (
        "/options",
        [
            ("", [CONNECTED]),
            ("auth k", [LET_IN]),
            ("subscribe T.O:A,FMV.O:A,A.O:A,LV.O:A", [REFUSED, *on("T.O:A", "A.O:A")]),
            ("subscribe FMV.O:A", [REFUSED]),
        ],
    ),
    "held, unknown and never held are not answered": (
        "/stocks",
        [
            ("", [CONNECTED]),
            ("auth k", [LET_IN]),
            ("subscribe T.NONE", on("T.NONE")),
            ("subscribe T.NONE", []),
            ("subscribe ZZ.NONE", []),
            ("subscribe T.NONE,ZZ.NONE,Q.NONE", on("Q.NONE")),
            ("unsubscribe A.NONE,T.NONE", off("T.NONE")),
            ("unsubscribe T.NONE", []),
            ("subscribe T.NONE", on("T.NONE")),
        ],
    ),
    "wildcards, and what only looks like one": (
        "/options",
        [("", [CONNECTED]), ("auth k", [LET_IN]), ("subscribe Q.*,AM.O:SPY*", on("Q.*", "AM.O:SPY*"))],
    ),
    "indices": (
        "/indices",
        [
            ("", [CONNECTED]),
            ("auth k", [LET_IN]),
            ("subscribe V.I:X,A.I:X,AM.I:X", on("V.I:X", "A.I:X", "AM.I:X")),
        ],
    ),
}
LATE: dict[str, tuple[str, Script]] = {
    "a delayed key on the real-time base": (
        "/options",
        [("", [CONNECTED]), ("auth k", [LET_IN]), ("subscribe A.O:A", []), ("unsubscribe A.O:A", [])],
    ),
    "a delayed key on its own base": (
        "/delayed/options",
        [("", [CONNECTED]), ("auth k", [LET_IN]), ("subscribe Q.O:A,A.O:A", [REFUSED, *on("A.O:A")])],
    ),
    "a class without a plan": ("/stocks", [("", [CONNECTED]), ("auth k", [NO_ACCESS])]),
    "a real-time class on the delayed base": (
        "/delayed/indices",
        [("", [CONNECTED]), ("auth k", [NO_ACCESS])],
    ),
}


@pytest.fixture(scope="module")
def simulator():
    """An account with everything that an individual can have."""
    with running_simulator(symbols=("SPX", "SPY")) as running:
        yield running


@pytest.fixture(scope="module")
def late_simulator():
    """An account with delayed options, no stocks, and indices in real time."""
    with running_simulator(symbols=("SPX", "SPY"), plan="starter", stocks_plan="none") as running:
        yield running


def follow(address: str, script: Script) -> None:
    """Say each line and compare the frame that answers it.

    Silence is told by the answer to the next line, or, at the end, by the answer to nonsense.
    """
    talk = websocket.create_connection(address, timeout=10)
    expected = [frame for _, frame in script if frame]
    for line, _ in script:
        action, _, parameters = line.partition(" ")
        if action:
            talk.send(json.dumps({"action": action, "params": parameters}))
    talk.send("nonsense")
    if script[-1][1] != [NO_ACCESS]:
        expected.append(["error: invalid message"])
    heard = [json.loads(talk.recv()) for _ in expected]
    assert [[f"{e['status']}: {e['message']}" for e in frame] for frame in heard] == expected
    assert all(list(event) == ["ev", "status", "message"] for frame in heard for event in frame)
    talk.close()


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversations(simulator, name):
    """Statuses come in the order, the frames and the words that were seen, and silence where there was silence."""
    path, script = CONVERSATIONS[name]
    follow(simulator.ws + path, script)


@pytest.mark.parametrize("name", LATE)
def test_conversations_of_other_plans(late_simulator, name):
    """The same for an account whose plans give less."""
    path, script = LATE[name]
    follow(late_simulator.ws + path, script)
