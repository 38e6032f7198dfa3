"""A small Celery app for the tests of Flower's refresh page: stub tasks that report progress, and the page.

`REFRESH_STUB_URL` names the server; broker and results use databases 1 and 2 of it, the refresh log database 0.
"""

import json
import os
import time
from typing import Any

from celery import Celery, Task
from redis import Redis

from marketswarm import keys
from marketswarm.outlets.flower_page import install_refresh_page, running_flower

URL = os.environ["REFRESH_STUB_URL"]
STEPS = ("spot", "strikes", "contracts", "store")
HOLD = "stub:hold"
"""While this key holds a step's name, every task waits in that step."""

app = Celery("refresh_stub", broker=f"{URL}/1", backend=f"{URL}/2")
app.conf.update(
    worker_send_task_events=True, task_send_sent_event=True, broker_connection_retry_on_startup=True
)


def _work(task: Task, name: str, symbol: str, said: dict[str, Any]) -> dict[str, Any]:
    redis = Redis.from_url(f"{URL}/0", decode_responses=True)
    for done, step in enumerate(STEPS):
        task.update_state(state="PROGRESS", meta={"step": step, "done": done, "total": len(STEPS)})
        time.sleep(0.05)
        while redis.get(HOLD) == step:
            time.sleep(0.02)
    error = "no <b>such</b> expiration" if said.get("expiration") == "2001-01-01" else None
    report = {
        "symbol": symbol,
        "state": "failed" if error else "loaded",
        "reason": name,
        "contracts": 2 * (2 * said.get("strikes_each_side", 50) + 1),
        "task_id": task.request.id,
        **said,
    }
    record = {**report, "ts": 1_795_449_600_000, "took_ms": 600, "added": 4}
    redis.lpush(keys.REFRESHES, json.dumps(record | ({"error": error} if error else {})))
    if error:
        raise ValueError(error)
    return report


@app.task(name="chain.reload", bind=True)
def reload_chain(task: Task, symbol: str, **said: Any) -> dict[str, Any]:
    """Stand in for a reload."""
    return _work(task, "manual", symbol, said)


@app.task(name="chain.load", bind=True)
def load_chain(task: Task, symbol: str, **said: Any) -> dict[str, Any]:
    """Stand in for a load."""
    return _work(task, "startup", symbol, said)


def read_refreshes(count: int) -> list[dict[str, Any]]:
    """The newest entries of the refresh log."""
    return [json.loads(entry) for entry in Redis.from_url(f"{URL}/0").lrange(keys.REFRESHES, 0, count - 1)]


if running_flower():
    install_refresh_page(read_refreshes, ("SPX", "SPY"))
