"""Levels as people read them: a line that says of what and how sure, and a table of what there is."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from marketswarm.cli.figure_text import money_text
from marketswarm.cli.status_view import age_text, provenance_words, state_text
from marketswarm.outlets.levels import Levels

REGIME_STYLES: Final = {"positive": "green", "negative": "red", "neutral": "yellow"}
_NEW_YORK: Final = ZoneInfo("America/New_York")
_OLD_MS: Final = 30_000
_WEAK: Final = 0.15  # a wall of less dominance raises no event
_NARROW: Final = 60


class Row(NamedTuple):
    """One level: its name, what it is, and what belongs beside it."""

    name: str
    text: str
    beside: str = ""
    style: str = "bold"


def levels_header(levels: Levels, now_ms: int, told: Mapping[str, Any], source: str = "") -> Text:
    """Symbol, spot, expiration, age, coverage and sign model on one line, with what is to be said of the data.

    Args:
        levels: what is shown.
        now_ms: when it is looked at.
        told: how the data comes, as `status` tells it.
        source: of the chain, such as `sim`.
    """
    age_ms = levels.age_ms(now_ms)
    old = age_ms is not None and age_ms > _OLD_MS
    parts = [Text(levels.symbol, style="bold")]
    if levels.spot is not None:
        parts.append(Text(f"{levels.spot:,.2f}", style="bold yellow"))
    if levels.expiration:
        parts.append(Text(levels.expiration))
    if levels.chain_state:
        parts.append(state_text(levels.chain_state))
    if age_ms is not None:
        parts.append(Text(f"{age_text(age_ms)} ago", style="bold yellow" if old else ""))
    if levels.coverage is not None:
        parts.append(Text(f"coverage {levels.coverage:.0%}"))
    if levels.degraded or levels.why_no_chain:
        parts.append(
            Text(f"degraded: {reason_words(levels.degraded or levels.why_no_chain)}", style="bold red")
        )
    notes = [*provenance_words(told), *([levels.note] if levels.note else [])]
    parts += [Text(words, style="bold yellow") for words in notes]
    kinds = [
        f"{source} data" if source else "",
        f"sign model {levels.sign_model}" if levels.sign_model else "",
    ]
    parts += [Text(", ".join(filter(None, kinds)), style="dim")] if any(kinds) else []
    return Text("   ").join(parts)


def levels_table(levels: Levels, width: int) -> Table:
    """One row a level; what is absent says why. In a narrow window what stands beside is left out."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    wide = width >= _NARROW
    if wide:
        table.add_column(overflow="fold", style="dim")
    for row in level_rows(levels):
        cells = [Text(row.name), Text(row.text, style=row.style)]
        table.add_row(*cells, *([Text(row.beside)] if wide else []))
    return table


def level_rows(levels: Levels) -> Iterator[Row]:
    """Every level in the order in which people ask for them."""
    yield _net_gamma(levels)
    yield _live_gamma(levels)
    yield _regime(levels)
    yield _flip(levels)
    yield _wall(levels, "call_wall", "call wall")
    yield _wall(levels, "put_wall", "put wall")
    yield _heaviest(levels)
    yield _strike(levels, "max_pain", "max pain")
    yield _clusters(levels)
    yield _ratios(levels)
    yield _expected_move(levels)
    yield _volatility(levels)
    yield _smile(levels)
    yield _flow(levels, "vanna", "vanna", "per vol point")
    yield _flow(levels, "charm", "charm", "per minute")


def reason_words(reason: str | None) -> str:
    """A reason as words: `no-open-interest` is no open interest."""
    return (reason or "").replace("-", " ")


def distance_text(levels: Levels, level: float) -> str:
    """How far a level is from spot, in points and in expected moves of the open."""
    if levels.spot is None:
        return ""
    points = level - levels.spot
    move = levels.number("move_open") or levels.number("move_left")
    return f"{points:+,.1f} points" + (f", {points / move:+.2f} expected moves" if move else "")


# -- rows ---------------------------------------------------------------------


def _net_gamma(levels: Levels) -> Row:
    net, gross = levels.number("net_gamma"), levels.number("gross_gamma")
    if net is None:
        return _absent(levels, "net_gamma", "net gamma")
    beside = "per 1 % move" + (f", of {money_text(gross, signed=False)} gross" if gross else "")
    return Row("net gamma", money_text(net), beside, f"bold {_sign_style(net)}")


def _live_gamma(levels: Levels) -> Row:
    net, flip = levels.number("live_net_gamma"), levels.number("live_flip")
    if net is None:
        return _absent(levels, "live_net_gamma", "with volume")
    beside = "half of today's volume counted as open interest" + (f"; flip {flip:,.2f}" if flip else "")
    return Row("with volume", money_text(net), beside, _sign_style(net))


def _regime(levels: Levels) -> Row:
    regime, word = levels.number("regime"), levels.regime_word()
    if regime is None:
        return _absent(levels, "regime", "regime")
    return Row("regime", f"{word} {regime:+.2f}", "net over gross at spot", f"bold {REGIME_STYLES[word]}")


def _flip(levels: Levels) -> Row:
    flip, confidence = levels.number("flip"), levels.number("flip_confidence")
    if flip is None:
        return _absent(levels, "flip", "flip")
    beside = [distance_text(levels, flip)]
    if confidence is not None:
        beside.append(f"confidence {confidence:.0%}")
    others = [row[0] for row in levels.rows("crossings") if abs(row[0] - flip) > 1e-9]
    if others:
        beside.append(
            f"nearest of {len(others) + 1} flips, also " + ", ".join(f"{level:,.2f}" for level in others)
        )
    return Row("flip", f"{flip:,.2f}", "; ".join(filter(None, beside)))


