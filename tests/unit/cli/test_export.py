"""`marketswarm export`."""

import json

from tests.support.recordings import frame, frames, make_recording, quote


def test_a_recording_becomes_a_file(cli, tmp_path):
    """It says how many rows, and what was cut off."""
    folder = make_recording(tmp_path / "recording", [frames(1, frame(quote(1.5, 1), quote(1.6, 2)))])
    part = folder / "part-1-1.rec"
    part.write_bytes(part.read_bytes() + b"torn")
    target = tmp_path / "out.parquet"
    done = cli("export", str(folder), "--parquet", str(target), "--json")
    assert json.loads(done.out) == {"path": str(target), "rows": 2}
    assert "its last 4 bytes are left out" in done.err
    assert target.is_file()


def test_what_is_no_recording_is_named(cli, tmp_path):
    """One line, exit code 2: a path that is no recording is wrong use."""
    done = cli("export", str(tmp_path), "--parquet", "out")
    assert done.code == 2
    assert "is none: the folder holds no session.json" in done.err
