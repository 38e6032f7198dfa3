"""What `--faults` says: `NAME[:param=value,…][@START[+DURATION][/EVERY]]`, or `random:rate=2/min[,lasting=5s][,only=cut|mute]`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from marketswarm.errors import BadArgument
from marketswarm.simulator.faults.catalogue import CATALOGUE, RANDOM, names
from marketswarm.simulator.faults.fault import Fault, Values, read_seconds

_FORM = "NAME[:param=value,…][@START[+DURATION][/EVERY]], such as cut@30s, mute@1m+10s/5m or duplicates:share=0.01"
_WHEN = re.compile(r"(?P<start>[^+/]+)(?:\+(?P<lasting>[^+/]+))?(?:/(?P<every>[^+/]+))?")
_RATE = re.compile(r"(\d+(?:\.\d+)?)/(s|min|h)")
_PER_S = {"s": 1.0, "min": 1 / 60, "h": 1 / 3600}
_FASTEST_PER_S = 10.0


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault and when it is at work, in seconds since the start.

    Attributes:
        lasting_s: how long; None for ever, 0 for a momentary one.
        every_s: it begins again each time that this has passed; None: once.
    """

    fault: Fault
    values: Values
    start_s: float = 0.0
    lasting_s: float | None = None
    every_s: float | None = None

    @property
    def name(self) -> str:
        """The fault's name."""
        return self.fault.name


@dataclass(frozen=True, slots=True)
class RandomFaults:
    """Faults that chance draws from the catalogue.

    Attributes:
        per_s: how often on average.
        lasting_s: none of them lasts longer.
        drawn: which ones may come.
    """

    per_s: float
    lasting_s: float
    drawn: tuple[Fault, ...]
    start_s: float = 0.0
    until_s: float = float("inf")


def read_plan(text: str) -> Planned | RandomFaults:
    """One value of `--faults`.

    Raises:
        BadArgument: naming the part that cannot be used, and what is allowed.
    """
    what, at, when = text.strip().partition("@")
    name, colon, rest = what.partition(":")
    if name != RANDOM and name not in CATALOGUE:
        raise BadArgument("faults", name, names())
    spoken = _parameters(text, rest) if colon else {}
    moment = _WHEN.fullmatch(when) if at else None
    if at and moment is None:
        raise BadArgument("faults", text, _FORM)
    start, lasting, every = moment.group("start", "lasting", "every") if moment else (None, None, None)
    start_s = 0.0 if start is None else _time(text, start, least_s=0.0)
    lasting_s = None if lasting is None else _time(text, lasting)
    every_s = None if every is None else _time(text, every)
    if name == RANDOM:
        return _random(text, spoken, start_s, lasting_s, every_s)
    fault = CATALOGUE[name]
    _check_times(text, fault, lasting_s, every_s, has_start=start is not None)
    values = fault.values(spoken)
    return Planned(fault, values, start_s, 0.0 if fault.is_momentary else lasting_s, every_s)


def read_plans(texts: Sequence[str]) -> tuple[list[Planned], list[RandomFaults]]:
    """All values of `--faults`.

    Raises:
        BadArgument: for one that cannot be used, or two that exclude each other.
    """
    plans = [read_plan(text) for text in texts]
    planned = [plan for plan in plans if isinstance(plan, Planned)]
    for number, one in enumerate(planned):
        for other in planned[:number]:
            if one.fault.conflicts_with(other.fault) and meet(one, other):
                refuse_conflict(one.fault, other.fault)
    return planned, [plan for plan in plans if isinstance(plan, RandomFaults)]


def refuse_conflict(one: Fault, other: Fault) -> NoReturn:
    """Say that two faults cannot be at work together.

    Raises:
        BadArgument: always.
    """
    both = f"{other.name} and {one.name} at the same time"
    raise BadArgument("faults", both, "one of them at a time: give them moments that do not overlap")


