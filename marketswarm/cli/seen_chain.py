"""One stored chain with what belongs beside it: spot, the state that may be shown, its age."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from rich.text import Text

from marketswarm.cli.status_view import age_text, provenance_words, state_text
from marketswarm.cli.swarm_reading import read_symbol
from marketswarm.maths.calendar import new_york_day
from marketswarm.model.chain import StoredChain
from marketswarm.outlets.ladder import Ladder, make_ladder
from marketswarm.outlets.status import provenance, shown_state
from marketswarm.wiring import Swarm


@dataclass(frozen=True, slots=True)
class SeenChain:
    """A chain as it was seen at one moment.

    Attributes:
        spot: of the last tick; of the load where there was no tick yet.
        state: as it may be shown.
        days: calendar days until the expiration, by New York's date.
        age_ms: since the chain was last changed.
        updates_per_s: as the stream counts them, None when no stream attends.
        told: how the data comes, as `status` tells it.
    """

    stored: StoredChain
    spot: float
    state: str
    days: int
    age_ms: int
    updates_per_s: float | None
    told: Mapping[str, Any] = field(default_factory=dict)

    def ladder(self) -> Ladder:
        """All of it as a ladder."""
        return make_ladder(
            (one.model_dump(exclude_none=True) for one in self.stored.contracts.values()), self.spot
        )


def see_chain(swarm: Swarm, symbol: str, expiration: date | None = None) -> SeenChain:
    """Read a chain and what belongs beside it.

    Raises:
        NoSuchChain: when it is not stored.
        StoreUnavailable: when the store does not answer.
    """
    stored = swarm.chains.read(symbol, expiration)
    beside, now_ms = read_symbol(swarm, symbol), swarm.clock.now_ms()
    return SeenChain(
        stored=stored,
        spot=float(beside.spot.get("spot", stored.meta.spot)),
        state=shown_state(stored.meta, beside.report, in_session=swarm.in_session(now_ms)),
        days=(stored.meta.chain.expiration - new_york_day(now_ms)).days,
        age_ms=max(0, now_ms - stored.meta.applied_ms),
        updates_per_s=beside.report.get("updates_per_s"),
        told=provenance(replace(beside, meta=stored.meta), now_ms),
    )


def seen_header(seen: SeenChain) -> Text:
    """Symbol, spot, expiration, state, contracts, age and sources on one line."""
    meta, greeks = seen.stored.meta, greeks_source(seen.stored)
    return Text("   ").join(
        (
            Text(meta.chain.symbol, style="bold"),
            Text(f"{seen.spot:,.2f}", style="bold yellow"),
            Text(f"{meta.chain.expiration} ({days_text(seen.days)})"),
            state_text(seen.state),
            Text(f"{meta.contracts:,} contracts"),
            Text(f"changed {age_text(seen.age_ms)} ago"),
            *(Text(words, style="bold yellow") for words in provenance_words(seen.told)),
            Text(f"{meta.source} data" + (f", {greeks} greeks" if greeks else ""), style="dim"),
        )
    )


def greeks_source(stored: StoredChain) -> str:
    """Whose greeks the chain has, `local` or `provider`: it never has both. Empty when it has none."""
    return next((one.greeks.source for one in stored.contracts.values() if one.greeks), "")


def days_text(days: int) -> str:
    """Days to the expiration in words."""
    if days < 0:
        return "expired"
    return "today" if days == 0 else f"{days} day{'s' if days > 1 else ''}"
