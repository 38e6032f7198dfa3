"""Greeks as members of a section: for the stream as patches, for a load as the section itself. Pure.

The order is iv, delta, gamma, theta, vega, source, absent, ts. Figures have eight significant digits and no
exponents, so that the scripts take them fastest.
"""

from collections.abc import Sequence

from marketswarm.model.contract import Absence, Greeks, plain_decimal

FIGURES = ("iv", "delta", "gamma", "theta", "vega")
_ALL_FIGURES = ",".join(f'"{name}":%.8g' for name in FIGURES)
_NO_FIGURES = ",".join(f'"{name}":null' for name in FIGURES)


def figure_text(value: float) -> str:
    """A figure as it is stored; it reads back as the number that `figure` gives."""
    text = f"{value:.8g}"
    return plain_decimal(text) if "e" in text else text


def figure(value: float) -> float:
    """A figure to eight significant digits."""
    return float(figure_text(value))


def valued_patch(figures: Sequence[float], ts: int, *, was_absent: bool) -> str:
    """A whole section with figures; a reason that stood there goes."""
    told = _ALL_FIGURES % tuple(figures)  # at once, as `figure_text` does it one by one
    if "e-" in told or "e+" in told:
        told = ",".join(f'"{name}":{figure_text(one)}' for name, one in zip(FIGURES, figures, strict=True))
    absent = '"absent":null,' if was_absent else ""
    return f'{told},"source":"local",{absent}"ts":{ts}'


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
