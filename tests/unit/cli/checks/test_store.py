"""Checks of the data store and the broker."""

from redis import Redis

from marketswarm.cli.checks import store
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.free_ports import free_port


def test_a_server_in_order(environment, redis: Redis) -> None:
    """A server in order is named, runs our scripts, and serves as broker."""
    swarm = Swarm(Settings.load())
    assert store.check_data_store(swarm).detail.startswith(("Valkey", "Redis"))
    assert store.check_scripts(swarm).verdict == "ok"
    assert store.check_broker(swarm.settings).verdict == "ok"


def test_nobody_there(environment) -> None:
    """Each check fails with what to do, and shows no password."""
    environment.setenv("MARKETSWARM_REDIS_URL", f"redis://:hidden@127.0.0.1:{free_port()}")
    swarm = Swarm(Settings.load())
    for found in (
        store.check_data_store(swarm),
        store.check_scripts(swarm),
        store.check_broker(swarm.settings),
    ):
        assert found.verdict == "fail"
        assert found.fix
        assert "hidden" not in found.detail


def test_the_broker_that_is_wrong_is_named(environment) -> None:
    """A broker of its own that does not answer: its variable is the fix."""
    environment.setenv("MARKETSWARM_BROKER_URL", f"redis://127.0.0.1:{free_port()}/1")
    assert "MARKETSWARM_BROKER_URL" in store.check_broker(Settings.load()).fix


def test_no_server_is_known(environment) -> None:
    """Before the first run there is nothing to look at."""
    environment.delenv("MARKETSWARM_REDIS_URL")
    swarm = Swarm(Settings.load())
    assert store.check_data_store(swarm).verdict == "skip"
    assert store.check_broker(swarm.settings).verdict == "skip"


def test_a_user_without_scripts_fails(environment, redis: Redis, valkey_url: str) -> None:
    """A server that lets nobody run Lua is of no use."""
    redis.acl_setuser(
        "plain", enabled=True, nopass=True, categories=["+@all"], commands=["-eval"], keys=["*"]
    )
    environment.setenv("MARKETSWARM_REDIS_URL", valkey_url.replace("redis://", "redis://plain:any@"))
    found = store.check_scripts(Swarm(Settings.load()))
    redis.acl_deluser("plain")
    assert found.verdict == "fail"
    assert "EVAL" in found.fix


def test_a_broker_is_shown_without_its_password(environment, redis: Redis, valkey_url: str) -> None:
    """The broker's address is told, its password is not."""
    redis.acl_setuser("plain", enabled=True, nopass=True, categories=["+@all"], keys=["*"])
    environment.setenv("MARKETSWARM_BROKER_URL", valkey_url.replace("redis://", "redis://plain:hidden@"))
    found = store.check_broker(Settings.load())
    redis.acl_deluser("plain")
    assert found.verdict == "ok"
    assert "plain:********@" in found.detail
