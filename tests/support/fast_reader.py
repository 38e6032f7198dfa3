"""A reader in a process of its own, so that it reads as fast as the server answers, whatever the test is doing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from redis import Redis


@contextmanager
def reading_fast(url: str, chain: str) -> Iterator[dict[str, Any]]:
    """Read a chain all the time; afterwards the dictionary holds `reads`, and what `fallen` or was torn meanwhile."""
    told: dict[str, Any] = {}
    here, there = get_context("spawn").Pipe()
    reader = get_context("spawn").Process(target=_read, args=(url, chain, there))
    reader.start()
    try:
        here.recv()  # it reads
        yield told
        here.send("enough")
        told.update(here.recv())
    finally:
        reader.kill()
        reader.join()


def _read(url: str, chain: str, there: Connection) -> None:
    newest: dict[bytes, tuple[int, ...]] = {}
    reads, fallen = 0, []
    with Redis.from_url(url) as redis:
        there.send("reading")
        while not there.poll():
            reads += 1
            for name, text in redis.hgetall(chain).items():
                before, seen = newest.get(name, (0, 0, 0, 0)), _seen(text)
                if any(now < then for now, then in zip(seen, before, strict=True)):
                    fallen.append(f"{name.decode()} fell from {before} to {seen}: {text!r}")
                newest[name] = seen
    there.send({"reads": reads, "fallen": fallen})


def _seen(text: bytes) -> tuple[int, ...]:
    try:
        row = json.loads(text)
    except json.JSONDecodeError:
        return (-1, -1, -1, -1)
    return row["v"], row["ts"], row["quote"].get("bid", 0), row.get("trade", {}).get("price", 0)
