"""Where the gateway is."""

import pytest

from marketswarm.announcement import RunningLock
from marketswarm.client.place import find_place
from marketswarm.errors import BadArgument

TOKEN = "a-token-of-the-tests"


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    """No settings from outside."""
    for name in ("MARKETSWARM_HTTP_HOST", "MARKETSWARM_HTTP_PORT", "MARKETSWARM_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKETSWARM_STATE_DIR", str(tmp_path / "state"))
    return monkeypatch


def test_the_settings_say_where(settings):
    """Host, port and token; an address to listen everywhere is asked on loopback."""
    assert find_place().url == "http://127.0.0.1:8787"
    settings.setenv("MARKETSWARM_HTTP_HOST", "0.0.0.0")
    settings.setenv("MARKETSWARM_HTTP_PORT", "9001")
    settings.setenv("MARKETSWARM_API_TOKEN", TOKEN)
    assert (find_place().url, find_place().token) == ("http://127.0.0.1:9001", TOKEN)
    settings.setenv("MARKETSWARM_HTTP_HOST", "::")
    assert find_place().url == "http://[::1]:9001"


def test_a_running_up_says_where(tmp_path):
    """What it announced, for as long as it runs."""
    with RunningLock(tmp_path / "state") as lock:
        lock.announce({"MARKETSWARM_HTTP_PORT": "9002"})
        assert find_place().url == "http://127.0.0.1:9002"
    assert find_place().url == "http://127.0.0.1:8787"


def test_a_token_goes_where_it_belongs(settings):
    """That of the settings is not sent to an address that was given; one that was given goes before it."""
    settings.setenv("MARKETSWARM_API_TOKEN", TOKEN)
    assert find_place("http://gateway.example:8787").token is None
    assert find_place(token="another").token == "another"


@pytest.mark.parametrize(
    "url", ["", "gateway:8787", "ftp://gateway", "http://", "http://a:b", "https://g?x=1", "http://g#x", 5]
)
def test_an_address_must_be_one(url):
    """The error says what is allowed."""
    with pytest.raises(BadArgument, match="http://host:port"):
        find_place(url)


@pytest.mark.parametrize(
    "url", ["http://user:hunter2@gateway", "http://gateway?token=hunter2", "hunter2x://u:hunter2@g"]
)
def test_no_secret_is_told(url):
    """Neither of an address nor of a token that cannot be used; and none in the representation."""
    with pytest.raises(BadArgument) as refused:
        find_place(url)
    assert "hunter2@" not in str(refused.value)
    assert "=hunter2" not in str(refused.value)
    with pytest.raises(BadArgument) as refused:
        find_place(token="bad token\n")
    assert "bad" not in str(refused.value)
    assert TOKEN not in repr(find_place(token=TOKEN))


def test_near_is_this_machine():
    """Loopback in all its spellings."""
    assert find_place("http://localhost:1").is_near
    assert find_place("http://[::1]:1").is_near
    assert not find_place("http://10.0.0.1:1").is_near
