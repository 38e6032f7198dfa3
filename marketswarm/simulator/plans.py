"""What an account has bought: one plan each for options, stocks and indices, and what each plan gives. Pure, a table."""

from dataclasses import dataclass
from typing import Literal, get_args

from marketswarm.errors import BadArgument

AssetClass = Literal["options", "stocks", "indices"]
Right = Literal["reference", "bars", "snapshots", "trades", "quotes", "fmv"]

ASSET_CLASSES: tuple[AssetClass, ...] = get_args(AssetClass)
DELAY_MS = 15 * 60_000
DELAYED, REAL_TIME = "DELAYED", "REAL-TIME"

_BASIC_CALLS_A_MINUTE = 5
_BUSINESS_CONNECTIONS = 3

_HISTORY: tuple[Right, ...] = ("reference", "bars")
_RIGHTS: dict[str, tuple[Right, ...]] = {
    "none": (),
    "basic": _HISTORY,
    "starter": (*_HISTORY, "snapshots"),
    "developer": (*_HISTORY, "snapshots", "trades"),
    "advanced": (*_HISTORY, "snapshots", "trades", "quotes"),
    "business": (*_HISTORY, "snapshots", "trades", "fmv"),
}
_DELAYED = frozenset({"starter", "developer"})
# Streamed topics; a plan that is missing here has no WebSocket access. Indices have no plan for developers.
_TOPICS: dict[AssetClass, dict[str, tuple[str, ...]]] = {
    "options": {
        "starter": ("A", "AM"),
        "developer": ("T", "A", "AM"),
        "advanced": ("Q", "T", "A", "AM"),
        "business": ("T", "A", "AM", "FMV"),
    },
    "stocks": {
        "starter": ("A", "AM"),
        "developer": ("T", "A", "AM"),
        "advanced": ("Q", "T", "A", "AM", "LULD", "NOI"),
        "business": ("T", "A", "AM", "FMV"),
    },
    "indices": {"starter": ("AM",), "advanced": ("V", "A", "AM"), "business": ("V", "A", "AM")},
}
# What can be bought: options always, at least the free plan.
OFFERS: dict[AssetClass, tuple[str, ...]] = {
    "options": ("basic", "starter", "developer", "advanced", "business"),
    "stocks": ("none", "basic", "starter", "developer", "advanced", "business"),
    "indices": ("none", "basic", "starter", "advanced", "business"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan of one asset class, by its name."""

    asset_class: AssetClass
    name: str

    def __post_init__(self) -> None:
        """Refuse a plan that is not on offer.

        Raises:
            BadArgument: naming the value and what is allowed.
        """
        if self.name not in OFFERS[self.asset_class]:
            argument = "plan" if self.asset_class == "options" else f"{self.asset_class}-plan"
            raise BadArgument(argument, self.name, ", ".join(OFFERS[self.asset_class]))

    def gives(self, right: Right) -> bool:
        """Whether the plan includes something."""
        return right in _RIGHTS[self.name]

    @property
    def is_delayed(self) -> bool:
        """Whether its data comes 15 minutes late."""
        return self.name in _DELAYED

    @property
    def delay_ms(self) -> int:
        """How late its data comes."""
        return DELAY_MS if self.is_delayed else 0

    @property
    def timeframe(self) -> str:
        """How rows state the delay."""
        return DELAYED if self.is_delayed else REAL_TIME

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics that may be streamed; none means no WebSocket access at all."""
        return _TOPICS[self.asset_class].get(self.name, ())

    @property
    def connections(self) -> int:
        """WebSocket connections that an account may hold per cluster."""
        return _BUSINESS_CONNECTIONS if self.name == "business" else 1

    @property
    def calls_a_minute(self) -> int | None:
        """REST calls that are answered each minute; None is no limit."""
        return _BASIC_CALLS_A_MINUTE if self.name in {"none", "basic"} else None


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of one account. Without a word, everything that an individual can buy, in real time."""

    options: Plan = Plan("options", "advanced")
    stocks: Plan = Plan("stocks", "advanced")
    indices: Plan = Plan("indices", "advanced")

    def of(self, asset_class: AssetClass) -> Plan:
        """The plan of one asset class."""
        return {"options": self.options, "stocks": self.stocks, "indices": self.indices}[asset_class]

    def all(self) -> tuple[Plan, ...]:
        """The three of them."""
        return (self.options, self.stocks, self.indices)

    @property
    def delay_ms(self) -> int:
        """How far the whole market runs behind the clock: as far as the options do."""
        return self.options.delay_ms

    def shift_ms(self, asset_class: AssetClass) -> int:
        """What is added to the times of a class whose delay is not that of the options."""
        return self.delay_ms - self.of(asset_class).delay_ms


def class_of(ticker: str) -> AssetClass:
    """The asset class that a ticker's prefix tells."""
    return {"O:": "options", "I:": "indices"}.get(ticker[:2], "stocks")  # type: ignore[return-value]
