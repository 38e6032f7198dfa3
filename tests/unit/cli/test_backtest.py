"""`marketswarm vigil backtest`: a recording under thresholds."""

import json

import pytest

from marketswarm.logs import only_errors
from marketswarm.recorder.recording import Recording
from marketswarm.replaying import Manner, play
from marketswarm.vigil.registry import DETECTORS
from tests.support.recorded_market import record_market
from tests.support.recordings import frames, make_recording


@pytest.fixture
def market(redis, store, clock, commit, tmp_path):
    """A minute of a whole chain, in which spot leaps."""
    spots = [6800.0, 6800.5, 6801.0, 6804.0, 6830.0, 6832.0]
    return record_market(tmp_path / "market", redis, store, clock, commit, spots)


@pytest.fixture
def strict(tmp_path):
    """Thresholds under which no leap is a jump."""
    path = tmp_path / "strict.toml"
    path.write_text("[jump]\nmoves = 1.0\n")
    return path


def test_what_each_detector_would_have_told(cli, market):
    """As the workers would: the events of a replay, counted; all detectors are named."""
    told = []
    with only_errors():
        played = play(Recording(market), Manner(told=told.append))
    done = cli("vigil", "backtest", str(market), "--json", "--events")
    found = json.loads(done.out)

    assert (done.code, done.err) == (0, "")
    assert found["told"] == [json.loads(event) for event in told]
    assert (found["events_digest"], found["events"], found["judged"]) == (
        played.events_digest,
        len(told),
        6,
    )
    assert {row["detector"] for row in found["detectors"]} == {one.name for one in DETECTORS}
    assert sum(row["begun"] for row in found["detectors"]) == sum(
        event["state"] == "enter" for event in found["told"]
    )


def test_other_thresholds_tell_other_events(cli, market, strict, environment):
    """Of a file on the command line; unless it is given, of the one that the setting names."""

    def types(*words):
        found = json.loads(cli("vigil", "backtest", str(market), "--json", *words).out)
        return {row["type"] for row in found["detectors"] if row["begun"]}, found.get("thresholds")

    usual, _ = types()
    told, named = types("--thresholds", str(strict))
    environment.setenv("MARKETSWARM_VIGIL_THRESHOLDS", str(strict))
    assert "spot_jump" in usual - told
    assert named == str(strict)
    assert types() == (told, None)


def test_a_table_for_people(cli, market):
    """Detector, type, numbers and times; with --events the list before it."""
    table = cli("vigil", "backtest", str(market))
    lines = [line.split() for line in table.out.splitlines()]
    (jump,) = (line for line in lines if "spot_jump" in line)
    assert lines[0] == ["detector", "type", "begun", "updates", "ended", "highest", "first", "last"]
    assert jump[:3] == ["jump", "spot_jump", "1"]
    assert jump[-4:] == ["11-23", "11:00:40", "11-23", "11:00:40"]
    assert ["clusters", "nothing"] in lines
    assert "6 ticks judged; " in table.err
    listed = cli("vigil", "backtest", str(market), "--events").out
    assert "Spot jumped" in listed
    assert listed.endswith(table.out)


def test_wrong_thresholds_are_one_line(cli, tmp_path, environment):
    """Exit code 2, before the recording is looked at; also those that the setting names."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[drift]\nmakro = 1\n")
    done = cli("vigil", "backtest", "nowhere", "--thresholds", str(wrong))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"{wrong}: the threshold is 'drift.makro'; allowed: one of " in done.err
    environment.setenv("MARKETSWARM_VIGIL_THRESHOLDS", str(wrong))
    folder = make_recording(tmp_path / "recording", [frames(1, b"[]")])
    done = cli("vigil", "backtest", str(folder))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("marketswarm: MARKETSWARM_VIGIL_THRESHOLDS is ")


def test_a_damaged_recording_is_one_line(cli, tmp_path):
    """Exit code 2: what is none, and what is damaged in its middle."""
    folder = make_recording(tmp_path / "recording", [frames(at, b"[]") for at in range(9)])
    part = folder / "part-1-1.rec"
    data = bytearray(part.read_bytes())
    data[30] ^= 0xFF
    part.write_bytes(data)
    for path in (folder, tmp_path / "nothing"):
        done = cli("vigil", "backtest", str(path))
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert done.err.startswith(f"marketswarm: PATH is '{path}'; allowed: a recording that can be read; ")
