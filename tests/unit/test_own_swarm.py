"""The swarm of a process: its settings, and another one when the vendor refuses the key."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from marketswarm import own_swarm
from marketswarm.errors import SettingsError
from marketswarm.own_swarm import load_settings, renew_swarm
from marketswarm.settings import Settings

THREADS = 4


def test_settings_come_with_what_a_running_up_announced(tmp_path, monkeypatch):
    """Without an `up` the settings stand alone."""
    monkeypatch.setenv("MARKETSWARM_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("MARKETSWARM_REDIS_URL", raising=False)

    assert load_settings().redis_url is None


@pytest.fixture
def dotenv(tmp_path, monkeypatch):
    """A place with a `.env` that holds a key, and nothing set elsewhere; and a process without a swarm."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setenv("MARKETSWARM_STATE_DIR", str(tmp_path / "state"))
    own_swarm._made.cache_clear()
    file = tmp_path / ".env"
    file.write_text("MASSIVE_API_KEY=the-old-key\n")
    yield file
    own_swarm._made.cache_clear()


def test_a_refused_key_is_compared_with_the_settings(dotenv):
    """The swarm stays the same until the file names another key; then there is a new one that holds it."""
    known = own_swarm.swarm()
    assert not known.is_key_refused
    known.market._calls.is_key_refused = True

    assert own_swarm.swarm() is known
    dotenv.write_text("MASSIVE_API_KEY=the-new-key\n")

    assert own_swarm.swarm().settings.massive_api_key.get_secret_value() == "the-new-key"
    assert not own_swarm.swarm().is_key_refused


def test_threads_that_begin_together_share_one_swarm(dotenv, monkeypatch):
    """One of two would stream, and the other one be told to record."""
    start, slow = threading.Barrier(THREADS), own_swarm.Swarm

    def make(settings):
        threading.Event().wait(0.05)
        return slow(settings)

    monkeypatch.setattr(own_swarm, "Swarm", make)

    def ask(_number):
        start.wait()
        return own_swarm.swarm()

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, range(THREADS)))

    assert {id(made) for made in found} == {id(own_swarm.swarm())}
    assert own_swarm.is_own(found[0])


def test_only_what_names_the_vendor_makes_a_new_swarm(dotenv):
    """Other settings are read at the start of a process, as ever."""
    known = own_swarm.swarm()
    dotenv.write_text("MASSIVE_API_KEY=the-old-key\nMARKETSWARM_FLUSH_MS=100\n")

    assert not renew_swarm(known)
    assert own_swarm.swarm() is known


def test_a_swarm_that_others_made_already_is_not_made_again(dotenv):
    """Many find the same key refused; whoever comes late takes the new swarm, and does not begin a third."""
    known = own_swarm.swarm()
    dotenv.write_text("MASSIVE_API_KEY=the-new-key\n")
    assert renew_swarm(known)
    new = own_swarm.swarm()

    assert renew_swarm(known)
    assert own_swarm.swarm() is new
    assert not own_swarm.is_own(known)


def test_a_wrong_file_of_thresholds_is_refused_at_start(dotenv, tmp_path):
    """Not by the first evaluation."""
    dotenv.write_text("MARKETSWARM_VIGIL_THRESHOLDS=wrong.toml\n")
    (tmp_path / "wrong.toml").write_text("[drift]\nmacro = -1\n")

    with pytest.raises(SettingsError, match=r"MARKETSWARM_VIGIL_THRESHOLDS is 'wrong.toml'.*drift.macro"):
        own_swarm.swarm()
