"""A recording played through the real stages in virtual time."""

import json
import time

import pytest

from marketswarm import keys
from marketswarm.chain.reports import StreamReports
from marketswarm.errors import RecordingError, SettingsError
from marketswarm.recorder.entries import Cut
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.stored import StoredChains, write_snapshots
from marketswarm.replaying import Manner, Player, play, recorded_end, replay_settings
from tests.support.builders import SPX, contract
from tests.support.recorded_market import heartbeat, record_market
from tests.support.recordings import (
    BEGUN_US,
    TICKER,
    deed,
    exchange,
    frame,
    frames,
    make_recording,
    quote,
    session,
)


@pytest.fixture
def folder(redis, commit, tmp_path):
    """A stored chain of two contracts, and quotes of one of them; the other one was never listed."""
    commit([contract(6800), contract(6805, "put")])
    entries = [Cut(BEGUN_US, "begin", ["SPX"])]
    entries += [
        frames(10 * at, frame(quote(2 + at, 10 * at), quote(9, 10 * at, "O:SPXW261123C06810000")))
        for at in range(1, 51)
    ]
    entries += [frames(510, b"not json"), Cut(BEGUN_US + 600_000, "end", ["SPX"])]
    made = make_recording(tmp_path / "recording", entries)
    found = StoredChains(redis, lambda _symbol: [SPX]).read(["SPX"])
    write_snapshots(made, "begin", found, lambda data: data)
    redis.flushall()
    return made


def test_the_last_recorded_values_are_stored(folder, redis, valkey_url):
    """Frames go through decoder, conflation and scripts; what was never listed stays out."""
    played = Player(Recording(folder), valkey_url).play()
    (chain,) = played.chains.chains
    assert len(chain.contracts) == 2
    stored = json.loads(chain.contracts[TICKER])
    assert (stored["quote"]["bid"], stored["quote"]["bid_size"]) == (52, 1)
    assert stored["quote"]["ts"] == BEGUN_US // 1000 + 500
    assert (played.frames, played.unplayed) == (51, [])
    # 500 ms of quotes in windows of 50 ms: the feed holds what was conflated, not each of them
    assert 5 <= played.entries <= 20


def test_the_same_recording_gives_the_same_bytes(folder, redis, valkey_url):
    """Chains and every entry of the feed, on servers of their own and of others."""
    first = Player(Recording(folder), valkey_url).play()
    second = play(Recording(folder))
    assert (second.digest, second.entries) == (first.digest, first.entries)
    assert [chain.contracts for chain in second.chains.chains] == [
        chain.contracts for chain in first.chains.chains
    ]


def test_what_cannot_be_played_is_told(folder, redis, valkey_url):
    """A load whose answers are not in the recording; one that failed when it was recorded is left out."""
    told = {
        "symbol": "SPX",
        "reason": "manual",
        "strikes_each_side": None,
        "expiration": None,
        "ahead": False,
    }
    make_recording(
        folder,
        [entry for entry in Recording(folder).entries() if entry.at_us <= BEGUN_US],
        [deed(100, "load", failed="no spot", **told), deed(200, "load", **told), frames(300, b"[]")],
    )
    played = Player(Recording(folder), valkey_url).play()
    (line,) = played.unplayed
    assert line.startswith("load SPX: ")


def test_a_poll_without_its_answers_is_told(folder, redis, valkey_url):
    """Quotes that were polled are not streamed, and the report of the stream says so in a replay, too."""
    make_recording(folder, [frames(50, b"[]"), deed(100, "poll", symbol="SPX"), frames(1300, b"[]")])
    played = Player(Recording(folder), valkey_url).play()
    (line,) = played.unplayed
    assert line.startswith("poll SPX: ")
    assert redis.exists(keys.polled("SPX"))
    assert StreamReports(redis, "test").streamed_sections("SPX") == ["trade", "day"]


def test_ticks_are_played_with_the_recorded_answers(folder, redis, valkey_url):
    """Spot comes out of the body that the vendor gave."""
    row = {"ticker": "I:SPX", "value": 6801.5, "last_updated": (BEGUN_US - 1) * 1000, "type": "indices"}
    target = "/v3/snapshot?ticker.any_of=I:SPX&limit=250"
    slot = BEGUN_US // 10_000_000 * 10_000
    make_recording(
        folder,
        [exchange(90, target, {"status": "OK", "results": [row]}), deed(100, "tick", slot=slot)],
        [frames(300, b"[]")],
    )
    played = Player(Recording(folder), valkey_url).play()
    assert (played.deeds, played.unplayed) == (1, [])
    assert played.chains.beside["spot:SPX"]["spot"] == "6801.5"


