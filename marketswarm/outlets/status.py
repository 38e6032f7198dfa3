"""How things stand, per symbol: what `marketswarm status` prints and its exit code means. Reads nothing itself.

What is unknown is left out. A chain is called live only while a stream says so: the stored state of a stream that died, or of
a session that has begun without one, is shown as stale.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from marketswarm.model.chain import ChainMeta

FRESH, STALE, DOWN = 0, 3, 4
SPOT_STALE_MS: Final = 30_000
REPORT_STALE_MS: Final = (
    3_000  # a stream speaks once a second; its last word stays stored for longer than that
)
DELAY_MS: Final = 960_000  # the vendor's delay of 15 minutes, and a minute more
NO_SOURCE: Final = "none"

_FROM_REPORT: Final = (
    "updates_per_s",
    "lag_ms",
    "window_ms",
    "gaps",
    "gap_causes",
    "reconnects",
    "refused",
    "flagged",
)
_FROM_AUDIT: Final = (
    *("checked", "mismatched", "behind", "differs", "missing", "extra", "vendor_behind", "vendor_behind_ms"),
    *("repaired", "losses", "rate", "last", "error"),
)
_AUDIT_STALE_MS: Final = 600_000  # a rate that old says nothing of now
_FINE: Final = frozenset({"live", "closed"})


@dataclass(frozen=True, slots=True)
class SymbolReading:
    """What is stored of one symbol; empty where nothing is.

    Attributes:
        meta: the chain in force.
        spot: the newest one, as `newest_spot` gives it.
        report: what the stream says of the symbol; empty when none attends to it.
        failure: why its last load failed; empty when it did not.
        audit: what the audits of it have found; empty when there was none.
    """

    meta: ChainMeta | None = None
    spot: Mapping[str, str] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    audit: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SwarmReading:
    """One look at everything.

    Attributes:
        source: what the data is marked as; `NO_SOURCE` when nothing says so yet.
        in_session: whether the market is open now.
        now_ms: when it was looked.
        symbols: configured symbol → what is stored of it.
        heartbeat: counters of the spot heartbeat.
        bad_frames: reason → how many frames or events could not be used.
        error: why nothing could be read; None when something could.
    """

    source: str
    in_session: bool
    now_ms: int
    symbols: Mapping[str, SymbolReading] = field(default_factory=dict)
    heartbeat: Mapping[str, str] = field(default_factory=dict)
    bad_frames: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


def status_document(reading: SwarmReading) -> dict[str, Any]:
    """The reading as plain JSON values: `source`, `symbols`, `heartbeat`, `bad_frames`, and `error` when down."""
    document: dict[str, Any] = {
        "source": _source(reading),
        "symbols": {name: _symbol(seen, reading) for name, seen in reading.symbols.items()},
    }
    if reading.heartbeat:
        document["heartbeat"] = {name: int(value) for name, value in reading.heartbeat.items()}
    if reading.bad_frames:
        document["bad_frames"] = dict(reading.bad_frames)
    if reading.error is not None:
        document["error"] = reading.error
    return document


def exit_code(reading: SwarmReading) -> int:
    """`FRESH`, `STALE` when a chain or a spot is, `DOWN` when there is nothing to look at."""
    if reading.error is not None or not any(seen.meta for seen in reading.symbols.values()):
        return DOWN
    fresh = all(is_fresh(seen, reading) for seen in reading.symbols.values())
    return FRESH if fresh else STALE


def shown_state(meta: ChainMeta | None, report: Mapping[str, Any], *, in_session: bool) -> str:
    """The state that may be shown: a chain that nobody stored yet is loading, one that nobody attends to is not live."""
    return "loading" if meta is None else honest_state(meta.state, report, in_session=in_session)


def honest_state(stored: str, report: Mapping[str, Any], *, in_session: bool) -> str:
    """What is stored, unless only a stream that attends to the chain could know it: then what that stream says, or stale."""
    claims_too_much = stored == "live" or (stored == "closed" and in_session)
    return str(report.get("state", "stale")) if claims_too_much else stored


def reason_of(state: str, report: Mapping[str, Any]) -> str:
    """What a state means here, in words; empty for one that needs none."""
    if state == "gap":
        causes = ", ".join(f"{name} {count}" for name, count in report.get("gap_causes", {}).items())
        return f"updates were lost{f' ({causes})' if causes else ''}; it is repaired from a snapshot"
    if state == "stale" and not report:
        return "no stream attends to it"
    if state == "stale":
        return "nothing was heard of it for longer than its pace allows"
    return "its contracts are being loaded and subscribed" if state == "loading" and report else ""


def audit_told(audit: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    """What the audits found, with the age of the last one; a rate of long ago is left out."""
    if not audit:
        return {}
    age_ms = max(0, now_ms - int(audit.get("ts", 0)))
    told = {name: audit[name] for name in _FROM_AUDIT if audit.get(name) not in (None, "")}
    if age_ms > _AUDIT_STALE_MS:
        told.pop("rate", None)
    return told | {"age_ms": age_ms}


def attending(report: Mapping[str, Any], now_ms: int) -> Mapping[str, Any]:
    """The report of a stream that still speaks; empty when its last word is older than 3 s."""
    return report if now_ms - int(report.get("ts", now_ms)) <= REPORT_STALE_MS else {}


def newest_spot(tick: Mapping[str, str], meta: ChainMeta | None) -> Mapping[str, str]:
    """The last tick, or the spot that the chain was loaded with where there is no tick yet or an older one.

    A load does not keep where its spot came from: it asks the same sources as the tick just before it.
    """
    if meta is None or int(tick.get("ts", -1)) >= meta.loaded_ms:
        return tick
    source = {name: tick[name] for name in ("method", "delayed") if name in tick}
    return {"ts": str(meta.loaded_ms), "symbol": meta.chain.symbol, "spot": str(meta.spot)} | source


def spot_age_ms(spot: Mapping[str, str], now_ms: int) -> int | None:
    """Age of the price by the provider's own time where it gives one, else by the slot's."""
    moment = spot.get("as_of") or spot.get("ts")
    return None if moment is None else max(0, now_ms - int(moment))


def provenance(seen: SymbolReading, now_ms: int) -> dict[str, Any]:
    """How the data comes.

    `quotes` and, where they are polled, the ages of the last poll and of its newest quote; `delayed` where the vendor says so of
    anything; `spot_by`, the source of spot.
    """
    meta, told = seen.meta, dict[str, Any]()
    if meta is not None and meta.quotes:
        told["quotes"] = meta.quotes
    if meta is not None and meta.quotes in {"polled", "none"} and meta.polled_ms:
        told["polled_age_ms"] = max(0, now_ms - meta.polled_ms)
    if meta is not None and meta.quotes == "polled" and meta.quoted_ms:
        told["quotes_age_ms"] = max(0, now_ms - meta.quoted_ms)
    if (meta is not None and meta.delayed) or seen.report.get("delayed") or is_delayed_spot(seen.spot):
        told["delayed"] = True
    return told | ({"spot_by": seen.spot["method"]} if "method" in seen.spot else {})


def is_delayed_spot(spot: Mapping[str, str]) -> bool:
    """Whether the vendor gives that spot later than it happened."""
    return spot.get("delayed") == "1"


def spot_allowed_ms(spot: Mapping[str, str]) -> int:
    """How old a spot may be by the provider's time; what comes late is not stale for that."""
    return SPOT_STALE_MS + (DELAY_MS if is_delayed_spot(spot) else 0)


