"""A recording as a table: one row for each quote, trade and bar, in Parquet."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET

from marketswarm.errors import RecordingError
from marketswarm.model.ticker import BadTicker, OptionTicker, is_standard_root, parse_option_ticker
from marketswarm.model.update import BarUpdate, QuoteUpdate, TradeUpdate, Update
from marketswarm.ports import BadFrames
from marketswarm.recorder.entries import Frames
from marketswarm.recorder.recording import Recording

Decode = Callable[[bytes], tuple[Sequence[Update], BadFrames | None]]

ROWS_A_GROUP: Final = 200_000
_NUMBERS: Final = {
    QuoteUpdate: ("bid", "ask", "bid_size", "ask_size", "seq"),
    TradeUpdate: ("price", "size", "exchange", "seq"),
    BarUpdate: ("close", "high", "low", "day_open", "day_volume", "day_vwap"),
}
_KINDS: Final = {QuoteUpdate: "quote", TradeUpdate: "trade", BarUpdate: "bar"}
COLUMNS: Final = {
    "kind": "string",
    "ts_provider": "timestamp",
    "ts_recv": "timestamp",
    "ticker": "string",
    "symbol": "string",
    "root": "string",
    "expiration": "date",
    "strike": "double",
    "type": "string",
    "bid": "double",
    "ask": "double",
    "bid_size": "int64",
    "ask_size": "int64",
    "price": "double",
    "size": "int64",
    "exchange": "int64",
    "close": "double",
    "high": "double",
    "low": "double",
    "day_open": "double",
    "day_volume": "double",
    "day_vwap": "double",
    "seq": "int64",
}
"""Column → its type; what an event does not have is null. Times are UTC, `ts_recv` in µs, `ts_provider` the vendor's ms."""


def export_parquet(recording: Recording, target: Path, decode: Decode) -> int:
    """Write a recording's events as one Parquet file; how many.

    Raises:
        RecordingError: when pyarrow is missing, or the file cannot be written.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415  optional
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ModuleNotFoundError:
        raise RecordingError(
            str(target), "Parquet needs pyarrow: pip install 'marketswarm[parquet]'"
        ) from None
    schema = pa.schema([(name, _type(pa, kind)) for name, kind in COLUMNS.items()])
    rows = 0
    new = target.with_name(f"{target.name}.new")
    try:
        with pq.ParquetWriter(new, schema, compression="zstd") as writer:
            for group in _groups(events(recording, decode)):
                columns = {name: [row.get(name) for row in group] for name in COLUMNS}
                writer.write_table(pa.table(columns, schema=schema))
                rows += len(group)
        new.replace(target)
    except OSError as error:
        raise RecordingError(str(target), f"cannot be written ({error.strerror or error})") from error
    finally:
        new.unlink(missing_ok=True)
    return rows


def events(recording: Recording, decode: Decode) -> Iterator[dict[str, Any]]:
    """Every usable event of a recording as a row, in the order in which they arrived."""
    symbols = recording.session.symbols
    for entry in recording.entries():
        if isinstance(entry, Frames):
            for at_us, raw in entry.arrivals():
                for update in decode(raw)[0]:
                    yield _row(update, at_us, symbols)


def _row(update: Update, at_us: int, symbols: tuple[str, ...]) -> dict[str, Any]:
    kind = next(each for each in _KINDS if isinstance(update, each))
    row = {"kind": _KINDS[kind], "ts_provider": update.ts * 1000, "ts_recv": at_us, "ticker": update.ticker}
    row |= _identity(update.ticker, symbols)
    numbers = {name: getattr(update, name) for name in _NUMBERS[kind]}
    return row | {name: value for name, value in numbers.items() if value is not UNSET}


@lru_cache(maxsize=10_000)
def _identity(ticker: str, symbols: tuple[str, ...]) -> dict[str, Any]:
    try:
        parsed: OptionTicker = parse_option_ticker(ticker)
    except BadTicker:
        return {}
    found = [name for name in symbols if is_standard_root(parsed.root, name, is_index=True)]
    return {
        "symbol": max(found, key=len, default=None),
        "root": parsed.root,
        "expiration": parsed.expiration,
        "strike": parsed.strike,
        "type": parsed.type,
    }


def _groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    for row in rows:
        group.append(row)
        if len(group) == ROWS_A_GROUP:
            yield group
            group = []
    if group:
        yield group


def _type(pa: Any, kind: str) -> Any:
    if kind == "timestamp":
        return pa.timestamp("us", tz="UTC")
    return {"string": pa.string(), "date": pa.date32(), "double": pa.float64(), "int64": pa.int64()}[kind]
