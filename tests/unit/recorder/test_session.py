"""session.json."""

import json

import pytest

from marketswarm.errors import RecordingError
from marketswarm.recorder.session import FILE, read_session
from tests.support.recordings import session


def test_what_is_written_is_read_again(tmp_path):
    """Every member, and nothing is left of the writing."""
    made = session(summary={"frames": 3})
    made.write(tmp_path)
    assert read_session(tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "is none: the folder holds no session.json"),
        ("[]", "is of another program"),
        ("{}", "is of another program"),
        ("{not json", "cannot be read"),
        (
            '{"format": "marketswarm-recording", "version": 9}',
            "has version 9 of the format; this program reads",
        ),
        ('{"format": "marketswarm-recording", "version": 1}', "lacks or misstates 'id'"),
    ],
)
def test_what_is_no_recording_is_named(tmp_path, text, said):
    """One clear line for each."""
    if text is not None:
        (tmp_path / FILE).write_text(text)
    with pytest.raises(RecordingError, match=said) as refused:
        read_session(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    """And so is one that is a file."""
    with pytest.raises(RecordingError, match="there is no such folder"):
        read_session(tmp_path / "none")


def test_it_is_plain_json(tmp_path):
    """Format and version come first, for whoever looks into it."""
    session().write(tmp_path)
    told = json.loads((tmp_path / FILE).read_text())
    assert list(told)[:2] == ["format", "version"]
    assert told["symbols"] == ["SPX"]
