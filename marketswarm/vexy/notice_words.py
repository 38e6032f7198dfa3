"""What stands in digests of what was kept back, and in notices of Vexy herself. Pure."""

from typing import Any

from marketswarm.vexy.context import Context
from marketswarm.vexy.digest_words import counted_kinds
from marketswarm.vexy.draft import Suppressed
from marketswarm.vexy.facts import put_figure
from marketswarm.vexy.level_facts import quality_of
from marketswarm.vexy.phrases import because
from marketswarm.vexy.referring import plain_symbol

Vars = dict[str, Any]


def kept_words(suppressed: Suppressed) -> Vars:
    """What the budget has kept back: kinds, how many, and in which time."""
    source, as_of = f"kept:{suppressed.symbol}", suppressed.until
    told: Vars = counted_kinds(suppressed.counts, source=source, as_of=as_of)
    seconds = (suppressed.until - suppressed.since) / 1_000
    put_figure(told, "span", "duration", seconds, source=source, as_of=as_of)
    return told | {"symbol": plain_symbol(suppressed.symbol)}


def notice_words(context: Context, symbol: str, reason: str) -> Vars:
    """Why data is bad, and how much of it is known."""
    told: Vars = {"symbol": plain_symbol(symbol)}
    why = because(reason)
    if why is not None:
        told["because"] = why
    coverage = quality_of(context.of(symbol).levels).get("coverage")
    put_figure(told, "coverage", "percent", coverage, source=f"levels:{symbol}/quality", as_of=context.now)
    return told