def is_fresh(seen: SymbolReading, reading: SwarmReading) -> bool:
    """Whether a symbol's chain is live, or closed as the market is, and its spot is not old."""
    state = shown_state(seen.meta, seen.report, in_session=reading.in_session)
    # Outside the session a price stands still; then the tick, not the price, tells whether the heartbeat goes on.
    spot = {"ts": seen.spot["ts"]} if state == "closed" and seen.spot else seen.spot
    age_ms = spot_age_ms(spot, reading.now_ms)
    return state in _FINE and age_ms is not None and age_ms <= spot_allowed_ms(seen.spot)


def _source(reading: SwarmReading) -> str:
    """What the stored data says of itself goes before what the settings say of the next."""
    stored = (seen.meta.source for seen in reading.symbols.values() if seen.meta)
    return str(next(stored, reading.source))


def _symbol(seen: SymbolReading, reading: SwarmReading) -> dict[str, Any]:
    known: dict[str, Any] = {"state": shown_state(seen.meta, seen.report, in_session=reading.in_session)}
    if seen.spot:
        known["spot"] = float(seen.spot["spot"])
        known["spot_age_ms"] = spot_age_ms(seen.spot, reading.now_ms)
    if seen.meta is not None:
        known["expiration"] = seen.meta.chain.expiration.isoformat()
        known["contracts"] = seen.meta.contracts
        known |= _window(seen.meta)
    known |= provenance(seen, reading.now_ms)
    if reason := reason_of(known["state"], seen.report):
        known["reason"] = reason
    if seen.failure and known["state"] not in _FINE:
        known["detail"] = seen.failure
    if audit := audit_told(seen.audit, reading.now_ms):
        known["audit"] = audit
    return known | {
        name: seen.report[name] for name in _FROM_REPORT if seen.report.get(name) not in (None, {})
    }


def _window(meta: ChainMeta) -> dict[str, Any]:
    """N of the window where it is known, and why it is smaller than what was asked for where it is."""
    told: dict[str, Any] = {"strikes_each_side": meta.strikes_each_side} if meta.strikes_each_side else {}
    if meta.notice:
        told |= {"strikes_asked": meta.strikes_asked, "notice": meta.notice}
    return told
