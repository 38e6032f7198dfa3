"""The status as people read it: one row a symbol."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from marketswarm.cli.swarm_reading import read_swarm
from marketswarm.outlets.status import DELAY_MS, SPOT_STALE_MS, status_document
from marketswarm.wiring import Swarm

STATE_STYLES: Final = {
    "live": "bold green",
    "closed": "cyan",
    "loading": "yellow",
    "stale": "bold yellow",
    "gap": "bold red",
}
_LEFT: Final = ("symbol", "state")
_COLUMNS: Final = (
    *_LEFT,
    "spot",
    "age",
    "expiration",
    "contracts",
    "updates/s",
    "lag p50",
    "p99",
    "gaps",
    "reconnects",
)
_SPOTS: Final = {"parity": "spot by put-call parity", "previous": "spot is the previous close"}
_BETWEEN: Final = 2  # blanks
_DROPPED_FIRST: Final = (
    "reconnects",
    "gaps",
    "p99",
    "expiration",
    "contracts",
    "lag p50",
    "updates/s",
    "age",
)


def render_status(swarm: Swarm) -> RenderableType:
    """The present status of a swarm as a table, or the reason why there is none."""
    return status_table(status_document(read_swarm(swarm)))


def status_table(document: Mapping[str, Any]) -> RenderableType:
    """A status document as a table."""
    if "error" in document:
        return Text(f"down: {document['error']}", style="bold red")
    told = [
        Text(f"{symbol}: {seen[name]}", style=style)
        for symbol, seen in document["symbols"].items()
        for name, style in (("reason", "yellow"), ("detail", "bold red"))
        if name in seen
    ]
    told += [Text(line, style="yellow") for line in _notices(document["symbols"])]
    told += [Text(line, style="bold yellow") for line in _provenances(document["symbols"])]
    return Group(SymbolTable(document["symbols"]), *told, Text(_footer(document), style="dim"))


class SymbolTable:
    """One row a symbol, with the columns that the window is wide enough for; symbol and state are always whole."""

    def __init__(self, symbols: Mapping[str, Mapping[str, Any]]) -> None:
        self._rows = [
            dict(zip(_COLUMNS, (Text(symbol), *_cells(seen)), strict=True))
            for symbol, seen in symbols.items()
        ]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as wide as the console allows."""
        names = list(_COLUMNS)
        for dropped in _DROPPED_FIRST:
            if sum(map(self._width, names)) + _BETWEEN * (len(names) - 1) <= options.max_width:
                break
            names.remove(dropped)
        yield self._table(names)

    def _table(self, names: Sequence[str]) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in names:
            kept = self._width(name) if name in _LEFT else None
            table.add_column(name, justify="left" if name in _LEFT else "right", no_wrap=True, min_width=kept)
        for row in self._rows:
            table.add_row(*(row[name] for name in names))
        return table

    def _width(self, name: str) -> int:
        return max(len(name), *(row[name].cell_len for row in self._rows), 0)


def age_text(age_ms: float | None) -> str:
    """An age in the unit in which people would say it; empty when unknown."""
    if age_ms is None:
        return ""
    seconds = age_ms / 1000
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def state_text(state: str) -> Text:
    """A state in its colour."""
    return Text(state, style=STATE_STYLES.get(state, ""))


def _cells(seen: Mapping[str, Any]) -> list[Text]:
    lag, age_ms = seen.get("lag_ms", {}), seen.get("spot_age_ms")
    allowed_ms = SPOT_STALE_MS + (DELAY_MS if seen.get("delayed") else 0)
    old = age_ms is not None and age_ms > allowed_ms and seen["state"] != "closed"
    return [
        state_text(seen["state"]),
        Text(f"{seen['spot']:,.2f}" if "spot" in seen else ""),
        Text(age_text(age_ms), style="bold yellow" if old else ""),
        Text(seen.get("expiration", "")),
        Text(_number(seen.get("contracts"))),
        Text(_number(seen.get("updates_per_s"))),
        Text(_lag(lag.get("p50"))),
        Text(_lag(lag.get("p99"))),
        Text(_number(seen.get("gaps"))),
        Text(_number(seen.get("reconnects"))),
    ]


def _notices(symbols: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is to be said of windows, each once, with the symbols that it is said of."""
    named: dict[str, list[str]] = {}
    for symbol, seen in symbols.items():
        if "notice" in seen:
            named.setdefault(seen["notice"], []).append(symbol)
    return [f"{', '.join(names)}: {notice}" for notice, names in named.items()]


def provenance_words(seen: Mapping[str, Any]) -> list[str]:
    """What is to be said of how data comes; nothing of what is streamed, in real time, and its own source's spot."""
    words = ["DELAYED"] if seen.get("delayed") else []
    if seen.get("quotes") == "polled":
        words.append(f"quotes polled {age_text(seen.get('polled_age_ms'))} ago")
    elif seen.get("quotes") == "none":
        words.append("no quotes")
    if seen.get("spot_by") in {"parity", "previous"}:
        words.append(_SPOTS[seen["spot_by"]])
    return words


def _provenances(symbols: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The same in lines, each once, with the symbols that it is said of."""
    named: dict[str, list[str]] = {}
    for symbol, seen in symbols.items():
        if words := provenance_words(seen):
            named.setdefault(", ".join(words), []).append(symbol)
    return [f"{', '.join(names)}: {words}" for words, names in named.items()]


def _footer(document: Mapping[str, Any]) -> str:
    parts = [f"data: {document['source']}"]
    if beat := document.get("heartbeat"):
        parts.append(f"heartbeat: {beat.get('published', 0):,} published, {beat.get('missed', 0):,} missed")
    if bad := document.get("bad_frames"):
        parts.append("unusable: " + ", ".join(f"{reason} {count:,}" for reason, count in sorted(bad.items())))
    if told := _mismatch(document["symbols"]):
        parts.append(told)
    return "   ".join(parts)


def _mismatch(symbols: Mapping[str, Mapping[str, Any]]) -> str:
    """The share of compared values that were not as the vendor has them; empty when nothing was compared of late."""
    rates = {name: seen["audit"]["rate"] for name, seen in symbols.items() if "rate" in seen.get("audit", {})}
    wrong = [f"{name} {rate:.2%}" for name, rate in rates.items() if rate]
    return f"mismatch: {', '.join(wrong) or 'none'}" if rates else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _lag(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} ms"
