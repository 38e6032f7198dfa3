"""Rows of the contracts reference into a listing. Pure.

Both rights are asked for and counted, though calls alone would give the strikes: the count is compared with what a
snapshot brings, so it has to be the vendor's own and not twice a half.
"""

from collections.abc import Iterable

import msgspec

from marketswarm.massive.decode import UNUSABLE
from marketswarm.massive.eligibility import Stated, Universe, eligible
from marketswarm.massive.wire import ListedContract
from marketswarm.model.chain import Listing
from marketswarm.model.ticker import OptionTicker

_LISTED = msgspec.json.Decoder(ListedContract)


def decode_listing(rows: Iterable[msgspec.Raw], universe: Universe) -> Listing:
    """The strikes behind all rows of all pages, each contract counted once.

    Adjusted, malformed and already settled contracts are counted as `nonstandard`; other expirations not at all.
    """
    standard: dict[str, float] = {}
    nonstandard: set[bytes] = set()
    for raw in rows:
        contract = _eligible(raw, universe)
        if isinstance(contract, OptionTicker):
            standard[str(contract)] = contract.strike
        elif contract != "expiration":
            nonstandard.add(bytes(raw))
    strikes = tuple(sorted(set(standard.values())))
    return Listing(universe.chain, strikes, contracts=len(standard), nonstandard=len(nonstandard))


def listed_contract(raw: msgspec.Raw) -> ListedContract | None:
    """One row, None when it is not in the documented shape."""
    try:
        return _LISTED.decode(raw)
    except UNUSABLE:
        return None


def _eligible(raw: msgspec.Raw, universe: Universe) -> OptionTicker | str:
    row = listed_contract(raw)
    if row is None:
        return "malformed"
    stated = Stated(row.expiration_date, row.strike_price, row.shares_per_contract)
    return eligible(row.ticker, stated, universe)
