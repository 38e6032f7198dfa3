"""All clients of the event stream: how many there may be, and which of them take nothing any more."""

import asyncio
from collections import Counter

from marketswarm.outlets.gateway.client import Client
from marketswarm.outlets.gateway.limits import Limits


class Audience:
    """Counts clients in and out."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._clients: set[Client] = set()
        self._of_address: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._clients)

    def why_not(self, address: str) -> str:
        """Why one more from there cannot be served; empty when it can."""
        if len(self._clients) >= self._limits.clients:
            return "too-many"
        return "too-many-of-address" if self._of_address[address] >= self._limits.clients_per_address else ""

    def enter(self, client: Client) -> None:
        """It is served from now on."""
        self._clients.add(client)
        self._of_address[client.address] += 1

    def leave(self, client: Client) -> None:
        """It is gone."""
        if client in self._clients:
            self._clients.discard(client)
            self._of_address[client.address] -= 1
            if not self._of_address[client.address]:
                del self._of_address[client.address]

    def drop_all(self, reason: str) -> list[asyncio.Task[object]]:
        """Let all of them go; what still works for them."""
        for client in self._clients:
            client.drop(reason)
        return [client.task for client in self._clients]

    def drop_blocked(self, now_s: float) -> None:
        """Let those go that have taken nothing for too long."""
        for client in self._clients:
            since_s = client.blocked_since_s
            if since_s is not None and now_s - since_s > self._limits.blocked_s:
                client.drop("slow")

    def lag(self, head: int) -> int:
        """By how many frames the slowest of them is behind."""
        return max((head - client.position for client in self._clients), default=0)
