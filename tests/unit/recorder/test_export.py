"""A recording as a table."""

import sys
from datetime import date

import pyarrow.parquet as pq
import pytest

from marketswarm.errors import RecordingError
from marketswarm.recorder.export import COLUMNS, export_parquet
from marketswarm.recorder.recording import Recording
from marketswarm.recording_joint import decode_raw
from tests.support.recordings import BEGUN_US, TICKER, frame, frames, make_recording, quote

TRADE = {"ev": "T", "sym": TICKER, "x": 302, "p": 1.65, "s": 2, "t": BEGUN_US // 1000, "q": 7}
BAR = {"ev": "A", "sym": TICKER, "c": 2.06, "h": 2.1, "l": 2.0, "av": 8, "e": BEGUN_US // 1000}


@pytest.fixture
def recording(tmp_path) -> Recording:
    """A quote, a trade and a bar."""
    entry = frames(20, frame(quote(1.5, 10), TRADE), b"broken", frame(BAR, {"ev": "status", "status": "x"}))
    return Recording(make_recording(tmp_path / "recording", [entry]))


def test_each_event_is_a_row_of_its_kind(recording, tmp_path):
    """Typed columns; what an event does not have is null."""
    assert export_parquet(recording, tmp_path / "out.parquet", decode_raw) == 3
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column_names == list(COLUMNS)
    one, trade, bar = table.to_pylist()
    assert (one["kind"], one["bid"], one["ask"], one["bid_size"], one["price"]) == (
        "quote",
        1.5,
        1.55,
        1,
        None,
    )
    assert (one["symbol"], one["root"], one["type"], one["strike"]) == ("SPX", "SPXW", "call", 6800.0)
    assert one["expiration"] == date(2026, 11, 23)
    assert (one["ts_recv"] - one["ts_provider"]).total_seconds() == 0.01
    assert (trade["kind"], trade["price"], trade["size"], trade["exchange"], trade["bid"]) == (
        *("trade", 1.65, 2, 302),
        None,
    )
    assert (bar["kind"], bar["close"], bar["day_volume"], bar["day_open"]) == ("bar", 2.06, 8, None)


def test_without_pyarrow_it_says_what_to_install(recording, tmp_path, monkeypatch):
    """One clear line."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RecordingError, match=r"pip install 'marketswarm\[parquet\]'"):
        export_parquet(recording, tmp_path / "out.parquet", decode_raw)


def test_a_file_that_cannot_be_written_is_named(recording, tmp_path):
    """And nothing is left behind."""
    with pytest.raises(RecordingError, match="cannot be written"):
        export_parquet(recording, tmp_path / "none" / "out.parquet", decode_raw)
    assert not (tmp_path / "none").exists()
