"""A bare WebSocket client: says what it is told, shows what comes."""

import json
import time
from typing import Any, Self

import websocket

_PATIENCE_S = 30.0


class RawTalk:
    """One conversation. Frames are lists of events, in order."""

    def __init__(self, address: str, key: str | None = "k") -> None:
        self.socket = websocket.create_connection(address, timeout=_PATIENCE_S)
        if key is not None:
            assert self.frame()[0]["status"] == "connected"
            self.say("auth", key)
            assert self.frame()[0]["status"] == "auth_success"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, action: str, parameters: str) -> None:
        """Send one action."""
        self.socket.send(json.dumps({"action": action, "params": parameters}))

    def frame(self) -> list[dict[str, Any]]:
        """The next frame."""
        events = json.loads(self.socket.recv())
        assert isinstance(events, list)
        return events

    def statuses(self, count: int) -> list[str]:
        """The next statuses as `status: message`; other events between them are passed over."""
        found: list[str] = []
        while len(found) < count:
            found += [f"{e['status']}: {e['message']}" for e in self.frame() if e["ev"] == "status"]
        return found

    def events(self, seconds: float, enough: int = 1_000_000) -> list[dict[str, Any]]:
        """All events of that long, or until there are enough of them."""
        found, until = [], time.monotonic() + seconds
        while time.monotonic() < until and len(found) < enough:
            self.socket.settimeout(max(0.01, until - time.monotonic()))
            try:
                found += self.frame()
            except websocket.WebSocketTimeoutException:
                break
        self.socket.settimeout(_PATIENCE_S)
        return found

    def raw(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame of the protocol, close frames included."""
        opcode, frame = self.socket.recv_data_frame(control_frame=True)
        return opcode, frame.data
