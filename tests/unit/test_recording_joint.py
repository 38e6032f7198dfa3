"""Recordings joined to a process: what is recorded of it, and which settings go with it."""

from redis import Redis

from marketswarm.recorder.entries import Deed, Exchange
from marketswarm.recorder.orders import Order
from marketswarm.recorder.recording import Recording
from marketswarm.recording_joint import decode_raw, shared_settings
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.fakes import FakeMarket
from tests.support.recordings import frame, quote, session

KEY = "vendor-key-0123456789"


def settings(**values: str) -> Settings:
    """Settings of one symbol, whatever the environment says."""
    return Settings.model_validate({"MARKETSWARM_SYMBOLS": "SPX", "MASSIVE_API_KEY": KEY} | values)


def test_what_a_worker_does_is_recorded_and_its_key_is_not(redis: Redis, valkey_url, clock, tmp_path):
    """A load stands there with its arguments and the moment of its commit; the vendor's key does not, wherever it was."""
    swarm = Swarm(settings(MARKETSWARM_REDIS_URL=valkey_url), clock)
    swarm.__dict__["market"] = FakeMarket()
    session().write(tmp_path)
    swarm.recording.orders().give(Order("recording-1", str(tmp_path)))
    attendant = swarm.recording.attendant()
    attendant.look()
    swarm.load_chain("SPX", "startup", progress=lambda _step, _done, _total: None)
    swarm.recording.tap.answered("/v3/x", clock.monotonic_s(), 200, b'{"echo":"%b"}' % KEY.encode(), None)
    attendant.leave()

    entries = list(Recording(tmp_path).entries())
    (load,) = (entry for entry in entries if isinstance(entry, Deed))
    assert (load.name, load.arguments["symbol"], load.failed) == ("load", "SPX", "")
    (answer,) = (entry for entry in entries if isinstance(entry, Exchange))
    assert answer.body == b'{"echo":"%b"}' % (b"*" * len(KEY))
    assert not [path for path in tmp_path.iterdir() if KEY.encode() in path.read_bytes()]


def test_a_replay_shares_what_shapes_the_chains():
    """Read back, they are the same settings; what is unset is left out, and no secret is among them."""
    made = settings(MARKETSWARM_STRIKES_EACH_SIDE="7", MARKETSWARM_DRIFT_POINTS="SPX=20")
    told = shared_settings(made)
    assert shared_settings(settings(**told)) == told
    assert told["MARKETSWARM_STRIKES_EACH_SIDE"] == "7"
    assert told["MARKETSWARM_DRIFT_POINTS"] == "SPX=20"
    assert "MARKETSWARM_DRIFT_STRIKES" not in told
    assert KEY not in str(told)


def test_a_raw_frame_is_read_as_the_feed_reads_it():
    """Its updates, and what of it could not be used."""
    updates, bad = decode_raw(frame(quote(1.5, 3), {"ev": "?"}))
    assert [update.bid for update in updates] == [1.5]
    assert bad.counts == {"unknown-kind": 1}
