"""A TCP proxy that takes an answer away: the request arrives, is done and answered, and the client's connection is cut."""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class CuttingProxy:
    """Hands everything on, but the answers of requests that are to be lost. Listens at `url`."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}{parts.path}"
        self._lost: list[bytes] = []
        self.cuts = 0
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def lose_answer(self, of: str) -> None:
        """The next request that holds this text is done, and its answer is lost."""
        self._lost.append(of.encode())

    def stop(self) -> None:
        """Take no new connection."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._upstream) as server, contextlib.suppress(OSError):
            asked = b""
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client:
                        asked += data
                        server.sendall(data)
                    elif self._is_lost(asked):
                        return
                    else:
                        asked = b""
                        client.sendall(data)

    def _is_lost(self, asked: bytes) -> bool:
        found = next((text for text in self._lost if text in asked), None)
        if found is None:
            return False
        self._lost.remove(found)
        self.cuts += 1
        return True


@contextmanager
def cutting_proxy(upstream: str) -> Iterator[CuttingProxy]:
    """A proxy in front of a server for the time of the block."""
    made = CuttingProxy(upstream)
    try:
        yield made
    finally:
        made.stop()
