"""`marketswarm replay`: what it refuses, and its check; serving is tested in tests/unit/recorder/test_replay_server.py."""

import json

import pytest

from marketswarm.logs import only_errors
from marketswarm.recorder.entries import Cut
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.stored import StoredChains, write_snapshots
from marketswarm.replaying import Manner, play
from tests.support.builders import SPX, contract
from tests.support.recorded_market import record_market
from tests.support.recordings import BEGUN_US, frame, frames, make_recording, quote


@pytest.fixture
def folder(redis, commit, tmp_path):
    """A recording of one quote whose end was recorded as a replay gives it."""
    commit([contract(6800)])
    entries = [Cut(BEGUN_US, "begin", ["SPX"]), frames(100, frame(quote(2.5, 100)))]
    made = make_recording(tmp_path / "recording", [*entries, Cut(BEGUN_US + 200_000, "end", ["SPX"])])
    begin = StoredChains(redis, lambda _symbol: [SPX]).read(["SPX"])
    write_snapshots(made, "begin", begin, lambda data: data)
    with only_errors():
        end = play(Recording(made)).chains
    write_snapshots(made, "end", end, lambda data: data)
    return made


@pytest.fixture
def market(redis, store, clock, commit, tmp_path):
    """A minute of a whole chain, in which spot leaps."""
    spots = [6800.0, 6800.5, 6801.0, 6804.0, 6850.0, 6852.0]
    return record_market(tmp_path / "market", redis, store, clock, commit, spots)


def test_a_recording_that_gives_its_chains_passes(cli, folder):
    """Exit code 0, with the digest of the feed; the same one each time."""
    told = [json.loads(cli("replay", str(folder), "--check", "--json").out) for _ in range(2)]
    assert told[0] == told[1]
    assert (told[0]["equal"], told[0]["contracts"], told[0]["frames"]) == (True, 1, 1)
    assert len(told[0]["feed_digest"]) == 64
    done = cli("replay", str(folder), "--check")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "1 chains, 1 contracts: equal to the recorded ones"


def test_a_difference_is_printed_and_fails(cli, folder):
    """Exit code 1, with both values."""
    part = folder / "part-1-1.rec"
    part.unlink()
    make_recording(folder, [Cut(BEGUN_US, "begin", ["SPX"]), frames(100, frame(quote(3.5, 100)))])
    done = cli("replay", str(folder), "--check")
    assert done.code == 1
    assert 'quote: recorded {"bid":2.5,' in done.out
    assert "NOT equal to the recorded ones" in done.out


def test_events_are_printed_as_they_stand_in_the_stream(cli, market):
    """One a line, the same bytes at any speed; the digest that the check has, too, is on standard error."""
    told, printed = [], cli("replay", str(market), "--events", "--json")
    with only_errors():
        played = play(Recording(market), Manner(told=told.append))
    assert printed.code == 0
    assert printed.out.encode().splitlines() == told
    assert cli("replay", str(market), "--events", "--json", "--speed", "200").out == printed.out
    assert printed.err == f"6 ticks judged; {len(told)} events, SHA-256 {played.events_digest}\n"


def test_events_are_shown_to_people(cli, market):
    """As `marketswarm events` shows them."""
    lines = cli("replay", str(market), "--events").out.splitlines()
    assert lines[0].startswith("New York")
    assert lines[1] == "Monday 2026-11-23"
    assert any("Spot jumped" in line and "11:00:" in line for line in lines[2:])


@pytest.mark.parametrize("words", [["--check"], ["--loop"], ["--from", "11:00"]])
def test_events_are_played_once_and_whole(cli, folder, words):
    """What says otherwise is wrong use."""
    done = cli("replay", str(folder), "--events", *words)
    assert (done.code, f"{words[0]}: not with --events" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--speed", "0"], 2, "speed is '0'; allowed: max, or a number above 0"),
        (["--events", "--speed", "soon"], 2, "speed is 'soon'; allowed: max, or a number above 0"),
        (
            ["--from", "noon"],
            2,
            "--from is 'noon'; allowed: a time of day in New York from 11:00:00 to 11:00:00",
        ),
        (["--from", "15:59"], 2, "--from is '15:59'; allowed: a time of day"),
    ],
)
def test_wrong_use_is_named(cli, folder, words, code, said):
    """One line with what is allowed."""
    done = cli("replay", str(folder), *words)
    assert (done.code, said in done.err) == (code, True)


def test_what_is_no_recording_is_named(cli, tmp_path):
    """One line, exit code 2: a path that is no recording is wrong use."""
    done = cli("replay", str(tmp_path))
    assert done.code == 2
    assert "is none: the folder holds no session.json" in done.err
