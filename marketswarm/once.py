"""What is made when it is first asked for, and once, however many threads ask at the same moment."""

import threading
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Made = TypeVar("Made")

_MAKING = threading.RLock()  # one for all: what is made may ask for other things, and nothing is made often


class once(Generic[Made]):  # noqa: N801  a decorator, like `property`
    """`functools.cached_property` for objects that threads share: that one has no lock since Python 3.12.

    With two makers each thread would go on with an object of its own: one is told to record, and the other one streams.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Made: ...

    def __get__(self, instance: object | None, owner: type) -> Self | Made:
        """Only the first time, and while it is being made: afterwards the instance's own attribute is found before this."""
        if instance is None:
            return self
        with _MAKING:
            kept = vars(instance)
            if self._name not in kept:
                kept[self._name] = self._make(instance)
            made: Made = kept[self._name]
            return made
