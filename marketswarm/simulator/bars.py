"""Bars of seconds and minutes, made from prices as they come."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from marketswarm.simulator.tape import Bar

Name = TypeVar("Name", bound=Hashable)


class Bars(Generic[Name]):
    """One bar per name for the present stretch of time; names without a price have none."""

    def __init__(self, length_ms: int) -> None:
        self.length_ms = length_ms
        self._start_ms = 0
        self._bars: dict[Name, Bar] = {}

    def add(self, name: Name, price: float, size: int) -> None:
        """Take in a price of the present stretch."""
        if name not in self._bars:
            self._bars[name] = Bar(self._start_ms, price, price, price, price)
        self._bars[name].add(price, size)

    def turn(self, now_ms: int) -> Iterable[tuple[Name, Bar]]:
        """The finished bars, if a new stretch has begun since the last call."""
        start_ms = now_ms // self.length_ms * self.length_ms
        if start_ms == self._start_ms:
            return []
        finished, self._bars, self._start_ms = self._bars, {}, start_ms
        return finished.items()
