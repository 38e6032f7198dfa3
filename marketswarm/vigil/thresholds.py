"""The thresholds of all detectors: their defaults, or what a TOML file says, a table a detector."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from marketswarm.errors import BadArgument
from marketswarm.vigil.registry import FILES, DetectorFile


def thresholds_model(files: tuple[DetectorFile, ...] = FILES) -> type[BaseModel]:
    """A closed model with one field a detector, which holds that detector's thresholds."""
    fields: dict[str, Any] = {
        file.DETECTOR.name: (file.Thresholds, Field(default_factory=file.Thresholds)) for file in files
    }
    return create_model("Thresholds", __config__=ConfigDict(frozen=True, extra="forbid"), **fields)


def default_thresholds(files: tuple[DetectorFile, ...] = FILES) -> Mapping[str, BaseModel]:
    """Detector → its thresholds, as they are without a file."""
    return _by_name(thresholds_model(files)())


def read_thresholds(path: Path, files: tuple[DetectorFile, ...] = FILES) -> Mapping[str, BaseModel]:
    """Detector → its thresholds, with what a file says in place of the defaults.

    Args:
        path: a TOML file; what it leaves out keeps its default.
        files: of the detectors.

    Raises:
        BadArgument: when the file cannot be read, or a value in it cannot be used; it names file, field and value.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadArgument("thresholds", str(path), f"a file that can be read ({error.strerror})") from None
    except ValueError as error:
        raise BadArgument("thresholds", str(path), f"a TOML file in UTF-8 ({error})") from None
    model = thresholds_model(files)
    try:
        return _by_name(model.model_validate(values))
    except ValidationError as error:
        raise _first_problem(path, model, error) from None


def _by_name(thresholds: BaseModel) -> Mapping[str, BaseModel]:
    return {name: getattr(thresholds, name) for name in type(thresholds).model_fields}


def _first_problem(path: Path, model: type[BaseModel], error: ValidationError) -> BadArgument:
    problem = error.errors(include_url=False)[0]
    place = tuple(str(part) for part in problem["loc"])
    allowed = problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if problem["type"] == "extra_forbidden":
        what = "the threshold" if len(place) > 1 else "the detector"
        choices = ", ".join(_fields_at(model, place[:-1])) or "none"
        return BadArgument(f"{path}: {what}", ".".join(place), f"one of {choices}")
    if problem["type"] == "model_type":
        allowed = "a table"
    return BadArgument(f"{path}: {'.'.join(place)}", problem["input"], allowed)


def _fields_at(model: type[BaseModel], place: tuple[str, ...]) -> list[str]:
    """The fields that a model has at a place within it."""
    for name in place:
        inner = model.model_fields[name].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return sorted(model.model_fields)
