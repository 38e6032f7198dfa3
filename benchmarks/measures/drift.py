"""From the tick that sees spot leave its window until the new strikes are stored and subscribed."""

import json
import time
from typing import Any

from benchmarks.children.orders import Child
from benchmarks.quantiles import median
from benchmarks.rows import Bound, Row
from benchmarks.settings import SYMBOLS, BenchSettings, say
from benchmarks.stage import KEY, market_process
from tests.support.spine import Spine, spine

_NAME = "drift"
_JUMP = 0.02
_PERIOD_MS = 10_000
_LOOK_S = 0.005


def measure(settings: BenchSettings) -> list[Row]:
    """Jumps up and down in turn, each seen by the next tick."""
    times = settings.times(6)
    with market_process(settings, _NAME) as (market, bases):
        room = settings.room(_NAME)
        with spine(room, bases["rest"], bases["ws"], MASSIVE_API_KEY=KEY) as running:
            running.start_all()
            running.wait_live(*SYMBOLS, timeout_s=60)
            running.wait_for("a first slot", lambda: running.ticks(SYMBOLS[0]), 40)
            found = [_after_a_jump(running, market, turn) for turn in range(times)]
    stored = [after["stored"] for turn in found for after in turn.values()]
    subscribed = [after["subscribed"] for turn in found for after in turn.values()]
    what = f"tick → {{}}, median of {len(stored)}"
    return [
        Row(measure=_NAME, what=what.format("stored"), figure=median(stored), unit="s"),
        Row(measure=_NAME, what=what.format("subscribed"), figure=median(subscribed), unit="s",
            must=Bound(1.5), goal=Bound(0.5)),
        Row(measure=_NAME, what="tick → subscribed, slowest", figure=max(subscribed), unit="s",
            must=Bound(1.5), goal=Bound(0.5), short=False),
    ]  # fmt: skip


def _after_a_jump(running: Spine, market: Child, turn: int) -> dict[str, dict[str, float]]:
    """Symbol → seconds from its tick until its new strikes were stored, and until they were subscribed."""
    say(f"{_NAME}: jump {turn + 1}")
    _wait_for_middle_of_slot()
    newest: Any = running.redis.xrevrange("sse:chain-full", count=1)
    market.ask("jump", fraction=_JUMP if turn % 2 == 0 else 1 / (1 + _JUMP) - 1)
    confirmed_ms: dict[str, dict[int, int]] = {symbol: {} for symbol in SYMBOLS}
    end_s = time.monotonic() + 30
    while time.monotonic() < end_s:
        for symbol, seen in confirmed_ms.items():
            _note_confirmation(running, symbol, seen)
        done = _delays(running, newest[0][0], confirmed_ms)
        if len(done) == len(SYMBOLS):
            return done
        time.sleep(_LOOK_S)
    if not done:
        raise TimeoutError("no chain drifted in 30 s after a jump")
    return done


def _note_confirmation(running: Spine, symbol: str, seen: dict[int, int]) -> None:
    """Keep when the stream first said that it has subscribed an epoch: the time of its report."""
    epoch, ts = running.redis.hmget(f"stream:{symbol}", "served_epochs", "ts")
    if epoch is not None and ts is not None:
        for served in json.loads(epoch).values():
            seen.setdefault(served, json.loads(ts))


def _delays(
    running: Spine, after: str, confirmed_ms: dict[str, dict[int, int]]
) -> dict[str, dict[str, float]]:
    loads: Any = running.redis.xrange("sse:chain-full", min=f"({after}")
    done = {}
    for entry_id, load in loads:
        symbol = load["symbol"]
        if load["reason"] != "drift" or symbol in done:
            continue
        said = [ts for epoch, ts in confirmed_ms[symbol].items() if epoch >= int(load["epoch"])]
        if said:
            stored_ms = int(entry_id.partition("-")[0])
            tick_ms = _tick_before(running, symbol, stored_ms)
            done[symbol] = {
                "stored": (stored_ms - tick_ms) / 1000,
                "subscribed": (min(said) - tick_ms) / 1000,
            }
    return done


def _tick_before(running: Spine, symbol: str, moment_ms: int) -> int:
    entries: Any = running.redis.xrevrange("sse:timeseries", max=moment_ms, count=len(SYMBOLS) * 2)
    return next(int(name.partition("-")[0]) for name, tick in entries if tick["symbol"] == symbol)


def _wait_for_middle_of_slot() -> None:
    """So that the jump, and the load after the one before, meet no tick."""
    past_s = time.time() % (_PERIOD_MS / 1000)
    time.sleep((5 - past_s) % (_PERIOD_MS / 1000))
