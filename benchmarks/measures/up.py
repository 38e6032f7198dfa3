"""From typing `marketswarm up` until every chain is live, and what the processes weigh then."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.rows import Bound, Row
from benchmarks.settings import SYMBOLS, BenchSettings, say
from benchmarks.started import environment, started, wait_until
from marketswarm.announcement import read_announcement
from tests.support.free_ports import free_port
from tests.support.valkey import running_valkey

_NAME = "up"
_PATIENCE_S, _LOOK_S = 120.0, 0.02
_WORDS = {"supervisor.leash": "leash", "valkey-server": "server", "simulator": "simulator", "flower": "flower", "--streams": "stream",
          "beat": "beat", "worker": "worker"}  # fmt: skip


def measure(settings: BenchSettings) -> list[Row]:
    """Without Flower and with it."""
    bare = _bare_worker(settings)
    rows = []
    for flower in (False, True):
        live_s, memory = _up(settings, flower=flower)
        name = "with Flower" if flower else "without Flower"
        rows.append(
            Row(measure=_NAME, what=f"all chains live, {name}", figure=live_s, unit="s", baseline=bare,
                beside="a bare Celery worker ready", must=Bound(60), short=not flower)
        )  # fmt: skip
        if flower:
            rows += [
                Row(measure=_NAME, what=f"memory of {part}", figure=memory[part], unit="MB")
                for part in sorted(memory)
            ]
            rows.append(Row(measure=_NAME, what="memory of all", figure=sum(memory.values()), unit="MB"))
    return rows


def _up(settings: BenchSettings, *, flower: bool) -> tuple[float, dict[str, float]]:
    name = "up-flower" if flower else "up-plain"
    folder = settings.room(name)
    env = environment(
        MARKETSWARM_STATE_DIR=str(folder / "state"),
        MARKETSWARM_FLOWER_PORT=str(free_port()),
        MARKETSWARM_HTTP_PORT=str(free_port()),
    )
    say(f"{_NAME}: {'with' if flower else 'without'} Flower")
    command = [sys.executable, "-m", "marketswarm", "up", "--sim", *([] if flower else ["--no-flower"])]
    with started(command, folder / "up.log", env, signal.SIGINT) as process:
        live_s = wait_until("live chains", lambda: _all_live(folder / "state", process), _PATIENCE_S, _LOOK_S)
        time.sleep(1 if settings.quick else 10)
        return live_s, _memory(process)


def _all_live(state_dir: Path, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"up ended with exit code {process.returncode}")
    url = read_announcement(state_dir).get("MARKETSWARM_REDIS_URL")
    if url is None:
        return False
    try:
        with Redis.from_url(url, decode_responses=True) as redis:
            days: Any = redis.hgetall("chaincurrent")
            return len(days) == len(SYMBOLS) and all(
                redis.hget(f"chainmeta:{symbol}:{day}", "state") == "live" for symbol, day in days.items()
            )
    except RedisError:  # announced, and not up yet
        return False


def _memory(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Part → resident MB, of `up` itself and all that it has started."""
    family = psutil.Process(process.pid)
    weights = {"up": family.memory_info().rss / 1e6}
    for member in family.children(recursive=True):
        line = " ".join(member.cmdline())
        name = next((name for word, name in _WORDS.items() if word in line), member.name())
        weights[name] = weights.get(name, 0.0) + member.memory_info().rss / 1e6
    return weights


def _bare_worker(settings: BenchSettings) -> float:
    say(f"{_NAME}: a bare worker of an empty app")
    log = settings.room(_NAME) / "bare.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "benchmarks.children.empty_app",
        "worker",
        "-n",
        "bare@%h",
        "--loglevel",
        "INFO",
    ]
    with running_valkey() as url, started(command, log, environment(BENCH_REDIS=url)):
        return wait_until("a ready worker", lambda: " ready." in log.read_text(), _PATIENCE_S, _LOOK_S)
