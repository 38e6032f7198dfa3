"""Which errors of the store mean that it is away for now, whoever meets them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

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

from marketswarm.errors import StoreUnavailable

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