def meet(one: Planned, other: Planned) -> bool:
    """Whether two faults are ever at work at the same moment."""
    mine, theirs = _ms(one.lasting_s), _ms(other.lasting_s)
    apart = round(other.start_s * 1000) - round(one.start_s * 1000)
    if mine is None or theirs is None:  # for ever, from its first beginning on: `/EVERY` needs a duration
        return mine is theirs or _ever_after(one, other)
    # The other's n-th beginning is that far behind a beginning of the first, for every n that the repetitions allow.
    step_one, step_other = round((one.every_s or 0) * 1000), round((other.every_s or 0) * 1000)
    if step_one and step_other:
        step, allowed = _gcd(step_one, step_other), (-1, 1)
    else:
        step, allowed = step_one or step_other, ((-1, 0) if step_one else (0, 1))
    if not step:
        return -theirs < apart < mine
    # The two values of apart + n × step that are nearest to 0 on either side.
    below = -(apart // step)
    return any(
        -theirs < apart + n * step < mine and allowed[0] * abs(n) <= n <= allowed[1] * abs(n)
        for n in (below, below + 1, below - 1, 0)
    )


def _ever_after(one: Planned, other: Planned) -> bool:
    endless, bounded = (one, other) if one.lasting_s is None else (other, one)
    if bounded.every_s is not None:
        return True
    return bounded.start_s + max(bounded.lasting_s or 0.0, 0.001) > endless.start_s


def _gcd(one: int, other: int) -> int:
    while other:
        one, other = other, one % other
    return one


def _ms(lasting_s: float | None) -> int | None:
    """How long, at least a millisecond: two that happen at the same moment meet."""
    return None if lasting_s is None else max(1, round(lasting_s * 1000))


def _parameters(text: str, rest: str) -> Mapping[str, str]:
    spoken: dict[str, str] = {}
    for part in rest.split(","):
        name, equals, value = part.partition("=")
        if not (name and equals and value) or name in spoken:
            raise BadArgument("faults", text, _FORM)
        spoken[name] = value
    return spoken


def _time(text: str, part: str, least_s: float = 0.001) -> float:
    try:
        return read_seconds(part, least_s=least_s)
    except ValueError:
        raise BadArgument(
            "faults", text, f"times such as 2, 500ms, 30s, 1m, 1h, which {part!r} is not"
        ) from None


def _check_times(
    text: str, fault: Fault, lasting_s: float | None, every_s: float | None, *, has_start: bool
) -> None:
    if fault.is_momentary and not has_start:
        raise BadArgument("faults", text, f"a moment for it, such as {fault.name}@30s")
    if fault.is_momentary and lasting_s is not None:
        raise BadArgument("faults", text, f"no duration: {fault.name} happens and is over")
    if not fault.is_momentary and every_s is not None and (lasting_s is None or lasting_s >= every_s):
        raise BadArgument("faults", text, "a duration that is shorter than what it is repeated after")


def _random(
    text: str, spoken: Mapping[str, str], start_s: float, lasting_s: float | None, every_s: float | None
) -> RandomFaults:
    known = ("rate", "lasting", "only")
    if every_s is not None or not set(spoken) <= set(known) or "rate" not in spoken:
        raise BadArgument("faults", text, "random:rate=2/min[,lasting=5s][,only=cut|mute][@START[+DURATION]]")
    rate = _RATE.fullmatch(spoken["rate"])
    per_s = float(rate[1]) * _PER_S[rate[2]] if rate else 0.0
    if not 0 < per_s <= _FASTEST_PER_S:
        raise BadArgument("faults", text, "a rate above 0 and up to 10/s, such as 2/min")
    drawable = tuple(fault for fault in CATALOGUE.values() if fault.is_drawn)
    chosen = spoken["only"].split("|") if "only" in spoken else [fault.name for fault in drawable]
    for name in chosen:
        if name not in CATALOGUE:
            raise BadArgument("faults", name, ", ".join(CATALOGUE))
    longest_s = _time(text, spoken.get("lasting", "5s"))
    until_s = float("inf") if lasting_s is None else start_s + lasting_s
    return RandomFaults(per_s, longest_s, tuple(CATALOGUE[name] for name in chosen), start_s, until_s)