def _wall(levels: Levels, field: str, name: str) -> Row:
    strike, dominance = levels.number(field, "strike"), levels.number(field, "dominance")
    if strike is None:
        return _absent(levels, field, name)
    share = levels.number(field, "share")
    beside = [distance_text(levels, strike)]
    beside += [] if dominance is None else [f"dominance {dominance:.0%}"]
    beside += [] if share is None else [f"{share:.0%} of all gamma"]
    beside += _touch(levels, field)
    weak = dominance is not None and dominance < _WEAK
    return Row(name, f"{strike:,g}", "; ".join(filter(None, beside)), "dim" if weak else "bold")


def _strike(levels: Levels, field: str, name: str) -> Row:
    strike = levels.number(field)
    if strike is None:
        return _absent(levels, field, name)
    return Row(
        name, f"{strike:,g}", "; ".join(filter(None, [distance_text(levels, strike), *_touch(levels, field)]))
    )


def _heaviest(levels: Levels) -> Row:
    """Where it is a wall, too, that is all there is to say of it."""
    row = _strike(levels, "heaviest", "heaviest strike")
    walls = {"call_wall": "the call wall", "put_wall": "the put wall"}
    for field, words in walls.items():
        if levels.number(field, "strike") == levels.number("heaviest") is not None:
            return row._replace(beside=words)
    return row


def _touch(levels: Levels, name: str) -> list[str]:
    """The odds that spot touches it before settlement, where they were published."""
    odds = [row.get("touch") for row in levels.rows("key_strikes") if row.get("name") == name]
    return [f"touched with {odds[0]:.0%}"] if odds and odds[0] is not None else []


def _clusters(levels: Levels) -> Row:
    found = levels.rows("clusters")
    if not found:
        why = "none" if levels.value("clusters") is not None else reason_words(levels.why_absent("clusters"))
        return Row("clusters", "—", why, "dim")
    told = [
        f"{one['low']:,.0f}–{one['high']:,.0f} {one['share']:.0%} {one['kind']}"
        for one in sorted(found, key=lambda one: -one["share"])
    ]
    return Row("clusters", f"{len(found)}", "; ".join(told))


def _ratios(levels: Levels) -> Row:
    names = {
        "put_call_open_interest": "open interest",
        "put_call_volume": "volume",
        "put_call_premium": "premium",
    }
    known = {words: levels.number(name) for name, words in names.items()}
    told = [f"{words} {ratio:.2f}" for words, ratio in known.items() if ratio is not None]
    if not told:
        return _absent(levels, "put_call_open_interest", "put/call")
    first, *rest = told
    return Row("put/call", first.split()[-1], f"by {', '.join([first.rpartition(' ')[0], *rest])}")


def _expected_move(levels: Levels) -> Row:
    left, opening = levels.number("move_left"), levels.number("move_open")
    if left is None:
        return _absent(levels, "move_left", "expected move")
    beside = ["left, points"]
    beside += [f"{opening:,.1f} {_fixed_words(levels)}"] if opening is not None else []
    sigma = levels.number("sigma")
    beside += [f"one sigma {sigma:,.1f}"] if sigma is not None else []
    return Row("expected move", f"{left:,.1f}", "; ".join(beside))


def _fixed_words(levels: Levels) -> str:
    """Since when the measure of distances is fixed: a late start knows nothing of the open."""
    since = levels.late_since
    if since is None:
        return "at the open"
    return f"at {datetime.fromtimestamp(since / 1_000, _NEW_YORK):%H:%M} ET, not at the open"


def _volatility(levels: Levels) -> Row:
    """Options count a year's every hour, what was realised those of its sessions: only the second pair may be compared."""
    implied, seen = levels.number("volatility"), levels.number("realised", "volatility")
    priced, ratio = levels.number("realised", "implied"), levels.number("realised", "ratio")
    if implied is None:
        return _absent(levels, "volatility", "volatility")
    beside = ["implied at the forward"]
    if seen is not None:
        known = priced is not None and ratio is not None
        beside.append(f"realised {seen:.1%}" + (f", {ratio:.2f} of the {priced:.1%} priced" if known else ""))
    return Row("volatility", f"{implied:.1%}", "; ".join(beside))


def _smile(levels: Levels) -> Row:
    level, skew = levels.number("smile", "level"), levels.number("smile", "skew")
    curvature, error = levels.number("smile", "curvature"), levels.number("smile", "error")
    if level is None or skew is None or curvature is None:
        return _absent(levels, "smile", "smile")
    beside = [f"skew {100 * skew:+.2f} vol points a sigma", f"curvature {100 * curvature:+.2f}"]
    beside += [] if error is None else [f"fit error {100 * error:.2f}"]
    tails = [levels.number("smile", name) for name in ("left_tail", "right_tail")]
    if None not in tails:
        beside.append(f"tails {tails[0]:.2f} and {tails[1]:.2f} of a flat smile's")
    good = levels.value("smile", "is_good") is not False
    return Row("smile", f"{level:.1%}", "; ".join(beside), "bold" if good else "dim")


def _flow(levels: Levels, field: str, name: str, unit: str) -> Row:
    amount = levels.number(field)
    if amount is None:
        return _absent(levels, field, name)
    return Row(name, money_text(amount), f"of delta {unit}", _sign_style(amount))


def _absent(levels: Levels, field: str, name: str) -> Row:
    return Row(name, "—", reason_words(levels.why_absent(field)), "dim")


def _sign_style(number: float) -> str:
    return "green" if number > 0 else "red" if number < 0 else ""
