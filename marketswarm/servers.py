"""Connections to Redis and Valkey, and which servers will do."""

from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, InvalidResponse, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from marketswarm.errors import ForeignServer, StoreUnavailable

_OLDEST_SERVER = (6, 2)
_TRIED_AGAIN = (RedisConnectionError,)
"""A server that hangs is no better at the second try: repeated for each command, and for each connection in it, a time-out of five
seconds would last three quarters of a minute."""


def connect(url: str, *, timeout_s: float = 5.0) -> Redis:
    """A client of a Redis server that returns bytes; it connects when first used."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=2.0,
        socket_keepalive=True,
        health_check_interval=10,
        retry=Retry(ExponentialBackoff(cap=0.1, base=0.02), 2, supported_errors=_TRIED_AGAIN),
        client_name="marketswarm",
    )


def connect_async(url: str, *, timeout_s: float = 5.0) -> AsyncRedis:
    """The same for one event loop. A call that blocks in the server must do so for less than `timeout_s`."""
    return AsyncRedis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=2.0,
        socket_keepalive=True,
        health_check_interval=10,
        retry=AsyncRetry(ExponentialBackoff(cap=0.1, base=0.02), 2, supported_errors=_TRIED_AGAIN),
        client_name="marketswarm",
    )


def check_server(redis: Redis, address: str) -> str:
    """Make sure that a server can be used; its name and version.

    Raises:
        StoreUnavailable: when nobody answers.
        ForeignServer: when what answers is no Redis 6.2 or newer, or refuses us.
    """
    try:
        info: Any = redis.info("server")
        version = str(info["redis_version"])
        numbers = tuple(int(part) for part in version.split(".")[:2])
    except (AuthenticationError, InvalidResponse, ResponseError) as error:
        raise ForeignServer(address, str(error)) from error
    except (RedisConnectionError, RedisTimeoutError) as error:
        if "Protocol" in str(error) or "auth" in str(error).lower():
            raise ForeignServer(address, str(error)) from error
        raise StoreUnavailable(address, str(error)) from error
    except (RedisError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ForeignServer(address, f"no Redis answer: {error}") from error
    if numbers < _OLDEST_SERVER:
        raise ForeignServer(address, f"it is Redis {version}")
    valkey = info.get("valkey_version")
    return f"Valkey {valkey}" if valkey else f"Redis {version}"
