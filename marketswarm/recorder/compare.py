"""Compares two sets of stored chains in what the vendor sent: quote, trade, day, open interest. Pure, byte for byte."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType
from msgspec.json import Decoder

from marketswarm.recorder.stored import Snapshot, Snapshots

SECTIONS: Final = ("open_interest", "quote", "trade", "day")


class Difference(NamedTuple):
    """What is not the same; None where there is nothing."""

    chain: str
    ticker: str
    what: str
    recorded: str | None
    replayed: str | None

    def words(self) -> str:
        """As one line."""
        place = f"{self.chain} {self.ticker}".strip()
        return f"{place} {self.what}: recorded {self.recorded or 'none'}, replayed {self.replayed or 'none'}"


class _Vendor(Struct):
    """The members of a stored contract that come from the vendor, each as its bytes."""

    open_interest: Raw | UnsetType = UNSET
    quote: Raw | UnsetType = UNSET
    trade: Raw | UnsetType = UNSET
    day: Raw | UnsetType = UNSET


_VENDOR = Decoder(_Vendor)


def differences(recorded: Snapshots, replayed: Snapshots) -> Iterator[Difference]:
    """Every difference, chain by chain."""
    others = {(chain.symbol, chain.expiration): chain for chain in replayed.chains}
    for chain in recorded.chains:
        name = f"{chain.symbol} {chain.expiration}"
        other = others.get((chain.symbol, chain.expiration))
        if other is None:
            yield Difference(name, "", "chain", f"{len(chain.contracts)} contracts", None)
        else:
            yield from _of_chain(name, chain, other)


def _of_chain(name: str, chain: Snapshot, other: Snapshot) -> Iterator[Difference]:
    for ticker in sorted(chain.contracts.keys() | other.contracts.keys()):
        one, two = chain.contracts.get(ticker), other.contracts.get(ticker)
        if one is None or two is None:
            yield Difference(name, ticker, "contract", one, two)
            continue
        if one != two:
            yield from _of_contract(name, ticker, _sections(one), _sections(two))


def _of_contract(
    name: str, ticker: str, one: dict[str, str | None], two: dict[str, str | None]
) -> Iterator[Difference]:
    for section in SECTIONS:
        if one[section] != two[section]:
            yield Difference(name, ticker, section, one[section], two[section])


def _sections(contract: str) -> dict[str, str | None]:
    try:
        members = _VENDOR.decode(contract)
    except DecodeError:
        return dict.fromkeys(SECTIONS, contract)
    found = {section: getattr(members, section) for section in SECTIONS}
    return {name: bytes(raw).decode() if isinstance(raw, Raw) else None for name, raw in found.items()}
