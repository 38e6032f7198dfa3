"""What a field of a call may hold, in the house's words instead of the framework's: a number's whole range, never half of it."""

from collections.abc import Callable, Mapping
from inspect import get_annotations
from typing import Any

from pydantic import BaseModel

from marketswarm.bounds import is_about_a_number, parts_of, range_of


def allowed_words(problem: Mapping[str, Any], endpoint: Callable[..., Any] | None) -> str:
    """What is allowed where pydantic found that problem, in a call of that endpoint."""
    kind, place = str(problem["type"]), problem["loc"]
    field = _field(endpoint, str(place[0]), str(place[-1]))
    if kind == "extra_forbidden":
        return f"the names {', '.join(_model_fields(endpoint))}"
    if kind.startswith("model_"):
        return "a JSON object"
    if is_about_a_number(kind) and (words := range_of(*field)):
        return words
    if kind == "string_pattern_mismatch" and (words := _description(field)):
        return words
    return str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")


def _field(endpoint: Callable[..., Any] | None, place: str, name: str) -> tuple[Any, ...]:
    """What describes a field, of a body's model or of the call itself."""
    if place == "body":
        field = _model_fields(endpoint).get(name)
        return () if field is None else (field.annotation, field)
    return (get_annotations(endpoint).get(name),) if endpoint is not None else ()


def _model_fields(endpoint: Callable[..., Any] | None) -> Mapping[str, Any]:
    for hint in get_annotations(endpoint).values() if endpoint is not None else ():
        for part in parts_of(hint):
            if isinstance(part, type) and issubclass(part, BaseModel):
                return part.model_fields
    return {}


def _description(field: tuple[Any, ...]) -> str | None:
    found = (getattr(part, "description", None) for hint in field for part in parts_of(hint))
    return next((words for words in found if words), None)
