"""What can be said of a fault before it is at work: its name, its parameters, where it applies and what it excludes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from marketswarm.errors import BadArgument
from marketswarm.simulator.faults.effect import Effect

Values = Mapping[str, Any]
Draw = Callable[[], float]
"""Gives numbers in [0, 1), by the simulator's seed."""
Place = Literal["everywhere", "REST", "connection", "conversation", "port", "data"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a fault.

    Attributes:
        default: as it would be written.
        read: text → value; a `ValueError` says that it cannot be used.
        allowed: what can be used, in words.
    """

    name: str
    default: str
    read: Callable[[str], Any]
    allowed: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the catalogue.

    Attributes:
        where: the part of the wire that it disturbs.
        does: what happens on the wire, in one line.
        ends: what a correct client must have, and when.
        make: makes the effect of its parameters' values and a source of chance.
        is_momentary: it happens and is over; otherwise it lasts until its end.
        excludes: names of what it needs for itself; two faults that share one cannot be at work at the same time.
        is_drawn: `random` may draw it. What a client cannot recover from by itself is never drawn.
    """

    name: str
    where: Place
    does: str
    ends: str
    make: Callable[[Values, Draw], Effect]
    parameters: tuple[Parameter, ...] = ()
    is_momentary: bool = False
    excludes: frozenset[str] = field(default_factory=frozenset)
    is_drawn: bool = True

    def values(self, spoken: Mapping[str, str]) -> Values:
        """The value of each parameter, as given or by default.

        Raises:
            BadArgument: for a parameter that it does not have, or a value that cannot be used.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in spoken:
            if name not in known:
                raise BadArgument(
                    "faults", f"{self.name}:{name}", f"for {self.name} {_listed(known) or 'no parameter'}"
                )
        return {name: _read(self.name, one, spoken.get(name, one.default)) for name, one in known.items()}

    def conflicts_with(self, other: "Fault") -> bool:
        """Whether the two cannot be at work at the same time."""
        return self.name == other.name or not self.excludes.isdisjoint(other.excludes)

    def as_json(self) -> dict[str, Any]:
        """The entry as plain values."""
        return {
            "name": self.name,
            "where": self.where,
            "momentary": self.is_momentary,
            "does": self.does,
            "ends": self.ends,
            "parameters": {
                one.name: {"default": one.default, "allowed": one.allowed, "meaning": one.meaning}
                for one in self.parameters
            },
        }


def share(default: str, meaning: str) -> Parameter:
    """How much of something is disturbed."""
    return Parameter("share", default, _number_in(0, 1, above=True), "a number above 0, at most 1", meaning)


def whole(name: str, default: str, bounds: tuple[int, int], meaning: str) -> Parameter:
    """A whole number."""
    low, high = bounds

    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return Parameter(name, default, read, f"a whole number from {low:,} to {high:,}", meaning)


def seconds(name: str, default: str, meaning: str) -> Parameter:
    """A time: seconds, or with a unit."""
    return Parameter(name, default, read_seconds, "a time above 0 such as 2, 500ms, 3s, 1m", meaning)


def choice(name: str, options: tuple[str, ...], meaning: str) -> Parameter:
    """One of several words, the first by default."""

    def read(text: str) -> str:
        if text not in options:
            raise ValueError(text)
        return text

    return Parameter(name, options[0], read, ", ".join(options), meaning)


_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "": 1.0}
_LONGEST_S = 7 * 86_400.0


def read_seconds(text: str, *, least_s: float = 0.001) -> float:
    """Seconds of `2`, `500ms`, `3s`, `1m` or `1h`.

    Raises:
        ValueError: for anything else, for less than is allowed, and for more than a week.
    """
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    if not number or text[len(number) :] not in _UNITS_S or not set(number) <= set("0123456789."):
        raise ValueError(text)
    value = round(float(number) * _UNITS_S[text[len(number) :]], 3)
    if not least_s <= value <= _LONGEST_S:
        raise ValueError(text)
    return value


def _number_in(low: float, high: float, *, above: bool) -> Callable[[str], float]:
    def read(text: str) -> float:
        number = float(text)
        if not low <= number <= high or (above and number == low):
            raise ValueError(text)
        return number

    return read


def _read(fault: str, parameter: Parameter, text: str) -> Any:
    try:
        return parameter.read(text)
    except ValueError:
        raise BadArgument("faults", f"{fault}:{parameter.name}={text}", parameter.allowed) from None


def _listed(names: Mapping[str, Parameter]) -> str:
    return ", ".join(names)
