"""Puts rows of the vendor into a chain that is stored, through the door of every load, which merges by time."""

from collections.abc import Callable, Mapping, Sequence

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Committed, Window
from marketswarm.errors import ScriptRefused
from marketswarm.model.chain import ChainId, ChainMeta, LoadReason
from marketswarm.model.contract import Contract


class PartCommit:
    """What repairs and polls have in common.

    Args:
        expire_ms: when a chain is forgotten.
    """

    def __init__(
        self, store: RedisChainStore, flights: FlightControl, expire_ms: Callable[[ChainId], int]
    ) -> None:
        self._store = store
        self._flights = flights
        self._expire_ms = expire_ms

    def put(
        self,
        meta: ChainMeta,
        run: str,
        rows: Sequence[Contract],
        *,
        reason: LoadReason,
        doubt: str = "",
        beside: Mapping[str, str | int] | None = None,
        is_announced: bool = True,
    ) -> Committed | None:
        """Merge rows into the chain as it was seen; None when a load is in flight or the chain has changed since.

        Args:
            meta: the chain when the rows were asked for.
            run: tells this write from others.
            rows: complete rows; none does nothing.
            reason: for the entry of a complete chain.
            doubt: announces that updates were lost.
            beside: more fields for the meta.
            is_announced: whether there is an entry of a complete chain.
        """
        with self._flights.take_off(meta.chain.symbol, run) as taken:
            current = self._store.meta(meta.chain) if taken and rows else None
            if current is None or current.epoch != meta.epoch:
                return None
            self._store.stage(meta.chain, run, rows)
            try:
                return self._store.commit(
                    meta.chain,
                    run,
                    Window(current.spot, current.centre, current.low, current.high),
                    reason=reason,
                    source=current.source,
                    expire_ms=self._expire_ms(meta.chain),
                    origin=None,
                    in_force=False,
                    doubt=doubt,
                    beside=beside,
                    is_announced=is_announced,
                )
            except ScriptRefused:
                return None
