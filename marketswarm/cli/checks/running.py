"""Checks of what runs: workers, the streams, the heartbeat that beat drives."""

from collections.abc import Mapping
from typing import Any, Final

from redis.exceptions import RedisError

from marketswarm.announcement import read_announcement
from marketswarm.cli.checks.finding import Finding, counted
from marketswarm.errors import StoreUnavailable
from marketswarm.outlets.status import attending, audit_told
from marketswarm.wiring import Swarm

_START: Final = "start `marketswarm up`, or `celery -A marketswarm worker -Q default`"
_START_STREAM: Final = "start `marketswarm up`, or `celery -A marketswarm worker -Q stream --streams`"
_START_BEAT: Final = "start `marketswarm up`, or `celery -A marketswarm beat`"
_MORE_ROOM: Final = "set fewer MARKETSWARM_SYMBOLS, fewer MARKETSWARM_EXPIRATIONS, or more MARKETSWARM_CONNECTIONS if the account has them"
_BEAT_STALE_MS: Final = 30_000
_PING_S: Final = 1.0
_MISMATCH_ALLOWED: Final = 0.001  # of the compared sections; repaired in passing


def check_workers(swarm: Swarm) -> Finding:
    """At least one Celery worker answers."""
    from marketswarm.app import app  # noqa: PLC0415  where no server runs there is nothing to import Celery for

    try:
        answers = app.control.ping(timeout=_PING_S)
    except (RedisError, OSError) as error:
        return Finding("workers", "fail", str(error), _fix(swarm, _START))
    names = sorted(name for answer in answers or () for name in answer)
    if not names:
        return Finding("workers", "fail", "none answers", _fix(swarm, _START))
    return Finding("workers", "ok", ", ".join(names))


def check_streams(swarm: Swarm) -> Finding:
    """A stream attends to every symbol."""
    try:
        now_ms, reports = swarm.clock.now_ms(), swarm.reports
        alone = [name for name in swarm.settings.symbols if not attending(reports.read(name), now_ms)]
    except StoreUnavailable as error:
        return Finding("streams", "fail", str(error), _fix(swarm, _START_STREAM))
    if alone:
        return Finding(
            "streams", "fail", f"no stream attends to {', '.join(alone)}", _fix(swarm, _START_STREAM)
        )
    return Finding("streams", "ok", f"attend to {', '.join(swarm.settings.symbols)}")


def check_audit(swarm: Swarm) -> Finding:
    """What is stored agrees with the vendor's snapshots, as far as the last ten minutes' audits have compared."""
    try:
        now_ms = swarm.clock.now_ms()
        found = {symbol: audit_told(swarm.audits.told(symbol), now_ms) for symbol in swarm.settings.symbols}
    except StoreUnavailable as error:
        return Finding("audit", "fail", str(error), _fix(swarm, _START))
    if not swarm.in_session(now_ms):
        return Finding("audit", "skip", "the market is closed")
    return audit_finding(found)


def audit_finding(found: Mapping[str, Mapping[str, Any]]) -> Finding:
    """What to say of what the audits of each symbol have found."""
    failed = [f"{symbol}: {audit['error']}" for symbol, audit in found.items() if "error" in audit]
    rates = {symbol: audit["rate"] for symbol, audit in found.items() if "rate" in audit}
    if failed:
        return Finding(
            "audit", "warn", "; ".join(failed), "see what `marketswarm status` says of the provider"
        )
    if not rates:
        return Finding("audit", "skip", "nothing was compared in the last ten minutes")
    wrong = {symbol: rate for symbol, rate in rates.items() if rate > _MISMATCH_ALLOWED}
    if wrong:
        told = ", ".join(f"{symbol} {rate:.2%}" for symbol, rate in wrong.items())
        fix = "updates are lost on the way: see `gaps` and `lag` in `marketswarm status`, and the stream worker's log"
        return Finding("audit", "warn", f"not as the vendor has it: {told}", fix)
    told = ", ".join(f"{symbol} {1 - rate:.2%}" for symbol, rate in rates.items())
    return Finding("audit", "ok", f"as the vendor has it: {told}")


def check_windows(swarm: Swarm) -> Finding:
    """Every window has as many strikes as it was asked for."""
    try:
        metas = [holding.meta for holding in swarm.allotment.holdings()]
    except StoreUnavailable as error:
        return Finding("windows", "fail", str(error), _fix(swarm, _START))
    if short := [meta for meta in metas if meta.notice]:
        names = ", ".join(
            f"{meta.chain} ±{meta.strikes_each_side} of ±{meta.strikes_asked}" for meta in short
        )
        return Finding("windows", "warn", names, _MORE_ROOM)
    chains = counted(len(metas), "chain")
    return Finding("windows", "ok", f"{sum(meta.contracts for meta in metas):,} contracts in {chains}")


def check_heartbeat(swarm: Swarm) -> Finding:
    """The spot heartbeat has beaten lately, which takes beat, a worker and the provider."""
    try:
        slot = swarm.spots.heartbeat().get("slot")
    except StoreUnavailable as error:
        return Finding("heartbeat", "fail", str(error), _fix(swarm, _START_BEAT))
    age_ms = swarm.clock.now_ms() - int(slot or 0)
    if slot is None or age_ms > _BEAT_STALE_MS:
        detail = "never" if slot is None else f"{age_ms / 1000:.0f} s ago"
        return Finding("heartbeat", "fail", f"last: {detail}", _fix(swarm, _START_BEAT))
    return Finding("heartbeat", "ok", f"last: {age_ms / 1000:.0f} s ago")


def _fix(swarm: Swarm, start: str) -> str:
    """What to start; where an `up` runs already, where it says what goes wrong."""
    state_dir = swarm.settings.state_dir
    if not read_announcement(state_dir):
        return start
    return f"`up` runs: mend what `marketswarm status` names, and see its logs in {state_dir / 'logs'}"
