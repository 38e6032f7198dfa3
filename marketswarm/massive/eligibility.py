"""Which contracts of the vendor belong into a chain. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from marketswarm.model.chain import ChainId
from marketswarm.model.ticker import BadTicker, OptionTicker, is_standard_root, parse_option_ticker

Rejection = Literal["malformed", "adjusted", "expiration", "settled"]

_STANDARD_MULTIPLIER = 100


@dataclass(frozen=True, slots=True)
class Universe:
    """The chain that contracts are wanted for, at a moment.

    Attributes:
        is_index: whether the symbol may have several roots (SPX and SPXW).
        am_has_stopped: the session before the expiration has closed, and with it the trading of AM-settled contracts.
    """

    chain: ChainId
    is_index: bool
    am_has_stopped: bool


@dataclass(frozen=True, slots=True)
class Stated:
    """What a row says of a contract beside its ticker; None where it says nothing."""

    expiration: date
    strike: float
    multiplier: float
    type: str | None = None


def eligible(ticker: str, stated: Stated, universe: Universe) -> OptionTicker | Rejection:
    """The parsed ticker of a contract that belongs into the chain, or why it does not.

    `malformed` also holds for a row that contradicts its own ticker: which of the two is right cannot be known.
    """
    try:
        parsed = parse_option_ticker(ticker)
    except BadTicker:
        return "malformed"
    if not _is_standard(parsed, stated, universe):
        return "adjusted"
    if _contradicts(stated, parsed):
        return "malformed"
    if parsed.expiration != universe.chain.expiration:
        return "expiration"
    if parsed.settlement == "am" and universe.am_has_stopped:
        return "settled"
    return parsed


def _is_standard(parsed: OptionTicker, stated: Stated, universe: Universe) -> bool:
    if stated.multiplier != _STANDARD_MULTIPLIER:
        return False
    return is_standard_root(parsed.root, universe.chain.symbol, is_index=universe.is_index)


def _contradicts(stated: Stated, parsed: OptionTicker) -> bool:
    return (
        stated.expiration != parsed.expiration
        or abs(stated.strike - parsed.strike) > 0.0005
        or stated.type not in (None, parsed.type)
    )
