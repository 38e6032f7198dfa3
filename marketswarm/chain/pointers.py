"""What is written beside the stored chains under a load's hold: their windows, which are held together, which is in force."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.metafields import days_text, window_fields
from marketswarm.chain.stored import Window
from marketswarm.clock import Clock
from marketswarm.model.chain import ChainId
from marketswarm.reachable import store_reachable
from marketswarm.scripts import Value, script


class ChainPointers:
    """Pointers and windows of all symbols. Every call needs the symbol's load: it is refused when that has ended."""

    def __init__(self, redis: Redis, clock: Clock, address: str) -> None:
        self._redis = redis
        self._clock = clock
        self._address = address

    def move_window(self, chain: ChainId, run: str, window: Window) -> bool:
        """Write a window beside a chain whose contracts stay as they are; False when it is not stored.

        Raises:
            ScriptRefused: when another run has taken over.
        """
        return self._describe(chain, run, window_fields(window))

    def hold_beside(self, chain: ChainId, run: str, later: Sequence[date]) -> bool:
        """Say which expirations are streamed beside the chain in force; False when that is not stored.

        Raises:
            ScriptRefused: when another run has taken over.
        """
        return self._describe(chain, run, ["later", days_text(later)])

    def name_next(self, chain: ChainId, run: str, days: Sequence[date], *, streamed: bool) -> bool:
        """Say which expirations are loaded ahead of the roll, and whether they are streamed before it.

        Raises:
            ScriptRefused: when another run has taken over.
        """
        return self._describe(chain, run, ["next", days_text(days), "next_streamed", int(streamed)])

    def switch(self, old: ChainId, new: date, run: str, later: Sequence[date]) -> bool:
        """Put another expiration in force and close the old one, in one step.

        Args:
            old: the chain that must be in force now.
            new: the expiration that will be.
            run: the load in flight.
            later: expirations that are held beside the new one.

        Returns:
            False when another one is in force already, or the new one is not stored.

        Raises:
            ScriptRefused: when another run has taken over.
        """
        symbol, was, will = old.symbol, old.expiration.isoformat(), new.isoformat()
        names = [
            keys.CHAIN_CURRENT,
            keys.chain_meta(symbol, was),
            keys.chain(symbol, will),
            keys.chain_meta(symbol, will),
            keys.CHAIN_FULL,
            keys.loading(symbol),
        ]
        now_ms = self._clock.now_ms()
        arguments: list[Value] = [symbol, was, will, run, now_ms, keys.CHAIN_FULL_MAXLEN, days_text(later)]
        arguments.append(uuid4().hex)
        with store_reachable(self._address):
            return bool(script("switch_chain").run(self._redis, names, arguments))

    def _describe(self, chain: ChainId, run: str, fields: Sequence[Value]) -> bool:
        names = [keys.chain_meta(chain.symbol, chain.expiration.isoformat()), keys.loading(chain.symbol)]
        with store_reachable(self._address):
            return bool(script("describe_chain").run(self._redis, names, [chain.symbol, run, *fields]))
