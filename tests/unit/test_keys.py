"""The key reference."""

import inspect
import re

import pytest

from marketswarm import keys

BOUNDS = {name: value for name, value in vars(keys).items() if name.endswith("_MAXLEN")}
CONSTANTS = {
    name: value
    for name, value in vars(keys).items()
    if name.isupper() and isinstance(value, str) and not name.endswith("_GROUP")
}
FUNCTIONS = {
    name: function
    for name, function in vars(keys).items()
    if inspect.isfunction(function) and function.__module__ == keys.__name__
}
DOCUMENTED = {doc.key for doc in keys.REFERENCE}


def pattern_of(function) -> str:
    """The key that a function spells, each parameter as `<parameter>`."""
    return function(*(f"<{name}>" for name in inspect.signature(function).parameters))


def test_every_name_is_in_the_reference() -> None:
    """Every constant and every function that spells a key stands in the reference, and nothing else does."""
    spelled = {*CONSTANTS.values(), *map(pattern_of, FUNCTIONS.values())}
    assert spelled == DOCUMENTED


def test_a_key_is_documented_once() -> None:
    """No key is described twice, and every description says type, content and lifetime."""
    assert len(DOCUMENTED) == len(keys.REFERENCE)
    assert {doc.type for doc in keys.REFERENCE} == {"hash", "stream", "string", "list", "sorted set"}
    assert all(doc.content and doc.lifetime for doc in keys.REFERENCE)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_bound_is_documented(name: str) -> None:
    """What is kept of a stream or list is said beside its key."""
    key = CONSTANTS[name.removesuffix("_MAXLEN")]
    lifetime = next(doc.lifetime for doc in keys.REFERENCE if doc.key == key)
    assert f"{BOUNDS[name]:,}" in lifetime


def test_every_stream_has_a_bound() -> None:
    """There is no stream without a bound."""
    bounded = {CONSTANTS[name.removesuffix("_MAXLEN")] for name in BOUNDS}
    assert {doc.key for doc in keys.REFERENCE if doc.type == "stream"} <= bounded


def test_two_names_never_meet() -> None:
    """Keys of different kinds differ for the same symbol, so that one can never be taken for another."""
    kinds = [re.sub(r"<\w+>", "SPX", pattern_of(function)) for function in FUNCTIONS.values()]
    assert len(set(kinds)) == len(kinds)
