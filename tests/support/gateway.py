"""A real gateway on a real socket, in a thread of the test."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from marketswarm.cli.gateway import desk_of
from marketswarm.clock import Clock
from marketswarm.outlets.gateway.listening import listen, make_server
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm

TOKEN = "a-token-of-sixteen-letters"
STRANGER = {"X-Forwarded-For": "203.0.113.9"}
"""What a proxy beside the gateway says of a client on another machine."""


class Gateway:
    """Where it is, and calls to it."""

    def __init__(self, base: str) -> None:
        self.base = base

    @property
    def host(self) -> str:
        """Name and port."""
        return self.base.removeprefix("http://")

    def get(self, path: str, **headers: str) -> requests.Response:
        """GET."""
        return requests.get(self.base + path, headers=headers, timeout=20)

    def json(self, path: str) -> Any:
        """What a call that must succeed gives."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **headers: str) -> tuple[int, str, str]:
        """Status, kind and reason of an error."""
        answer = self.get(path, **headers)
        told = answer.json()
        assert set(told) == {"error", "reason"}
        assert "\n" not in told["reason"]
        return answer.status_code, told["error"], told["reason"]

    def post(self, path: str, body: Any = None, **headers: str) -> requests.Response:
        """POST, with JSON where there is a body."""
        text = {} if body is None else {"data": json.dumps(body)}
        kind = {} if body is None else {"Content-Type": "application/json"}
        return requests.post(self.base + path, headers={**kind, **headers}, timeout=20, **text)


@contextmanager
def running_gateway(
    redis_url: str, *, clock: Clock | None = None, page: Path | None = None, **given: str
) -> Iterator[Gateway]:
    """A gateway on a free port for the time of the block; of SPX and SPY unless told otherwise."""
    settings = Settings.load(
        given={
            "MARKETSWARM_REDIS_URL": redis_url,
            "MARKETSWARM_SYMBOLS": "SPX,SPY",
            "MARKETSWARM_SESSION": "always",
            **{f"MARKETSWARM_{name}": value for name, value in given.items()},
        }
    )
    listening = listen(settings.http_host, 0)
    server = make_server(desk_of(Swarm(settings, clock), **({} if page is None else {"page": page})))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    serving.start()
    try:
        yield Gateway(f"http://127.0.0.1:{listening.getsockname()[1]}")
    finally:
        server.should_exit = True
        serving.join(20)
        listening.close()
        assert not serving.is_alive()
