"""Keeps the greeks of the streamed chains up with their quotes, beside what the feed brought.

A chain is valued four times a second, after its quotes have changed, and not more often than in every fifth flush, however wide
these have become; chains take turns. What is written is what a changed quote touches (both
sides of its strike), and the whole chain when its forward or spot has moved by a basis point, when ten seconds have passed, when
a root has expired, and after every load. A figure that has moved by less than a hundred-thousandth is not written again.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from marketswarm.chain.conflate import Latest
from marketswarm.chain.greeks_text import absent_patch, valued_patch
from marketswarm.chain.held_quotes import HeldQuotes
from marketswarm.chain.stored import Change
from marketswarm.chain.valuation import VALUED, Outlook, Valuation, outlook_of, value_chain
from marketswarm.clock import Clock
from marketswarm.maths.normal import Flags, Floats
from marketswarm.model.chain import ChainId
from marketswarm.model.contract import ABSENCES

VALUE_EVERY_S = 0.25
WHOLE_EVERY_S = 10.0
SPOT_EVERY_S = 1.0
_FLUSHES = 5  # windows between two valuations at least: a stream that has no time left takes it here first
_FORWARD_MOVE = 1e-4
_SAME = 1e-5
_SLACK = 1e-6  # of a turn: a moment that is one, but for rounding, is one

Spot = tuple[float, int]
"""A symbol's spot, and the moment by which a newer one is known."""


@dataclass(slots=True)
class _Book:
    """One chain as it was valued last.

    Attributes:
        carry: forward over spot, one a root, when both were last seen together.
        forward, valued_spot: with which the whole chain was valued last.
        phase_s: when in each turn it is valued, so that not all chains are at once.
        is_new_spot: spot has changed since.
        is_fresh: the store has been read since.
    """

    held: HeldQuotes
    carry: Floats
    forward: Floats
    phase_s: float
    touched: dict[str, Latest] = field(default_factory=dict)
    spot: Spot | None = None
    is_new_spot: bool = True
    is_fresh: bool = True
    due_s: float = float("-inf")
    whole_s: float = float("-inf")  # so that a fresh one is valued whole
    spot_s: float = float("-inf")
    next_expiry_ms: float = float("inf")
    valued_spot: float = float("nan")

    def has_spot_moved(self) -> bool:
        """Whether spot is known to be a basis point from where it was when the whole chain was valued."""
        return self.spot is not None and abs(self.spot[0] / self.valued_spot - 1) >= _FORWARD_MOVE


class ChainValuer:
    """Greeks of all chains that one stream holds.

    Args:
        settles_ms: when a root of a chain settles.
        spot_of: the newest spot known of a chain's symbol; None when none is. Asked at most once a second and chain.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        settles_ms: Callable[[ChainId, str], int],
        spot_of: Callable[[ChainId], Spot | None],
    ) -> None:
        self._clock = clock
        self._settles_ms = settles_ms
        self._spot_of = spot_of
        self._books: dict[ChainId, _Book] = {}
        self._every_s = VALUE_EVERY_S

    def hold(self, chains: Mapping[ChainId, Mapping[str, bytes]]) -> None:
        """Hold exactly these contracts, ticker → stored JSON, and value all of them next."""
        apart_s = VALUE_EVERY_S / max(1, len(chains))
        self._books = {
            chain: self._book(chain, stored, place * apart_s)
            for place, (chain, stored) in enumerate(chains.items())
        }

    def prepare(self, window_s: float) -> None:
        """Before a flush, told its window: read the spots that are due, while the store is not busy with what is flushed."""
        self._every_s = max(VALUE_EVERY_S, _FLUSHES * window_s)
        now_s = self._clock.monotonic_s()
        for chain, book in self._books.items():
            self._take_spot(chain, book, now_s)

    def changes(self, chain: ChainId, touched: Sequence[Latest]) -> list[Change]:
        """Changes of a chain's greeks that are due, told which of its contracts are being written."""
        book = self._books.get(chain)
        if book is None:
            return []
        for latest in touched:
            book.touched[latest.ticker] = latest
        now_s, now_ms = self._clock.monotonic_s(), self._clock.now_ms()
        if now_s < book.due_s:
            return []
        self._take_spot(chain, book, now_s)
        is_whole = (
            now_ms >= book.next_expiry_ms or now_s - book.whole_s >= WHOLE_EVERY_S or book.has_spot_moved()
        )
        if not (book.touched or book.is_fresh or is_whole):
            return []
        book.due_s = _next_turn(now_s, book.phase_s, self._every_s)
        return _valued(book, now_s, now_ms, is_whole=is_whole)

    def _book(self, chain: ChainId, stored: Mapping[str, bytes], phase_s: float) -> _Book:
        before = self._books.get(chain)
        if before is not None and before.held.source is stored:
            before.phase_s = phase_s
            return before
        held = HeldQuotes(stored, lambda root: self._settles_ms(chain, root))
        unknown = np.full(len(held.shape.roots), np.nan)
        book = _Book(held, unknown, unknown, phase_s)
        if before is not None:
            held.take_newer(before.held)
            book.touched = {name: one for name, one in before.touched.items() if name in held.row}
            book.due_s, book.spot, book.spot_s = before.due_s, before.spot, before.spot_s
            if before.held.shape.roots == held.shape.roots:
                book.carry, book.is_new_spot = before.carry, before.is_new_spot
        book.next_expiry_ms = _next_expiry(held, self._clock.now_ms())
        return book

    def _take_spot(self, chain: ChainId, book: _Book, now_s: float) -> None:
        """A new spot makes the carry that goes with it unknown until the forward is seen."""
        if now_s < book.spot_s:
            return
        book.spot_s = now_s + SPOT_EVERY_S
        found = self._spot_of(chain)
        if found is not None and found != book.spot:
            book.spot = found
            book.is_new_spot = True


