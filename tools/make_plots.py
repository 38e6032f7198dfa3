"""Draw docs/pictures/growth-*.svg from docs/pictures/growth.json, which `make bench ARGS=--write` leaves there.

The same data gives the same bytes, and each picture carries the hash of the data that it shows.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
STYLE = {
    "svg.hashsalt": "marketswarm",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "legend.frameon": False,
}
STREAM, SERVER, BARE, LOOP = "#1f6fb4", "#d1495b", "#777777", "#777777"
SIZE_INCHES = (9.0, 3.6)

Points = Sequence[dict[str, Any]]


def main(folder: Path = PICTURES) -> None:
    """Draw both."""
    data = (folder / "growth.json").read_bytes()
    document = json.loads(data)
    for name, draw in (("contracts", by_contracts), ("quotes", by_quotes)):
        target = folder / f"growth-{name}.svg"
        with mpl.rc_context(STYLE):
            save(draw(document), target, hashlib.sha256(data).hexdigest())
        print(f"{target}: {target.stat().st_size:,} bytes")


def save(figure: Figure, target: Path, digest: str) -> None:
    """Write the picture without a date, and with the hash of its data."""
    known = {"Date": None, "Creator": "tools/make_plots.py", "Identifier": f"sha256:{digest}"}
    figure.savefig(target, format="svg", metadata=known)
    lines = target.read_text(encoding="utf-8").splitlines()
    target.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")


def by_contracts(document: dict[str, Any]) -> Figure:
    """Processor time and lag against contracts."""
    points: Points = document["contracts"]
    label = f"contracts, {document['quotes_a_contract']} quotes/s each"
    figure, (left, right) = panels("Twice the contracts, twice the cost", document)
    counts = [point["contracts"] for point in points]
    processor_time(left, counts, points, label)
    right.plot(counts, column(points, "lag_p50_ms"), "o-", color=STREAM, label="p50")
    right.plot(counts, column(points, "lag_p99_ms"), "s-", color=SERVER, label="p99")
    finish(right, label, "received → readable, ms")
    return figure


def by_quotes(document: dict[str, Any]) -> Figure:
    """Processor time and writes against quotes."""
    points: Points = document["quotes"]
    label = f"quotes/s over {points[0]['contracts']:,} contracts"
    figure, (left, right) = panels("Twice the quotes, no more writes", document)
    rates = column(points, "quotes_per_s")
    for axes in (left, right):
        axes.set_xscale("log", base=2)
    processor_time(left, rates, points, label)
    right.plot(rates, rates, "--", color=LOOP, label="a write for each quote")
    right.plot(rates, column(points, "changes_per_s"), "o-", color=STREAM, label="contracts changed")
    right.plot(rates, column(points, "entries_per_s"), "s-", color=SERVER, label="entries of the feed")
    right.set_yscale("log")
    finish(right, label, "writes/s")
    for axes in (left, right):
        axes.set_xticks(rates, [thousands(rate) for rate in rates])
        axes.minorticks_off()
    return figure


def panels(title: str, document: dict[str, Any]) -> tuple[Figure, Sequence[Axes]]:
    """An empty figure of two panels, with the machine named below."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    both = figure.subplots(1, 2)
    figure.suptitle(title)
    figure.supxlabel(document["machine"], fontsize=7, color="#777777")
    return figure, both


def processor_time(axes: Axes, xs: Sequence[float], points: Points, label: str) -> None:
    """What stream and server use, and what receiving alone does."""
    share = {
        name: [100 * value for value in column(points, f"{name}_cpu")]
        for name in ("stream", "server", "bare")
    }
    axes.plot(xs, share["stream"], "o-", color=STREAM, label="stream worker")
    axes.plot(xs, share["server"], "s-", color=SERVER, label="server")
    axes.plot(xs, share["bare"], "--", color=BARE, label="receive, decode, keep only")
    finish(axes, label, "% of a core")


def finish(axes: Axes, across: str, up: str) -> None:
    """Name the axes, and begin at zero where that can be."""
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    if axes.get_yscale() == "linear":
        axes.set_ylim(bottom=0)
    if axes.get_xscale() == "linear":
        axes.set_xlim(left=0)
    axes.legend()


def column(points: Points, name: str) -> list[float]:
    """One member of all points."""
    return [float(point[name]) for point in points]


def thousands(rate: float) -> str:
    """A rate as a tick says it: 20149 is 20k."""
    return f"{rate / 1000:.0f}k"


if __name__ == "__main__":
    main()
