"""A Celery app with Celery's own ten-second schedule and one task that writes one entry: the baseline of the heartbeat.

`BENCH_REDIS` names the server; the broker is its database 1.
"""

import os
from typing import Any

from celery import Celery
from redis import Redis

_URL = os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/0")

app: Any = Celery("plain_beat", broker=f"{_URL.rpartition('/')[0]}/1")
app.conf.beat_schedule = {"tick": {"task": "plain.tick", "schedule": 10.0}}
app.conf.worker_pool = "threads"
app.conf.task_ignore_result = True
_redis = Redis.from_url(_URL)


@app.task(name="plain.tick")  # type: ignore[untyped-decorator]
def tick() -> None:
    """Write an entry; its id is its time."""
    _redis.xadd("plain:ticks", {"of": "celery"})
