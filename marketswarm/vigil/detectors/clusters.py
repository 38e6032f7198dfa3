"""`cluster_formed`, `cluster_shifted`, `cluster_dissolved`, `spot_in_cluster`: where much of the gamma stands beside each other.

A cluster is told once when it has formed, when it has moved on from where it was told, and when it has dissolved. Its key is the
strike at which it formed, so that all that is told of one cluster belongs together. Spot within it is told with an end.

What may not be told again yet is held back: a cluster whose forming is held back is still forming, and is told to have formed when the
cooldown is over, if it stands then. So an end is never told without a beginning, and a shift begins where the last one ended.

What stands when a chain is first seen is no news: it is followed and told as levels only, and so is spot in a cluster that has
formed around it, until it has left and comes again.
"""

from dataclasses import dataclass
from math import inf, isfinite

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.model.event import Direction, EventType
from marketswarm.vigil.cluster_identity import Known, free_key, pairs_of, seen
from marketswarm.vigil.evidence import facts, nearest, scope_of, step_near
from marketswarm.vigil.picture import Cluster, GammaLevels
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import move_measure, named, shown

_WEIGHTIEST = 1.2  # thresholds: where gamma stands is no warning by itself


class Thresholds(BaseModel):
    """What makes a cluster, and what its life."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: float = Field(
        default=0.20,
        gt=0,
        le=1,
        description="share of the chain's gross gamma exposure from which it has formed",
    )
    dissolve: float = Field(default=0.12, ge=0, le=1, description="share below which it has dissolved")
    dwell: int = Field(default=3, ge=1, le=60, description="evaluations in a row for forming")
    settle: int = Field(
        default=30,
        ge=1,
        le=360,
        description="evaluations in a row for shifting and dissolving; 30 are five minutes",
    )
    warm_up: int = Field(
        default=30, ge=0, le=360, description="first evaluations of a chain, in which what stands is no news"
    )
    reach_steps: float = Field(
        default=2,
        gt=0,
        le=20,
        description="strike steps that a centre may move from one evaluation to the next",
    )
    shift_steps: float = Field(default=2, gt=0, le=50, description="strike steps of a shift, at least")
    shift_move: float = Field(
        default=0.3, ge=0, le=2, description="share of the expected move of a shift, at least"
    )
    spot_dwell: int = Field(
        default=2, ge=1, le=60, description="ticks in a row for spot coming in, and for its going out"
    )
    beyond_steps: float = Field(
        default=0.5, ge=0, le=20, description="strike steps beyond its border at which spot has left it"
    )
    cooldown_s: float = Field(
        default=1800,
        ge=0,
        le=7200,
        description="seconds until a forming or a shift may be told again, and spot's coming in; a dissolving does not wait",
    )


class Memory(Struct, frozen=True):
    """The clusters of one chain on one day, those that have formed and those that are forming.

    Attributes:
        looks: evaluations of it so far, at most those of the warm-up.
    """

    scope: str = ""
    looks: int = 0
    known: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """What one evaluation is judged with; `step` and `move` in points; `is_first` while what stands is no news."""

    moment: Moment
    rules: Thresholds
    gamma: GammaLevels
    step: float
    move: float | None
    is_first: bool

    def is_held_back(self, type: EventType, key: str, direction: Direction = "") -> bool:  # noqa: A002
        """Whether it may not be told yet; what is no news is not told anyway."""
        return not self.is_first and self.moment.is_cooling(type, key, direction)


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """What has become of the clusters, and whether spot is within one."""
    if not moment.session.is_open:
        return memory, ()
    gamma = moment.picture.gamma if moment.picture is not None else None
    step = step_near(gamma.strikes, moment.tick.spot) if gamma is not None else None
    if gamma is None or step is None:
        return memory, None
    if memory.scope != scope_of(moment):
        memory = Memory(scope_of(moment))
    rules: Thresholds = moment.thresholds
    look = _Look(moment, rules, gamma, step, move_measure(moment), memory.looks < rules.warm_up)
    clusters = [one for one in gamma.clusters if all(map(isfinite, (one.centre, one.low, one.high)))]
    known: list[Known] = []
    sightings: list[Sighting] = []
    for one, now in pairs_of(memory.known, clusters, rules.reach_steps * step):
        if one is not None and one.key:
            after, told = _followed(one, now, look)
        else:
            after, told = _forming(one.run if one is not None else 0, now, (*memory.known, *known), look)
        known += [after] if after is not None else []
        sightings += told
    if look.is_first:
        sightings, known = [], [replace(one, told=one.centre) for one in known]
    sightings += [_spot_within(one, look) for one in known if one.key and not one.is_around]
    return Memory(memory.scope, min(memory.looks + 1, rules.warm_up), tuple(known)), tuple(sightings)


def _forming(
    run: int, now: Cluster | None, known: tuple[Known, ...], look: _Look
) -> tuple[Known | None, list[Sighting]]:
    """A cluster that was not told to have formed yet, after so many evaluations in a row."""
    if now is None or not now.share >= look.rules.form:
        return None, []
    pending = replace(seen(now), run=min(run + 1, look.rules.dwell))
    key = free_key(named(nearest(look.gamma.strikes, now.centre)), known)
    if pending.run < look.rules.dwell or look.is_held_back("cluster_formed", key):
        return pending, []
    formed = replace(
        pending,
        key=key,
        told=pending.centre,
        most=pending.share,
        run=0,
        is_around=_beyond(pending, look) == 0,
    )
    title = f"Gamma cluster at {_place(formed)} formed: {now.share:.0%} of all"
    return formed, [_pulse("cluster_formed", formed, title, now.share / look.rules.form, look)]


def _followed(one: Known, now: Cluster | None, look: _Look) -> tuple[Known | None, list[Sighting]]:
    """A cluster that was told to have formed, or has stood from the first: its end does not cool, since each beginning has one."""
    rules = look.rules
    run = one.run + 1 if now is None or not now.share >= rules.dissolve else 0
    if run >= rules.settle:
        title = f"Gamma cluster at {_place(one)} dissolved"
        return None, [_pulse("cluster_dissolved", one, title, one.most / rules.form, look, cooldown_s=0)]
    if now is None:
        return replace(one, run=run), []
    present = seen(now)
    kept = replace(
        present,
        key=one.key,
        told=one.told,
        most=max(one.most, present.share),
        run=run,
        away=one.away,
    )
    return _shifted(_around(kept, one, look), look)


def _around(one: Known, before: Known, look: _Look) -> Known:
    """Whether spot is within it as it was ever since: until it has been out for some ticks in a row."""
    if not before.is_around:
        return replace(one, is_around=look.is_first and _beyond(one, look) == 0)
    out = before.out + 1 if _beyond(one, look) > 1 else 0
    return replace(one, is_around=out < look.rules.spot_dwell, out=out)


def _shifted(one: Known, look: _Look) -> tuple[Known, list[Sighting]]:
    rules = look.rules
    least = max(rules.shift_steps * look.step, rules.shift_move * look.move) if look.move is not None else inf
    shift = one.centre - one.told
    direction: Direction = "up" if shift > 0 else "down"
    away = _one_more(one.away, direction) if abs(shift) >= least else 0
    if abs(away) < rules.settle or look.is_held_back("cluster_shifted", one.key, direction):
        return replace(one, away=away), []
    title = f"Gamma cluster moved from {shown(round(one.told, 1))} to {_place(one)}"
    weight = abs(shift) / least
    told = _pulse("cluster_shifted", one, title, weight, look, direction=direction)
    return replace(one, told=one.centre, away=0), [told]


def _one_more(away: int, direction: Direction) -> int:
    """Evaluations in a row on one side, after one more on this."""
    return max(away, 0) + 1 if direction == "up" else min(away, 0) - 1


def _pulse(
    type: EventType,  # noqa: A002
    one: Known,
    title: str,
    weight: float,
    look: _Look,
    *,
    direction: Direction = "",
    cooldown_s: float | None = None,
) -> Sighting:
    evidence = _numbers(one)
    if type == "cluster_shifted":
        evidence["from"] = (one.told, "points")
    return Sighting(
        type=type,
        magnitude=max(1.0, min(weight, _WEIGHTIEST)),
        enter=1.0,
        leave=1.0,
        title=title,
        key=one.key,
        direction=direction,
        cooldown_s=look.rules.cooldown_s if cooldown_s is None else cooldown_s,
        is_pulse=True,
        evidence=facts(look.moment, evidence),
    )


def _spot_within(one: Known, look: _Look) -> Sighting:
    """Magnitude 1 and more within; outside 1 less half of how far beyond the border it is, in what makes it left."""
    spot, rules = look.moment.tick.spot, look.rules
    beyond = _beyond(one, look)
    return Sighting(
        type="spot_in_cluster",
        magnitude=1 - beyond / 2 if beyond > 0 else max(1.0, min(one.share / rules.form, _WEIGHTIEST)),
        enter=1.0,
        leave=0.5,
        title=f"Spot is in the gamma cluster at {_place(one)}",
        key=one.key,
        dwell=rules.spot_dwell,
        cooldown_s=rules.cooldown_s,
        ending=f"Spot is no longer in the gamma cluster at {_place(one)}",
        evidence={**facts(look.moment, _numbers(one)), "spot": look.moment.fact(spot, "points")},
    )


def _beyond(one: Known, look: _Look) -> float:
    """How far spot is outside of its borders, in what makes it left."""
    spot, least = look.moment.tick.spot, look.rules.beyond_steps * look.step
    outside = max(one.low - spot, spot - one.high, 0.0)
    if outside <= 0:
        return 0.0
    return outside / least if least else inf


def _numbers(one: Known) -> dict[str, tuple[float | None, str]]:
    return {
        "centre": (one.centre, "points"),
        "low": (one.low, "points"),
        "high": (one.high, "points"),
        "share": (one.share, "share"),
        "ratio": (one.ratio, "net over gross"),
    }


def _place(one: Known) -> str:
    return shown(round(one.centre, 1))


DETECTOR = Detector(
    name="clusters",
    version=3,
    method="peaks of a kernel density of gross gamma exposure by strike, followed by their centres",
    memory=Memory,
    watch=watch,
)
