"""What the vendor's key may do: asked now, judged, and what would give more."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from marketswarm.cli.checks.finding import Finding, counted
from marketswarm.errors import SettingsError, StoreUnavailable
from marketswarm.model.plan import Known, UnderlyingPlan, VendorPlan
from marketswarm.outlets.status import attending
from marketswarm.ports import Progress
from marketswarm.wiring import Swarm

CHANNELS: Final = {"Q": "quote", "T": "trade", "A": "day"}
_GIVES: Final = {
    "chain": "the vendor's plan Options Starter gives chains",
    "trades": "Options Developer gives trades",
    "quotes": "Options Advanced gives quotes",
}
_REAL_TIME: Final = "Options Advanced gives real time"
_POOR_SPOTS: Final = frozenset({"parity", "previous", "none"})


@dataclass(frozen=True, slots=True)
class PlanFinding(Finding):
    """The finding with what it comes from.

    Attributes:
        plan: None when there was none to ask.
        channels: WebSocket channel → whether the running streams get it.
        delayed_host: whether a running stream went to the vendor's delayed host.
    """

    plan: VendorPlan | None = None
    channels: Mapping[str, Known] = field(default_factory=dict)
    delayed_host: bool = False

    def plan_json(self) -> dict[str, Any]:
        """Plan and channels as plain values; empty without a plan."""
        if self.plan is None:
            return {}
        return self.plan.as_json() | {"channels": dict(self.channels), "delayed_host": self.delayed_host}


def check_plan(swarm: Swarm, progress: Progress) -> PlanFinding:
    """Ask the vendor what the key may do, and keep it where a store runs."""
    if swarm.settings.massive_api_key is None:
        return PlanFinding("plan", "skip", "no key is set and no `up` runs")
    plan, reports = swarm.vendor.ask_now(progress), _reports(swarm)
    verdict = judge_plan(plan, swarm.settings.indices, _channels(reports))
    return PlanFinding(
        *(verdict.name, verdict.verdict, verdict.detail, verdict.fix),
        plan=plan,
        channels=_channels(reports),
        delayed_host=any(bool(report.get("delayed")) for report in reports),
    )


def judge_plan(plan: VendorPlan, indices: Collection[str], channels: Mapping[str, Known]) -> Finding:
    """What to say of a plan, and which plan would give what it lacks."""
    if plan.key == "no":
        return Finding("plan", "fail", "the vendor refuses the key", "set MASSIVE_API_KEY to a valid one")
    if plan.key == "unknown":
        return Finding("plan", "warn", "the vendor cannot be asked now", "ask again in a minute")
    lacking = [*_missing(plan), *_late(plan), *_poor_spots(plan, indices), *_polled(plan, channels)]
    if lacking:
        fixes = dict.fromkeys(fix for _, fix in lacking)
        return Finding("plan", "warn", "; ".join(what for what, _ in lacking), "; ".join(fixes))
    unsure = [one for one in plan.underlyings if one.is_unsure]
    more = f"; not all known yet of {_named(unsure)}" if unsure else ""
    return Finding("plan", "ok", counted(len(plan.underlyings), "underlying") + more)


_Lack = tuple[str, str]
"""What is lacking, and what gives it."""


def _missing(plan: VendorPlan) -> Iterator[_Lack]:
    for name, fix in _GIVES.items():
        if poor := [one for one in plan.underlyings if getattr(one, name) == "no"]:
            yield f"no {name} of {_named(poor)}", fix


def _late(plan: VendorPlan) -> Iterator[_Lack]:
    if late := [one for one in plan.underlyings if "delayed" in {one.timing, one.spot_timing}]:
        yield f"DELAYED: {_named(late)}", _REAL_TIME


def _poor_spots(plan: VendorPlan, indices: Collection[str]) -> Iterator[_Lack]:
    for kind, is_index in (("Indices", True), ("Stocks", False)):
        poor = [
            one for one in plan.underlyings if (one.symbol in indices) == is_index and one.spot in _POOR_SPOTS
        ]
        if poor:
            ways = ", ".join(sorted({one.spot for one in poor}))
            yield (
                f"spot by {ways}: {_named(poor)}",
                f"the vendor's {kind} plan gives the spot of {_named(poor)}",
            )


def _polled(plan: VendorPlan, channels: Mapping[str, Known]) -> Iterator[_Lack]:
    if channels.get("Q") == "no" and any(one.quotes != "no" for one in plan.underlyings):
        yield "quotes are not streamed", _GIVES["quotes"]


def _named(underlyings: Iterable[UnderlyingPlan]) -> str:
    return ", ".join(one.symbol for one in underlyings)


def _reports(swarm: Swarm) -> list[Mapping[str, Any]]:
    """What running streams say; nothing where there is none."""
    try:
        now_ms = swarm.clock.now_ms()
        reports = [attending(swarm.reports.read(name), now_ms) for name in swarm.settings.symbols]
    except (StoreUnavailable, SettingsError):
        return []
    return [report for report in reports if report]


def _channels(reports: Sequence[Mapping[str, Any]]) -> dict[str, Known]:
    """Channel → whether it comes; empty without a stream, unknown until one has been answered."""
    channels: dict[str, Known] = {}
    for kind, section in CHANNELS.items() if reports else ():
        lacking = any(section in report.get("not_streamed", ()) for report in reports)
        answered = any(report.get("feed") == "streaming" for report in reports)
        channels[kind] = "no" if lacking else "yes" if answered else "unknown"
    return channels
