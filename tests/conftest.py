"""Fixtures that more than one folder of tests needs: real servers, and the store on them."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import LoadOrigin, Window
from marketswarm.clock import ManualClock
from tests.support.builders import EXPIRE_MS, SPX
from tests.support.valkey import running_valkey, server_binaries

# Tests in several processes get one from whoever starts them, and tables would be cut to it.
os.environ.pop("COLUMNS", None)
# A shell has what it runs in the background ignore Ctrl-C, and so would every process that a test starts there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Whoever works on it draws new cases each time; the gate draws the same for the same tests, as many, so that it judges the change.
settings.register_profile("the gate", settings.get_profile("any machine"), derandomize=True)
settings.load_profile("the gate" if os.environ.get("CI") else "any machine")


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The embedded server, one for the whole session."""
    with running_valkey() as url:
        yield url


@pytest.fixture
def redis(valkey_url: str) -> Iterator[Redis]:
    """An empty embedded server."""
    client = Redis.from_url(valkey_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session", params=sorted(server_binaries()))
def any_server_name(request: pytest.FixtureRequest) -> str:
    """Each kind of server that is installed, one after the other."""
    return str(request.param)


@pytest.fixture(scope="session")
def any_server_url(any_server_name: str) -> Iterator[str]:
    """A server of each kind."""
    with running_valkey(server_binaries()[any_server_name]) as url:
        yield url


@pytest.fixture
def any_redis(any_server_url: str) -> Iterator[Redis]:
    """An empty server of each kind: for Lua, which every server runs a little differently."""
    client = Redis.from_url(any_server_url)
    client.flushall()
    client.script_flush()
    yield client
    client.close()


@pytest.fixture(autouse=True)
def kept_for_decades(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests live on fixed days, and the server forgets by its own clock: what they load outlives the day they run on."""
    monkeypatch.setattr("marketswarm.chain.loader.KEPT_AFTER_CLOSE_MS", 50 * 365 * 24 * 3600 * 1000)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at a Monday's session: 2026-11-23 10:00 in New York."""
    return ManualClock(1_795_446_000_000)


@pytest.fixture
def store(redis: Redis, clock: ManualClock) -> RedisChainStore:
    """The chain store on an empty embedded server."""
    return RedisChainStore(redis, clock, "test")


@pytest.fixture
def commit(redis: Redis, store: RedisChainStore, clock: ManualClock):
    """Store contracts as a chain, as a load does."""

    def commit(
        contracts,
        *,
        chain=SPX,
        part=False,
        reason="startup",
        run="run",
        in_force=True,
        window=None,
        request="",
        chains=1,
    ):
        redis.set(f"loading:{chain.symbol}", run)
        store.stage(chain, run, contracts)
        done = store.commit(
            chain,
            run,
            window or Window(6801.5, 6800, 6780, 6820),
            reason=reason,
            source="sim",
            expire_ms=EXPIRE_MS,
            origin=None if part else LoadOrigin(clock.now_ms(), request, chains),
            in_force=in_force,
        )
        redis.delete(f"loading:{chain.symbol}")
        return done

    return commit