def test_the_same_recording_gives_the_same_events(folder, redis, valkey_url):
    """Each tick that is played is evaluated at once: that two contracts tell nothing is told, with the same bytes every time."""
    target = "/v3/snapshot?ticker.any_of=I:SPX&limit=250"
    first_slot, entries = BEGUN_US // 10_000_000 * 10_000, []
    for step in range(12):
        slot, spot = first_slot + 10_000 * step, 6801.5 + step % 3
        row = {"ticker": "I:SPX", "value": spot, "last_updated": slot * 1_000_000, "type": "indices"}
        at_ms = slot - BEGUN_US // 1000 + 4000
        entries += [
            exchange(at_ms, target, {"status": "OK", "results": [row]}),
            deed(at_ms + 10, "tick", slot=slot),
        ]
    make_recording(folder, entries, [frames(150_000, b"[]")])
    first = Player(Recording(folder), valkey_url).play()
    told = [fields[b"event"] for _, fields in redis.xrange("vigil:events")]
    second = play(Recording(folder))

    assert (first.deeds, first.unplayed, first.events) == (12, [], len(told))
    assert any(b'"type":"data_quality"' in event for event in told)
    assert redis.hexists("vigil:levels:SPX", "spot")
    assert (second.events_digest, second.events) == (first.events_digest, first.events)


@pytest.fixture
def market(redis, store, clock, commit, tmp_path):
    """A minute and a half of a whole chain."""
    spots = [6800.0, 6800.5, 6801.0, 6800.0, 6800.5, 6804.0, 6808.0, 6812.0, 6816.0]
    return record_market(tmp_path / "market", redis, store, clock, commit, spots)


def events_of(folder, **manner):
    """The events of a recording as they are told, and what came of it."""
    told = []
    played = play(Recording(folder), Manner(told=told.append, **manner))
    return told, played


def test_the_same_recording_gives_the_same_events_at_any_speed(market):
    """Byte for byte: as fast as can be, twice, and in a hundredth of its time."""
    told, played = events_of(market)
    again, paced = events_of(market), events_of(market, speed=100.0)

    assert "key_strike" in {json.loads(event)["type"] for event in told}
    assert again[0] == paced[0] == told
    assert again[1].events_digest == paced[1].events_digest == played.events_digest
    assert paced[1].digest == played.digest
    assert (played.judged, played.unplayed, played.events) == (9, [], len(told))


def test_events_are_the_same_in_real_time(folder, tmp_path):
    """Each is told when its moment has come, and not before."""
    make_recording(folder, heartbeat(0, 6801.5) + heartbeat(1, 6802.5), [frames(100, b"[]")])
    (tmp_path / "soon.toml").write_text("[quality]\ndwell = 1\n")
    begun_s, told_s = time.monotonic(), []
    told = []

    def tell(event):
        told.append(event)
        told_s.append(time.monotonic() - begun_s)

    thresholds = tmp_path / "soon.toml"
    paced = play(Recording(folder), Manner(speed=1.0, thresholds=thresholds, told=tell))
    lasted_s = time.monotonic() - begun_s

    assert (paced.judged, [json.loads(event)["type"] for event in told]) == (2, ["data_quality"])
    assert (told, paced.events_digest) == (
        (at_once := events_of(folder, thresholds=thresholds))[0],
        at_once[1].events_digest,
    )
    assert told_s[0] < 9.9 < lasted_s


def test_chains_are_live_from_the_beginning(market, redis, valkey_url):
    """They were read between two frames: the load that the stream asks for when it has subscribed was made before."""
    Player(Recording(market), valkey_url).play()
    [(_, entry)] = redis.xrange("sse:chain-full")
    assert (entry[b"symbol"], entry[b"contracts"], entry[b"key"]) == (
        b"SPX",
        b"82",
        b"chain:SPX:2026-11-23",
    )
    assert json.loads(redis.hget("vigil:levels:SPX", "quality"))["chain_state"] == "live"


def test_what_is_reached_is_told(folder, redis, valkey_url):
    """Turn by turn, so that somebody can see how far it is."""
    reached = []
    Player(Recording(folder), valkey_url, Manner(reached=reached.append)).play()
    assert reached == sorted(reached)
    assert reached[-1] == BEGUN_US // 1000 + 600


def test_wrong_thresholds_are_refused_before_anything_is_played(folder, redis, valkey_url, tmp_path):
    """In the words of the setting."""
    (tmp_path / "wrong.toml").write_text("[quality]\ndwell = 0\n")
    with pytest.raises(SettingsError, match=r"quality\.dwell is greater"):
        Player(Recording(folder), valkey_url, Manner(thresholds=tmp_path / "wrong.toml"))


def test_a_recording_without_an_end_has_nothing_to_compare_with(tmp_path):
    """The process that streamed was killed."""
    with pytest.raises(RecordingError, match="holds no chains of its end"):
        recorded_end(make_recording(tmp_path))


def test_a_replay_goes_by_the_recorded_settings(monkeypatch):
    """Whatever the environment says."""
    monkeypatch.setenv("MARKETSWARM_SYMBOLS", "IWM")
    monkeypatch.setenv("MARKETSWARM_STRIKES_EACH_SIDE", "9")
    made = replay_settings(session(source="live"), "redis://127.0.0.1:1/0")
    assert (made.symbols, made.strikes_each_side, made.data_source) == (("SPX",), 2, "live")
