"""Greeks as members of a section: for the stream as patches, for a load as the section itself. Pure.

The order is iv, delta, gamma, theta, vega, source, absent, ts. Figures have eight significant digits.
"""

from collections.abc import Sequence

from marketswarm.model.contract import Absence, Greeks

FIGURES = ("iv", "delta", "gamma", "theta", "vega")
_NO_FIGURES = ",".join(f'"{name}":null' for name in FIGURES)


def figure_text(value: float) -> str:
    """A figure as it is stored; it reads back as the number that `figure` gives."""
    return f"{value:.8g}"


def figure(value: float) -> float:
    """A figure to eight significant digits."""
    return float(figure_text(value))


def valued_patch(figures: Sequence[float], ts: int, *, was_absent: bool) -> str:
    """A whole section with figures; a reason that stood there goes."""
    iv, delta, gamma, theta, vega = figures
    absent = '"absent":null,' if was_absent else ""
    return (
        f'"iv":{iv:.8g},"delta":{delta:.8g},"gamma":{gamma:.8g},"theta":{theta:.8g},"vega":{vega:.8g},'
        f'"source":"local",{absent}"ts":{ts}'
    )


def absent_patch(reason: Absence, ts: int) -> str:
    """A whole section without figures, and why; figures that stood there go."""
    return f'{_NO_FIGURES},"source":"local","absent":"{reason}","ts":{ts}'


def valued_section(figures: Sequence[float], ts: int) -> Greeks:
    """The section that `valued_patch` writes."""
    values = dict(zip(FIGURES, map(figure, figures), strict=True))
    return Greeks(**values, source="local", ts=ts)


def absent_section(reason: Absence, ts: int) -> Greeks:
    """The section that `absent_patch` writes."""
    return Greeks(source="local", absent=reason, ts=ts)
