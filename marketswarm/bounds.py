"""What a number may be, in words that fit behind `allowed:`: always the whole range, never the half that was missed."""

from collections.abc import Iterator
from typing import Any, get_args

from annotated_types import Ge, Gt, Le

Number = int | float

_NUMBER_ERRORS = ("int_", "float_", "greater_than", "less_than", "finite_number")


def range_words(low: Number | None, high: Number | None, *, whole: bool, above: bool = False) -> str:
    """Such as `a whole number from 1 to 500`; with `above` the low end itself is not allowed."""
    noun = "a whole number" if whole else "a number"
    most = "" if high is None else f"{high:g}" if isinstance(high, float) else f"{high}"
    if low is None:
        return f"{noun}, {most} or less" if most else noun
    least = f"{low:g}" if isinstance(low, float) else f"{low}"
    if above:
        return f"{noun} above {least}" + (f", up to {most}" if most else "")
    return f"{noun} from {least} to {most}" if most else f"{noun}, {least} or more"


def range_of(*hints: Any) -> str | None:
    """The range that type hints and pydantic's fields tell of a number; None where they tell of none."""
    parts = [part for hint in hints for part in parts_of(hint)]
    if int not in parts and float not in parts:
        return None
    low = next((part for part in parts if isinstance(part, (Ge, Gt))), None)
    high = next((part.le for part in parts if isinstance(part, Le)), None)
    return range_words(
        low.ge if isinstance(low, Ge) else low.gt if low else None,  # type: ignore[arg-type]
        high,  # type: ignore[arg-type]
        whole=float not in parts,
        above=isinstance(low, Gt),
    )


def is_about_a_number(kind: str) -> bool:
    """Whether pydantic's error of that type says that something is no number, or one out of its range."""
    return kind.startswith(_NUMBER_ERRORS)


def parts_of(hint: Any) -> Iterator[Any]:
    """A hint and all that it is made of: `Annotated`, unions, and the metadata of fields."""
    yield hint
    for part in (*get_args(hint), *(getattr(hint, "metadata", None) or ())):
        yield from parts_of(part)
