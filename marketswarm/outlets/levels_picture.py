"""Levels as a picture: the gamma profile over spots, and gamma by strike, with spot, flip and walls. Needs matplotlib.

The same levels give the same bytes, whenever they are drawn, with the same matplotlib.
"""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from marketswarm.errors import PictureError
from marketswarm.maths.calendar import NEW_YORK
from marketswarm.outlets.levels import Levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CALLS, PUTS, NET, SPOT, FLIP, WALL = "#2a7f3f", "#c23b3b", "#1f4e8c", "#c98a00", "#8e44ad", "#555555"
_SIZE_INCHES: Final = (10.0, 7.0)
_DOTS_AN_INCH: Final = 120
_MILLION: Final = 1e6
_NO_TRACES: Final[dict[str, Any]] = {"Software": None, "Creation Time": None}


def draw_levels(levels: Levels, target: Path) -> None:
    """Write the picture as PNG.

    Raises:
        PictureError: when matplotlib is missing, there is no gamma to draw, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  optional
    except ModuleNotFoundError:
        raise PictureError(
            str(target), "drawing needs matplotlib: pip install 'marketswarm[plots]'"
        ) from None
    if levels.value("gamma_by_strike") is None or levels.spot is None:
        raise PictureError(str(target), f"no gamma to draw: {levels.why_absent('gamma_by_strike')}")
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained", facecolor="white")
    _draw(levels, figure)
    new = target.with_name(f"{target.name}.new")
    try:
        figure.savefig(new, format="png", dpi=_DOTS_AN_INCH, metadata=_NO_TRACES)
        new.replace(target)
    except OSError as error:
        raise PictureError(str(target), f"cannot be written ({error.strerror or error})") from error
    finally:
        new.unlink(missing_ok=True)


def _draw(levels: Levels, figure: "Figure") -> None:
    upper, lower = figure.subplots(2, 1, sharex=True)
    figure.suptitle(_title(levels))
    low, high = _range(levels)
    _profile(levels, upper, low, high)
    _by_strike(levels, lower)
    for axes in (upper, lower):
        axes.axhline(0, color="black", linewidth=0.8)
        axes.grid(visible=True, color="#dddddd")
        axes.set_axisbelow(True)
        _markers(levels, axes)
        axes.set_ylabel("million USD per 1 % move")
    upper.legend(loc="best", fontsize=8)
    lower.legend(loc="best", fontsize=8)
    lower.set_xlabel("points")
    lower.set_xlim(low, high)


def _profile(levels: Levels, axes: "Axes", low: float, high: float) -> None:
    """The part of it that is in sight."""
    rows = [row for row in levels.rows("gamma_profile") if low <= row[0] <= high]
    spots, exposures = [row[0] for row in rows], [row[1] / _MILLION for row in rows]
    axes.plot(spots, exposures, color=NET, label="net gamma if spot were there")
    if rows:
        axes.fill_between(spots, exposures, where=[one >= 0 for one in exposures], color=CALLS, alpha=0.12)
        axes.fill_between(spots, exposures, where=[one < 0 for one in exposures], color=PUTS, alpha=0.12)


def _by_strike(levels: Levels, axes: "Axes") -> None:
    rows = sorted(levels.rows("gamma_by_strike"))
    strikes = [row[0] for row in rows]
    width = 0.8 * min((after - before for before, after in pairwise(strikes)), default=1.0)
    axes.bar(strikes, [row[3] / _MILLION for row in rows], width, color=CALLS, label="calls")
    axes.bar(strikes, [row[4] / _MILLION for row in rows], width, color=PUTS, label="puts")
    axes.plot(strikes, [row[1] / _MILLION for row in rows], color=NET, linewidth=1, label="net")


def _markers(levels: Levels, axes: "Axes") -> None:
    marks = (
        ("spot", levels.spot, SPOT, "-"),
        ("flip", levels.number("flip"), FLIP, "--"),
        ("call wall", levels.number("call_wall", "strike"), WALL, ":"),
        ("put wall", levels.number("put_wall", "strike"), WALL, "-."),
    )
    for name, level, colour, style in marks:
        if level is not None:
            axes.axvline(level, color=colour, linestyle=style, linewidth=1.3, label=f"{name} {level:,.2f}")


def _range(levels: Levels) -> tuple[float, float]:
    """The strikes there are, within what the profile spans."""
    strikes = [row[0] for row in levels.rows("gamma_by_strike")] or [levels.spot or 0.0]
    spots = [row[0] for row in levels.rows("gamma_profile")] or strikes
    margin = 0.02 * (max(strikes) - min(strikes))
    return max(min(strikes), min(spots)) - margin, min(max(strikes), max(spots)) + margin


def _title(levels: Levels) -> str:
    parts = [levels.symbol, levels.expiration or ""]
    if levels.as_of is not None:
        moment = datetime.fromtimestamp(levels.as_of / 1000, UTC).astimezone(NEW_YORK)
        parts.append(f"{moment:%Y-%m-%d %H:%M:%S} New York")
    parts += [f"sign model {levels.sign_model}"] if levels.sign_model else []
    parts += [f"degraded: {levels.degraded}"] if levels.degraded else []
    return "   ".join(filter(None, parts))
