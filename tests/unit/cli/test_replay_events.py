"""What is said of a recording that was played; the events themselves are tested with the command in test_replay.py."""

import pytest

from marketswarm.cli.replay_events import show_events, tell_what_was_played
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.stored import Snapshots
from marketswarm.replaying import Played
from tests.support.recordings import frames, make_recording


@pytest.fixture
def recording(tmp_path):
    """One without a tick."""
    return Recording(make_recording(tmp_path / "recording", [frames(1, b"[]")]))


def played(**fields):
    """What came of a play."""
    return Played(Snapshots([], {}), 0, "", 1, 0, events=1_200, events_digest="ab12", judged=3_000, **fields)


def test_what_it_came_to_is_for_people(recording, capsys):
    """On standard error, so that standard output is for programs."""
    tell_what_was_played(played(), recording)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "3,000 ticks judged; 1,200 events, SHA-256 ab12\n")


def test_what_could_not_be_played_is_told(recording, capsys):
    """The first twenty lines of it, and how many more there are."""
    tell_what_was_played(played(unplayed=[f"load {at}" for at in range(23)]), recording)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == "not played: load 0"
    assert (len(lines), lines[-1]) == (22, "… and 3 more")


def test_an_interrupted_play_ends_quietly(recording, capsys, monkeypatch):
    """Ctrl-C at any moment: no traceback, and nothing said of what was not played to its end."""

    def interrupted(_recording, _manner):
        raise KeyboardInterrupt

    monkeypatch.setattr("marketswarm.replaying.play", interrupted)
    show_events(recording, None, as_json=True)
    assert capsys.readouterr() == ("", "")
