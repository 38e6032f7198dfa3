"""Which connections and symbols a stream worker should hold, from what everybody holds now. Pure.

Nobody decides for all: each worker looks at the same keys and comes to the same answer, and while two have seen different
moments the rights themselves keep them apart. A share is counted in symbols per connection: one setting makes all symbols
equally wide, so their number is their weight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

CONTRACTS_A_CONNECTION = 1000

_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Table:
    """Who holds what at one moment.

    Attributes:
        slots: each of the account's connections, ascending → its holder, None when it is free.
        writers: each configured symbol, in the configured order → the one that may write it.
        waiting: a worker that waits for a connection.
        untouched: connections that nobody ever held on this server: it is new, or was emptied.
    """

    slots: Mapping[int, str | None]
    writers: Mapping[str, str | None]
    waiting: str | None = None
    untouched: frozenset[int] = frozenset()

    def members(self) -> dict[str, int]:
        """The workers with a connection, in the order of their first → how many they hold."""
        counts: dict[str, int] = {}
        for owner in self.slots.values():
            if owner is not None:
                counts[owner] = counts.get(owner, 0) + 1
        return counts

    def slots_of(self, owner: str | None) -> list[int]:
        """The connections that a worker holds, ascending; of None, those that are free."""
        return [slot for slot, holder in self.slots.items() if holder == owner]

    def symbols_of(self, owner: str) -> list[str]:
        """The symbols that a worker may write, in the configured order."""
        return [symbol for symbol, holder in self.writers.items() if holder == owner]

    def is_wanted_by_other(self, owner: str) -> bool:
        """Whether somebody else has no connection and waits for one."""
        return self.waiting not in (None, owner) and self.waiting not in self.members()

    def missing(self, before: "Table") -> set[str]:
        """The workers that an emptied server has forgotten: they had a connection before and are about to claim it again."""
        present = self.members()
        return {
            owner
            for slot, owner in before.slots.items()
            if owner is not None and owner not in present and slot in self.untouched
        }

    def counting(self, missing: set[str], before: "Table") -> "Table":
        """This table with those who are missing, as far as nobody else has taken what they held."""
        return replace(
            self,
            slots=_filled(self.slots, before.slots, missing),
            writers=_filled(self.writers, before.writers, missing),
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What one worker is to do now.

    Attributes:
        slots: connections to take or renew.
        symbols: symbols to take or renew.
        leaving: symbols of its own that another worker should write.
        spare: a connection of its own that it should give back.
        waits: it would like a connection, and there is none for it.
    """

    slots: tuple[int, ...] = ()
    symbols: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    spare: int | None = None
    waits: bool = False


def claim_of(me: str, table: Table, contracts: Mapping[str, int], *, is_settled: bool = True) -> Claim:
    """What a worker should hold.

    Args:
        me: the worker.
        table: who holds what.
        contracts: symbols that it writes → contracts that it streams of each.
        is_settled: whether it has needed no more connections than now for a while.
    """
    mine = table.slots_of(me)
    if not mine:
        return _join(me, table)
    spare = _spare(me, table, contracts, is_settled=is_settled)
    slots = [*mine, *_further(me, table, contracts)]
    shares = fair_shares(table)
    return Claim(
        slots=tuple(slot for slot in slots if slot != spare),
        symbols=tuple(name for name, to in shares.items() if to == me and table.writers[name] in (None, me)),
        leaving=tuple(name for name in table.symbols_of(me) if shares.get(name) != me),
        spare=spare,
    )


def fair_shares(table: Table) -> dict[str, str]:
    """Symbol → the worker that should write it. As many as can stay where they are."""
    members = table.members()
    held = {owner: table.symbols_of(owner) for owner in members}
    quotas = _quotas(members, held, len(table.writers))
    shares = {name: owner for owner in members for name in held[owner][: quotas[owner]]}
    open_places = [owner for owner in members for _ in range(quotas[owner] - len(held[owner]))]
    free = [name for name in table.writers if name not in shares]
    return shares | dict(zip(free, open_places, strict=True)) if members else {}


def connections_for(contracts: int) -> int:
    """How many connections so many contracts need; one at least."""
    return max(1, -(-contracts // CONTRACTS_A_CONNECTION))


def _join(me: str, table: Table) -> Claim:
    """Take the first free connection, as if it were held already; but none that no symbol is left for."""
    if len(table.members()) >= len(table.writers):
        return Claim()
    free = table.slots_of(None)
    if not free:
        return Claim(waits=True)
    return claim_of(me, replace(table, slots={**table.slots, free[0]: me}), {})


def _further(me: str, table: Table, contracts: Mapping[str, int]) -> list[int]:
    """One more connection when the share's contracts need it, unless somebody waits who has none."""
    shares = fair_shares(table)
    kept = {name: count for name, count in contracts.items() if shares[name] == me}
    if table.is_wanted_by_other(me) or _needed(kept) <= len(table.slots_of(me)):
        return []
    return table.slots_of(None)[:1]


def _spare(me: str, table: Table, contracts: Mapping[str, int], *, is_settled: bool) -> int | None:
    """The last of one's connections, when it is not needed, or when somebody without any could put it to use."""
    mine, members = table.slots_of(me), table.members()
    if len(mine) == 1:
        return None
    is_wanted = table.is_wanted_by_other(me) and not table.slots_of(None)
    has_most = max(members, key=lambda owner: members[owner]) == me
    is_idle = is_settled and len(mine) > _needed(contracts)
    may_give = is_wanted and has_most and _would_fit(me, table, contracts)
    return mine[-1] if is_idle or may_give else None


def _would_fit(me: str, table: Table, contracts: Mapping[str, int]) -> bool:
    """Whether, with one connection given to who waits, something would go with it and all would still have room."""
    mine = table.slots_of(me)
    shares = fair_shares(replace(table, slots={**table.slots, mine[-1]: table.waiting}))
    kept = {name: count for name, count in contracts.items() if shares[name] == me}
    given = {name: count for name, count in contracts.items() if name not in kept}
    return bool(given) and _needed(kept) < len(mine) and _needed(given) == 1


def _needed(contracts: Mapping[str, int]) -> int:
    return connections_for(sum(contracts.values()))


def _quotas(members: Mapping[str, int], held: Mapping[str, list[str]], symbols: int) -> dict[str, int]:
    """How many symbols each should write. What does not divide goes to whom it moves least."""
    slots = sum(members.values())
    quotas = {owner: symbols * count // slots for owner, count in members.items()}
    by_claim = sorted(
        members,
        key=lambda owner: (-(symbols * members[owner] % slots), quotas[owner] - len(held[owner])),
    )
    for owner in by_claim[: symbols - sum(quotas.values())]:
        quotas[owner] += 1
    return quotas


def _filled(
    now: Mapping[_K, str | None], before: Mapping[_K, str | None], missing: set[str]
) -> dict[_K, str | None]:
    return {
        name: before.get(name) if holder is None and before.get(name) in missing else holder
        for name, holder in now.items()
    }
