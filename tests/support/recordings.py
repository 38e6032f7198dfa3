"""Recordings for tests: made entry by entry, with sound defaults."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from marketswarm.recorder.batch import batch_of
from marketswarm.recorder.blocks import FILE_HEAD, Block, packed
from marketswarm.recorder.entries import Deed, Entry, Exchange, Frames, Head
from marketswarm.recorder.session import Session

BEGUN_US = 1_795_449_600_000_000  # 2026-11-23 11:00 in New York, a Monday's session
TICKER = "O:SPXW261123C06800000"


def session(**fields) -> Session:
    """A session of SPX."""
    usual = {
        "id": "recording-1",
        "symbols": ("SPX",),
        "source": "sim",
        "settings": {"MARKETSWARM_SESSION": "always", "MARKETSWARM_STRIKES_EACH_SIDE": "2"},
        "begun_ms": BEGUN_US // 1000,
        "software": "0.0.0",
    }
    return Session(**usual | fields)


def frames(after_ms: int, *raws: bytes, link: int = 1) -> Frames:
    """Frames that arrived together, so many ms behind the beginning."""
    at_us = BEGUN_US + after_ms * 1000
    return Frames(at_us, after_ms / 1000, link, [after_ms / 1000] * len(raws), list(raws))


def quote(bid: float, after_ms: int, ticker: str = TICKER, **fields) -> dict:
    """A quote of one contract."""
    event = {"ev": "Q", "sym": ticker, "bp": bid, "ap": bid + 0.05, "bs": 1, "as": 2}
    return event | {"t": BEGUN_US // 1000 + after_ms, "q": after_ms} | fields


def frame(*events: dict) -> bytes:
    """Events as one raw frame."""
    return json.dumps(events, separators=(",", ":")).encode()


def exchange(after_ms: int, target: str, body: object, status: int = 200) -> Exchange:
    """One REST answer."""
    at_us = BEGUN_US + after_ms * 1000
    return Exchange(at_us, at_us - 1000, target, status, json.dumps(body).encode())


def deed(after_ms: int, name: str, *, effect_ms: int | None = None, failed: str = "", **arguments) -> Deed:
    """Something that a worker did."""
    at_us = BEGUN_US + after_ms * 1000
    effect_us = at_us if effect_ms is None else BEGUN_US + effect_ms * 1000
    return Deed(at_us, at_us, effect_us, name, arguments, failed)


def part_bytes(blocks: Iterable[Sequence[Entry]]) -> bytes:
    """The file of one process."""
    told = (Block(len(block), batch_of(*block).whole()) for block in blocks)
    return FILE_HEAD + b"".join(map(packed, told))


def make_recording(folder: Path, *parts: Sequence[Entry], **fields) -> Path:
    """A recording of so many processes, one block each."""
    folder.mkdir(parents=True, exist_ok=True)
    session(**fields).write(folder)
    for number, entries in enumerate(parts, 1):
        head = Head(BEGUN_US, 0.0, f"host:{number}")
        (folder / f"part-1-{number}.rec").write_bytes(part_bytes([[head], list(entries)]))
    return folder
