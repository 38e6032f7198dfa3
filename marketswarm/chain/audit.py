"""What the vendor's snapshot says against what is stored: contract by contract, section by section, times both ways.

Only what both sides know by themselves is compared. Greeks are made here, and open interest comes by snapshots alone.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from marketswarm.model.contract import Contract, Section

Verdict = Literal["behind", "differs", "missing", "extra"]
VERDICTS: Final[tuple[Verdict, ...]] = ("behind", "differs", "missing", "extra")

# Whatever else a section holds follows from these, or is rounded by each side in its own way.
_COMPARED: Final[Mapping[Section, tuple[str, ...]]] = {
    "quote": ("bid", "ask", "bid_size", "ask_size"),
    "trade": ("price", "size"),
    "day": ("close", "volume"),
}
_LEAST_LOST = 3  # contracts; below that an audit repairs without a word
_LOST_SHARE = 0.01
PAGE_ROWS = 250  # what one call of the vendor's snapshot gives


class Finding(NamedTuple):
    """One thing that is not as the vendor has it.

    Attributes:
        what: a section, or `contract` when the whole of it is concerned.
        verdict: `behind`: the vendor has newer and other values; `differs`: other values of the same time; `missing`: the
            vendor lists a contract that is not stored; `extra`: one is stored of which the vendor has no row.
    """

    ticker: str
    what: Section | Literal["contract"]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """A slice of a chain against the vendor's rows of it.

    Attributes:
        contracts: how many were looked at.
        checked: how many sections were compared, a contract that one side lacks counting as one.
        vendor_behind: sections of which the vendor's snapshot has older and other values; no fault of ours.
        vendor_behind_ms: the most that it is older.
    """

    contracts: int
    checked: int
    vendor_behind: int
    vendor_behind_ms: int
    findings: tuple[Finding, ...]


class Slice(NamedTuple):
    """Neighbouring strikes, `low` … `high`, both included."""

    low: float
    high: float


def next_slice(contracts: Iterable[Contract], after: float | None, rows: int = PAGE_ROWS) -> Slice:
    """The strikes behind `after` (None, or nothing behind: from the lowest on) whose contracts fit on one page.

    Raises:
        ValueError: without contracts.
    """
    per_strike = Counter(float(contract.strike) for contract in contracts)
    strikes = sorted(per_strike)
    behind = [strike for strike in strikes if after is None or strike > after] or strikes
    taken, count = [behind[0]], per_strike[behind[0]]
    for strike in behind[1:]:
        count += per_strike[strike]
        if count > rows:
            break
        taken.append(strike)
    return Slice(taken[0], taken[-1])


def within(contracts: Mapping[str, Contract], bounds: Slice) -> dict[str, Contract]:
    """The contracts of a slice."""
    return {name: row for name, row in contracts.items() if bounds.low <= row.strike <= bounds.high}


def compared_sections(streamed: Collection[Section]) -> tuple[Section, ...]:
    """What an audit compares: all of it, unless quotes are polled. Then polls bring what is not streamed, a little later."""
    return tuple(name for name in _COMPARED if "quote" in streamed or name in streamed)


def compare(
    stored: Mapping[str, Contract],
    rows: Mapping[str, Contract],
    sections: Collection[Section] = tuple(_COMPARED),
    *,
    by_age: bool = True,
) -> Comparison:
    """Stored contracts of a slice against the vendor's rows of the same slice.

    Args:
        stored: by ticker.
        rows: the vendor's, by ticker.
        sections: what is compared.
        by_age: whether older values are a fault. Not with delayed data: its stream and its snapshots are late each by its own.
    """
    findings = [Finding(ticker, "contract", "missing") for ticker in rows if ticker not in stored]
    findings += [Finding(ticker, "contract", "extra") for ticker in stored if ticker not in rows]
    checked, ahead_ms = len(findings), []
    for ticker in stored.keys() & rows.keys():
        for name in sections:
            ours, theirs = getattr(stored[ticker], name), getattr(rows[ticker], name)
            if theirs is None:
                continue
            checked += 1
            if _is_same(ours, theirs, _COMPARED[name]):
                continue
            ahead_by_ms = _time(ours) - _time(theirs)
            if ahead_by_ms > 0:
                ahead_ms.append(ahead_by_ms)
            elif by_age or not ahead_by_ms:
                findings.append(Finding(ticker, name, "behind" if ahead_by_ms else "differs"))
    contracts = len(stored.keys() | rows.keys())
    return Comparison(contracts, checked, len(ahead_ms), max(ahead_ms, default=0), tuple(sorted(findings)))


def is_loss(findings: Iterable[Finding], contracts: int, streamed: Collection[Section]) -> bool:
    """Whether so much is behind that updates must have been lost.

    Only sections that are streamed prove it. Three contracts, and at least one in a hundred of those that were looked at.
    """
    behind = {found.ticker for found in findings if found.verdict == "behind" and found.what in streamed}
    return len(behind) >= max(_LEAST_LOST, _LOST_SHARE * contracts)


def repair_rows(findings: Sequence[Finding], rows: Mapping[str, Contract]) -> list[Contract]:
    """The vendor's rows of all that can be repaired by them, without greeks, which are not the vendor's to give here."""
    tickers = {found.ticker for found in findings if found.verdict != "extra"}
    return [rows[ticker].model_copy(update={"greeks": None}) for ticker in sorted(tickers)]


def _is_same(ours: Any, theirs: Any, members: Sequence[str]) -> bool:
    """Whether all that the vendor tells is stored."""
    told = [(name, getattr(theirs, name)) for name in members]
    return all(value is None or getattr(ours, name, None) == value for name, value in told)


def _time(section: Any) -> int:
    """When a section is from, ms; an absent one is older than any."""
    return -1 if section is None else section.ts or 0
