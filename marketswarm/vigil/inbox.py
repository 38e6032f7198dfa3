"""What waits for an evaluation of one symbol, as it is read from the store. Pure.

Counts of changes only grow. What came since an evaluation is the difference to the counts that it wrote down, so nothing has to be
taken out, and nothing is counted twice.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from marketswarm.model.chain import ChainId

_JUDGED: Final = "/judged"
DELAY_MS: Final = 900_000
"""Of delayed data, as the vendor states it; nobody measures it."""

_SPOT_JUDGED: Final = "spot/judged"
_MOST_DIGITS: Final = 15
_LATEST_MS: Final = 4_102_444_800_000  # the year 2100: whoever wrote a later one was no heartbeat


class WaitingTick(NamedTuple):
    """A tick that nobody has judged: slot in ms, points, the heartbeat's own count for the symbol, and whether it is delayed."""

    ts: int
    spot: float
    seq: int
    is_delayed: bool = False


class Counts(NamedTuple):
    """How much one chain has changed since its feed was first read.

    Attributes:
        epoch, seq: of the last entry. `ts`: its time, ms.
        entries: of the feed. `contracts`: that were changed, each entry for itself; `added` among them are new.
        gaps: how often entries were missing: they were trimmed before they could be read.
    """

    epoch: int = 0
    seq: int = 0
    entries: int = 0
    contracts: int = 0
    added: int = 0
    removed: int = 0
    gaps: int = 0
    ts: int = 0

    def since(self, judged: "Counts") -> "Counts":
        """What came after those: the cursor is this one's, the rest are differences; all of it where the others are no earlier ones."""
        if judged.entries > self.entries:
            return self
        grown = {
            name: getattr(self, name) - getattr(judged, name)
            for name in ("entries", "contracts", "added", "removed", "gaps")
        }
        return self._replace(**grown)

    @property
    def words(self) -> str:
        """As it is stored."""
        return " ".join(map(str, self))


@dataclass(frozen=True, slots=True)
class Inbox:
    """One symbol's news, and the state with which an evaluation of them begins; read in one step.

    Attributes:
        state: of the last evaluation, None when there was none.
        ticks: that wait, oldest first.
        changes: expiration → counts. `judged`: the same, as the last evaluation saw them.
        tick_seq: the heartbeat's count at the last judged tick; 0 when unknown.
    """

    state: bytes | None
    ticks: tuple[WaitingTick, ...]
    changes: Mapping[str, Counts]
    judged: Mapping[str, Counts]
    tick_seq: int = 0

    def news_of(self, expiration: date) -> Counts:
        """What changed of a chain since the last evaluation that looked at it."""
        name = expiration.isoformat()
        return self.changes.get(name, Counts()).since(self.judged.get(name, Counts()))

    def marks(self, expiration: date | None, last: WaitingTick) -> dict[str, str]:
        """Field → value of how far the news are judged."""
        fields = {_SPOT_JUDGED: str(last.seq)}
        name = expiration.isoformat() if expiration else ""
        if name in self.changes:
            fields[name + _JUDGED] = self.changes[name].words
        return fields

    def gone(self, expiration: date | None) -> list[str]:
        """The fields of chains that are over, when that one is in force."""
        name = expiration.isoformat() if expiration else ""
        old = sorted(one for one in self.changes.keys() | self.judged.keys() if one < name)
        return [field for one in old for field in (one, one + _JUDGED)]


@dataclass(frozen=True, slots=True)
class ChainSnapshot:
    """A stored chain with its cursor, read in one step; contracts as they are stored.

    Attributes:
        state: `loading`, `live`, `stale`, `gap` or `closed`.
        loaded_ms: when its last whole load began.
        is_delayed: the plan gives the vendor's delayed data.
        polled_ms: when quotes were asked for last, where they are not streamed; 0 where they are.
    """

    chain: ChainId
    state: str
    epoch: int
    seq: int
    loaded_ms: int
    contracts: Mapping[str, bytes]
    is_delayed: bool = False
    polled_ms: int = 0

    def behind_ms(self, now_ms: int) -> int:
        """How much older than that moment its newest quotes are, if all is well."""
        since_poll = max(now_ms - self.polled_ms, 0) if self.polled_ms else 0
        return since_poll + (DELAY_MS if self.is_delayed else 0)


def inbox_from(state: bytes | None, ticks: Iterable[bytes], counts: Mapping[bytes, bytes]) -> Inbox:
    """The inbox behind what the store gave; what cannot be read is left out."""
    texts = {_text(name): _text(value) for name, value in counts.items()}
    is_mark = {name: name.endswith(_JUDGED) for name in texts}
    waiting = {tick.ts: tick for text in reversed(list(ticks)) if (tick := _tick(text)) is not None}
    return Inbox(
        state=state,
        ticks=tuple(waiting[ts] for ts in sorted(waiting)),
        changes={name: _counts(text) for name, text in texts.items() if not is_mark[name]},
        judged={
            name.removesuffix(_JUDGED): _counts(text)
            for name, text in texts.items()
            if is_mark[name] and name != _SPOT_JUDGED
        },
        tick_seq=_whole(texts.get(_SPOT_JUDGED, "")),
    )


def snapshot_from(
    chain: ChainId, meta: Mapping[bytes, bytes], contracts: Mapping[bytes, bytes]
) -> ChainSnapshot | None:
    """The chain behind what the store gave; None when it is not stored."""
    if b"epoch" not in meta or not contracts:
        return None
    numbers = {
        name: _whole(_text(meta.get(name.encode(), b"")))
        for name in ("epoch", "seq", "loaded_ms", "polled_ms")
    }
    numbers["polled_ms"] *= meta.get(b"quotes") == b"polled"
    texts = {_text(name): text for name, text in contracts.items()}
    return ChainSnapshot(
        chain=chain,
        state=_text(meta.get(b"state", b"")),
        contracts={name: texts[name] for name in sorted(texts)},
        is_delayed=meta.get(b"delayed") == b"1",
        **numbers,
    )


def _tick(text: bytes) -> WaitingTick | None:
    words = _text(text).split()
    try:
        tick = WaitingTick(int(words[0]), float(words[1]), _whole(words[2]), "delayed" in words[3:])
    except (ValueError, IndexError):
        return None
    return tick if 0 < tick.ts < _LATEST_MS and math.isfinite(tick.spot) and tick.spot > 0 else None


def _counts(text: str) -> Counts:
    return Counts(*map(_whole, text.split()[: len(Counts._fields)]))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


def _text(stored: bytes) -> str:
    """What stands there; what is no text is no name and no number either."""
    return stored.decode(errors="replace")
