"""Which errors of the store mean that it is away for now, or that a key is not what it should be, whoever meets them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from redis.client import Redis
from redis.exceptions import (
    ClusterDownError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from marketswarm.errors import StoreUnavailable, WrongKey

# The server is gone, or there and unable to write for now. The library has classes for some of these and words for the rest.
_AWAY = (
    RedisConnectionError,
    RedisTimeoutError,
    OutOfMemoryError,
    ReadOnlyError,
    MasterDownError,
    ClusterDownError,
    TryAgainError,
)
# At the beginning, or, from a script on Redis 6.2, amid a sentence of the server's own: `ERR Error running script …: -OOM …`.
_AWAY_TEXT = re.compile(
    r"(?:^|-)(?:MISCONF|BUSY|NOREPLICAS|LOADING|OOM|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b"
)


@contextmanager
def store_reachable(address: str) -> Iterator[None]:
    """Turn a lost or unready server into the project's own, retryable error."""
    try:
        yield
    except _AWAY as error:
        raise StoreUnavailable(address, str(error)) from error
    except ResponseError as error:
        if _AWAY_TEXT.search(str(error)):
            raise StoreUnavailable(address, str(error)) from error
        raise


@contextmanager
def keys_reachable(redis: Redis, address: str, types: Mapping[str, str]) -> Iterator[None]:
    """The same, and a key is named that stands there with another type than it should have.

    `types` is key → type, such as `hash`.

    Raises:
        WrongKey: for the first such key.
    """
    with store_reachable(address):
        try:
            yield
        except ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            for key, wanted in types.items():
                answer: Any = redis.type(key)
                if (found := answer.decode()) not in {wanted, "none"}:
                    raise WrongKey(key, found, wanted) from None
            raise
