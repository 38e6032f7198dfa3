"""Keeps one stream worker's rights: looks who holds what, claims its share, gives back what others should have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from marketswarm.chain.lease import RENEW_S, WriterLeases
from marketswarm.chain.shares import Claim, Table, claim_of, connections_for
from marketswarm.clock import Clock

log = structlog.get_logger("marketswarm.stream")

_PATIENCE_S = RENEW_S + 0.25  # whom an emptied server has forgotten renews at least that often
_SETTLED_S = 60.0
_CLOSING_S = 1.0  # the vendor may count a connection for a moment after it was closed


@dataclass(frozen=True, slots=True)
class Granted:
    """What a worker may do until it asks again.

    Attributes:
        connections: upstream connections that it may use.
        fences: symbol that it may write → fencing token.
        leaving: those of them that another worker should write: to be flushed, then given back.
    """

    connections: int = 0
    fences: Mapping[str, int] = field(default_factory=dict)
    leaving: tuple[str, ...] = ()


class Rights:
    """The rights of one stream worker.

    Args:
        symbols: all that are configured; every worker has to be told the same.
    """

    def __init__(self, leases: WriterLeases, clock: Clock, symbols: Sequence[str]) -> None:
        self._leases = leases
        self._clock = clock
        self._symbols = tuple(symbols)
        self._before = Table({}, {})
        self._missing_s: float | None = None
        self._needed_s = float("-inf")
        self._closing: dict[int, float] = {}
        self._slots: tuple[int, ...] = ()
        self._waits = False

    @property
    def slots(self) -> tuple[int, ...]:
        """The connections that are held."""
        return self._slots

    def keep(self, contracts: Mapping[str, int]) -> Granted:
        """Renew what is held, take what is due, and say what there is now. To be asked every `RENEW_S` at least.

        Args:
            contracts: symbols that are written → contracts that are streamed of each.

        Raises:
            StoreUnavailable: what is held runs out by itself.
        """
        now_s = self._clock.monotonic_s()
        claim = self._claim(self._look(now_s), contracts, now_s)
        self._note_waiting(claim)
        closing = self._close(claim, now_s)
        held = self._leases.take([*claim.slots, *closing], [*claim.symbols, *claim.leaving])
        self._slots = held.slots
        usable = [slot for slot in held.slots if slot not in self._closing]
        leaving = tuple(symbol for symbol in claim.leaving if symbol in held.fences)
        return Granted(len(usable), held.fences, leaving)

    def give_back(self, symbol: str) -> None:
        """Let the next one write at once."""
        self._leases.give_back(symbol)

    def leave(self) -> None:
        """Let others connect at once."""
        for slot in self._slots:
            self._leases.give_back_connection(slot)
        self._slots = ()

    def _look(self, now_s: float) -> Table:
        """Who holds what. Whom an emptied server has forgotten is given the time to come back."""
        table = self._leases.look(self._symbols)
        missing = table.missing(self._before)
        if missing and self._missing_s is None:
            self._missing_s = now_s
        if self._missing_s is not None and (not missing or now_s - self._missing_s >= _PATIENCE_S):
            self._missing_s, missing = None, set[str]()
        self._before = table.counting(missing, self._before)
        return self._before

    def _claim(self, table: Table, contracts: Mapping[str, int], now_s: float) -> Claim:
        owner = self._leases.owner
        if connections_for(sum(contracts.values())) >= len(table.slots_of(owner)):
            self._needed_s = now_s
        is_settled = now_s - self._needed_s >= _SETTLED_S
        claim = claim_of(owner, table, contracts, is_settled=is_settled)
        if claim.waits:
            self._leases.wait()
        return claim

    def _close(self, claim: Claim, now_s: float) -> list[int]:
        """Hold a connection that is to be given back until its closing has come through; those that are still held."""
        closing = {claim.spare: self._closing.get(claim.spare, now_s)} if claim.spare is not None else {}
        for slot, since_s in list(closing.items()):
            if now_s - since_s >= _CLOSING_S:
                del closing[slot]
                self._leases.give_back_connection(slot)
        self._closing = closing
        return list(closing)

    def _note_waiting(self, claim: Claim) -> None:
        waits = not claim.slots
        if waits != self._waits:
            self._waits = waits
            log.info("standing by" if waits else "taking part", connections=list(claim.slots))
