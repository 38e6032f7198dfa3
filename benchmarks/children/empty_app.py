"""A Celery app with nothing in it: how long a bare worker takes to be ready."""

import os
from typing import Any

from celery import Celery

app: Any = Celery("empty_app", broker=os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/0"))
