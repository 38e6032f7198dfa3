"""Checks of what runs: workers, the streams, the heartbeat that beat drives."""

from typing import Final

from redis.exceptions import RedisError

from marketswarm.announcement import read_announcement
from marketswarm.cli.checks.finding import Finding
from marketswarm.errors import StoreUnavailable
from marketswarm.outlets.status import attending
from marketswarm.wiring import Swarm

_START: Final = "start `marketswarm up`, or `celery -A marketswarm worker -Q default`"
_START_STREAM: Final = "start `marketswarm up`, or `celery -A marketswarm worker -Q stream --streams`"
_START_BEAT: Final = "start `marketswarm up`, or `celery -A marketswarm beat`"
_BEAT_STALE_MS: Final = 30_000
_PING_S: Final = 1.0


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
