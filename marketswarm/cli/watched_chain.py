"""One chain as it lives: the stored hash once, then its feed; the hash again whenever the feed leaves a gap."""

from typing import Final, NamedTuple

from marketswarm.cli.seen_chain import SeenChain, see_chain
from marketswarm.cli.swarm_reading import read_symbol
from marketswarm.model.chain import ChainMeta
from marketswarm.outlets.follow import Applied, ChainFollower, Change, Gap
from marketswarm.outlets.status import provenance, shown_state
from marketswarm.wiring import Swarm

FLASH_S: Final = 0.4
_LOOK_S: Final = 1.0


class Flash(NamedTuple):
    """A change that is still to be seen: when it came (monotonic seconds), and whether the value rose."""

    at_s: float
    rose: bool


class WatchedChain:
    """The chain in force of one symbol, kept up to date by `turn`.

    Attributes:
        follower: the chain itself.
        spot: of the last tick.
        state: as it may be shown.
        told: how the data comes, as `status` tells it.
        rereads: how often the hash had to be read again.
    """

    def __init__(self, swarm: Swarm, symbol: str) -> None:
        """Read the chain.

        Raises:
            NoSuchChain: when none is stored.
            StoreUnavailable: when the store does not answer.
        """
        self._swarm = swarm
        self.symbol = symbol
        self.rereads = -1
        self.flashes: dict[tuple[str, str], Flash] = {}
        # The place in the feed is taken before the hash is read: what is in both is passed over, nothing is in neither.
        self._after = swarm.chains.newest_feed_id()
        self._read()

    def turn(self, wait_s: float) -> None:
        """Take what the feed has, waiting for at most that long; look at spot and state once a second.

        Raises:
            NoSuchChain, StoreUnavailable: what is held stays; turn again later.
        """
        for entry_id, entry in self._swarm.chains.follow_feed(self._after, wait_s):
            self._after = entry_id
            result = self.follower.apply(entry)
            if isinstance(result, Applied):
                self._remember(result)
            elif isinstance(result, Gap):
                self._read()
        if self._swarm.clock.monotonic_s() >= self._look_s:
            self._look()

    def fade(self) -> None:
        """Forget the flashes that have been seen long enough."""
        oldest_s = self._swarm.clock.monotonic_s() - FLASH_S
        self.flashes = {cell: flash for cell, flash in self.flashes.items() if flash.at_s > oldest_s}

    def _read(self) -> None:
        seen = see_chain(self._swarm, self.symbol)
        meta = seen.stored.meta
        contracts = {
            ticker: contract.model_dump(mode="json", exclude_none=True)
            for ticker, contract in seen.stored.contracts.items()
        }
        self.follower = ChainFollower(self.symbol, meta.chain.expiration, meta.epoch, meta.seq, contracts)
        self._show(seen)
        self.rereads += 1
        self._look_s = self._swarm.clock.monotonic_s() + _LOOK_S

    def _show(self, seen: SeenChain) -> None:
        self.spot, self.state, self.days = seen.spot, seen.state, seen.days
        self.updates_per_s, self.source = seen.updates_per_s, seen.stored.meta.source
        self.told = seen.told

    def _look(self) -> None:
        swarm, now_ms = self._swarm, self._swarm.clock.now_ms()
        self._look_s = swarm.clock.monotonic_s() + _LOOK_S
        beside = read_symbol(swarm, self.symbol)
        if beside.meta is None or not self._is_still(beside.meta):
            self._read()
            return
        self.state = shown_state(beside.meta, beside.report, in_session=swarm.in_session(now_ms))
        self.spot = float(beside.spot.get("spot", beside.meta.spot))
        self.updates_per_s = beside.report.get("updates_per_s")
        self.told = provenance(beside, now_ms)

    def _is_still(self, meta: ChainMeta) -> bool:
        """Whether the chain in force is the one that is held: not rolled on, and not begun anew from an older one."""
        held = self.follower
        return meta.chain.expiration == held.expiration and meta.epoch >= held.epoch and meta.seq >= held.seq

    def _remember(self, applied: Applied) -> None:
        now_s = self._swarm.clock.monotonic_s()
        for ticker, members in applied.changed.items():
            for member, change in members.items():
                self.flashes[ticker, member] = Flash(now_s, _rose(change))


def _rose(change: Change) -> bool:
    old, new = change
    return isinstance(new, (int, float)) and (not isinstance(old, (int, float)) or new > old)