def _valued(book: _Book, now_s: float, now_ms: int, *, is_whole: bool) -> list[Change]:
    held = book.held
    rows = held.take(book.touched.values())
    book.touched = {}
    book.is_fresh = False
    book.next_expiry_ms = _next_expiry(held, now_ms)
    spot = book.spot[0] if book.spot else np.nan
    quotes = held.quotes()
    outlook = outlook_of(held.shape, quotes, spot=spot, carry=book.carry, now_ms=now_ms)
    valuation = value_chain(held.shape, quotes, outlook, _spots(book, outlook, spot))
    if not held.is_local and not (valuation.absent == VALUED).any():
        return []
    held.is_local = True
    if is_whole or _has_moved(book.forward, outlook.forward):
        book.whole_s, book.forward, book.valued_spot = now_s, outlook.forward, spot
        rows = np.ones(held.shape.strike.size, dtype=np.bool_)
    return _changes(held, valuation, rows & _differs(held, valuation))


def _spots(book: _Book, outlook: Outlook, spot: float) -> Floats:
    """Spot as each root's forward says it now; the tick itself where the two have not been seen together."""
    if book.is_new_spot:
        book.carry = np.where(outlook.is_parity, outlook.forward / spot, book.carry)
        book.is_new_spot = False
        return np.full(book.carry.shape, spot)
    return np.where(outlook.is_parity & np.isfinite(book.carry), outlook.forward / book.carry, spot)


def _has_moved(before: Floats, now: Floats) -> bool:
    with np.errstate(invalid="ignore"):
        known = np.isfinite(before) == np.isfinite(now)
        return bool((~known | (np.abs(now / before - 1) >= _FORWARD_MOVE)).any())


def _differs(held: HeldQuotes, valuation: Valuation) -> Flags:
    with np.errstate(invalid="ignore"):
        moved = np.abs(valuation.figures - held.figures) > _SAME * np.abs(held.figures)
    return np.asarray((valuation.absent != held.absent) | moved.any(axis=0))


def _changes(held: HeldQuotes, valuation: Valuation, rows: Flags) -> list[Change]:
    """Changes of these rows, which are held as written from here on."""
    places = np.flatnonzero(rows)
    ts = np.maximum(valuation.ts[places], held.ts_written[places])
    was_absent = held.absent[places] != VALUED
    columns = zip(
        places.tolist(),
        valuation.figures[:, places].T.tolist(),
        valuation.absent[places].tolist(),
        ts.tolist(),
        was_absent.tolist(),
        strict=True,
    )
    held.figures[:, places] = valuation.figures[:, places]
    held.absent[places] = valuation.absent[places]
    held.ts_written[places] = ts
    changes = []
    for place, figures, code, at_ms, was in columns:
        patch = (
            valued_patch(figures, at_ms, was_absent=was)
            if code == VALUED
            else absent_patch(ABSENCES[code - 1], at_ms)
        )
        changes.append(Change(held.tickers[place], "greeks", at_ms, None, patch))
    return changes


def _next_turn(now_s: float, phase_s: float, every_s: float) -> float:
    """The next moment, at most one turn away, that lies so far behind a multiple of turns."""
    turns = math.floor((now_s - phase_s) / every_s + _SLACK) + 1
    return turns * every_s + phase_s


def _next_expiry(held: HeldQuotes, now_ms: int) -> float:
    """When the next root expires that has not yet."""
    return min((float(at) for at in held.shape.settles_ms if at > now_ms), default=float("inf"))
