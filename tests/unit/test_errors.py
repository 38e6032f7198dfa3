"""The tree of errors."""

import inspect
import re
from typing import Any

import pytest
from celery import Celery
from celery.backends.base import Backend
from kombu.utils.json import dumps, loads

from marketswarm import errors
from marketswarm.errors import MarketSwarmError, RateLimited, Retryable, ScriptRefused

ARGUMENTS: dict[str, Any] = {
    "variable": "MARKETSWARM_EXPIRATIONS",
    "value": 0,
    "allowed": "1 to 12",
    "name": "strikes_each_side",
    "what": "chain of SPX",
    "detail": "502 Bad Gateway",
    "retry_after_s": 1.5,
    "address": "redis://127.0.0.1:6379/0",
    "script": "apply_updates",
    "word": "BADTIME",
    "sentence": "x of O:SPY261123C00600000",
    "key": "vigil:events",
    "found": "string",
    "wanted": "stream",
    "symbol": "SPX",
    "expiration": "2026-11-23",
    "day": "2026-11-23",
    "tried": "unified, stocks",
    "part": "beat",
    "path": "/data/recording",
    "url": "http://127.0.0.1:8787/api/v1/chain/SPX",
    "reason": "symbol is 'IWM'; allowed: SPX, SPY",
    "status": 404,
    "package": "pandas",
    "extra": "frames",
}
ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, MarketSwarmError) and kind.__module__ == errors.__name__
]


def example(kind: type[MarketSwarmError]) -> MarketSwarmError:
    """An error of that kind, with a plain value for each of its parameters."""
    names = [
        name for name in inspect.signature(kind.__init__).parameters if name not in ("self", "args", "kwargs")
    ]
    return kind(*(ARGUMENTS[name] for name in names))


def drawn_tree() -> dict[str, str | None]:
    """Class → the class it hangs under, as the module's docstring draws it; mixins hang under nothing."""
    tree: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^ {4}((?:[│ ]   )*)(?:[├└]── )?(\w+)", line)
        if match is None or line.strip()[0] not in "│├└M":
            continue
        level = len(match[1]) // 4 + ("──" in line)
        path[level:] = [match[2]]
        tree[match[2]] = None if "(mixin)" in line else (path[level - 1] if level else "Exception")
    return tree


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_survives_celery(kind: type[MarketSwarmError]) -> None:
    """What a task raises is raised in the caller's shell: the same class with the same line, through Celery's JSON."""
    error = example(kind)
    backend = Backend(Celery("test", backend="disabled"))
    sent = loads(dumps(backend.prepare_exception(error, "json")))
    returned = backend.exception_to_python(sent)
    assert type(returned) is kind
    assert str(returned) == str(error)
    assert str(kind(*error.args)) == str(error)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_is_one_line(kind: type[MarketSwarmError]) -> None:
    """Every error is one line that shows each of its values."""
    error = example(kind)
    assert "\n" not in str(error)
    shown = [value for value in error.args if not isinstance(error, RateLimited) or value != 1.5]
    assert all(str(value) in str(error) for value in shown)


def test_the_drawn_tree_is_the_tree() -> None:
    """The module's docstring draws exactly the classes that exist, each below its first base."""
    classes = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__
    ]
    real = {kind.__name__: None if kind is Retryable else kind.__bases__[0].__name__ for kind in classes}
    assert drawn_tree() == real


def test_retryable_is_a_class() -> None:
    """Exactly what may succeed later is retryable: a provider, a store or a gateway that is away for now."""
    retryable = {kind.__name__ for kind in ERRORS if issubclass(kind, Retryable)}
    assert retryable == {
        "ProviderUnavailable",
        "RateLimited",
        "StoreUnavailable",
        "NothingRuns",
        "GatewayUnavailable",
    }


def test_an_error_carries_its_data() -> None:
    """The wait that the vendor asked for and a script's code word can be read from the error, also after JSON."""
    limited = RateLimited("spots", "slow down", 2.0)
    assert (limited.detail, RateLimited(*limited.args).retry_after_s) == ("slow down", 2.0)
    assert ScriptRefused("commit_chain", "NOTSTAGED", "nothing").word == "NOTSTAGED"
