"""Whether the rows of a snapshot make the chain that its listing promises. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from marketswarm.errors import IncompleteChain
from marketswarm.model.chain import ChainRows
from marketswarm.model.ticker import OptionType

SIDES: tuple[OptionType, OptionType] = ("call", "put")
_MISSING_ALLOWED = 0.1


def complete(rows: ChainRows, strikes: Sequence[float]) -> ChainRows:
    """The rows; a few listed contracts may lack one (the snapshot lags new listings), many may not.

    Raises:
        IncompleteChain: when more than a tenth of them do, or all.
    """
    present = {(contract.strike, contract.type) for contract in rows.contracts.values()}
    missing = [f"{strike:g} {side}" for strike in strikes for side in SIDES if (strike, side) not in present]
    if missing and (not present or len(missing) > _MISSING_ALLOWED * 2 * len(strikes)):
        detail = f"{len(missing)} of {2 * len(strikes)} contracts without a row, the first {missing[0]}"
        raise IncompleteChain(rows.chain.symbol, rows.chain.expiration.isoformat(), detail)
    return replace(rows, rejected={**rows.rejected, "missing": len(missing)}) if missing else rows


def joined(parts: Sequence[ChainRows], strikes: Sequence[float]) -> ChainRows:
    """The rows of several parts of one chain as one, complete for these strikes.

    Raises:
        IncompleteChain: as `complete`.
    """
    contracts = {ticker: row for rows in parts for ticker, row in rows.contracts.items()}
    return complete(replace(parts[0], contracts=contracts), strikes)
