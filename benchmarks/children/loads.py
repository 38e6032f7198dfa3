"""A fresh process that loads, as a worker would after its start, and one that makes the same calls and nothing else.

Orders: `load` symbols in a thread each; `call` the same paths from as many threads.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from benchmarks.children.orders import serve_orders
from marketswarm.own_swarm import swarm


def load(symbols: list[str]) -> dict[str, Any]:
    """Seconds from before the first request until the last chain is committed, and the contracts of each."""
    began_s = time.perf_counter()
    with ThreadPoolExecutor(len(symbols)) as pool:
        reports = list(pool.map(_load_one, symbols))
    took_s = time.perf_counter() - began_s
    return {"took_s": took_s, "contracts": {report.symbol: report.contracts for report in reports}}


def call(rest: str, paths: list[str], threads: int) -> dict[str, Any]:
    """Seconds for the calls alone, shared out evenly among threads, each with one kept connection."""
    began_s = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        sizes = list(pool.map(lambda at: _call_all(rest, paths[at::threads]), range(threads)))
    return {"took_s": time.perf_counter() - began_s, "bytes": sum(sizes)}


def _load_one(symbol: str) -> Any:
    return swarm().load_chain(symbol, "startup", progress=lambda _step, _done, _total: None)


def _call_all(rest: str, paths: list[str]) -> int:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = "Bearer bench"
    size = 0
    for path in paths:
        answer = session.get(rest + path, timeout=15)
        answer.raise_for_status()
        size += len(answer.content)
    return size


def main() -> None:
    """Serve."""
    serve_orders({"load": load, "call": call})


if __name__ == "__main__":
    main()
