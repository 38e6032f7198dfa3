"""Fill the marked sections of docs/vigil.md and docs/events/*.md from the code, and write docs/events/event.schema.json.

python -m tools.make_event_pages

`--check` writes nothing and exits with 1 when a page is not what it would be. The text around the marked sections is written by hand.
"""

import inspect
import json
import re
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from marketswarm.maths.realised import Realised
from marketswarm.model.chain import ChainId
from marketswarm.model.event import EVENT_TYPES, Event, EventType, Fact
from marketswarm.vigil.inbox import WaitingTick
from marketswarm.vigil.level_table import LEVELS
from marketswarm.vigil.levels.distances import Distance
from marketswarm.vigil.picture import Picture, Quality
from marketswarm.vigil.published import Basis, level_fields
from marketswarm.vigil.sighting import Detector, Marks
from tools.event_examples import example_text, examples
from tools.make_reference import table

DOCS = Path(__file__).parents[1] / "docs"
EVENTS = DOCS / "events"
SCHEMA = EVENTS / "event.schema.json"

DETECTOR_OF: Final[dict[EventType, str]] = {
    "cluster_formed": "clusters",
    "cluster_shifted": "clusters",
    "cluster_dissolved": "clusters",
    "spot_in_cluster": "clusters",
    "spot_jump": "jump",
    "volatility_burst": "burst",
    "jump_risk": "jump_risk",
    "smile_break": "smile",
    "drift": "drift",
    "key_strike": "key_strike",
    "regime": "regime",
    "flip_cross": "flip",
    "wall_moved": "walls",
    "pin_risk": "pin",
    "expected_move": "expected_move",
    "expiry_roll": "roll",
    "data_quality": "quality",
}
"""Type → who tells it; a digest is the budget's."""

_BOUNDS: Final = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def detector_of(kind: EventType) -> tuple[Detector, type[BaseModel]] | None:
    """The detector that tells a type and the model of its thresholds; None for a digest."""
    if kind not in DETECTOR_OF:
        return None
    module = import_module(f"marketswarm.vigil.detectors.{DETECTOR_OF[kind]}")
    return module.DETECTOR, module.Thresholds


def thresholds_section(kind: EventType) -> str:
    """Every threshold of the detector: name, default, bounds, meaning."""
    found = detector_of(kind)
    if found is None:
        return "None: the budget is the same for all.\n"
    detector, model = found
    others = [
        f"[`{one}`]({one}.md)" for one in EVENT_TYPES if one != kind and DETECTOR_OF.get(one) == detector.name
    ]
    beside = f", which tells {', '.join(others)} as well" if others else ""
    fields = model.model_json_schema()["properties"]
    rows = [
        (f"`{name}`", _number(one["default"]), _bounds(one), one["description"])
        for name, one in fields.items()
    ]
    return f"Of the detector `{detector.name}`{beside}.\n\n" + table(
        ("name", "default", "bounds", "what"), rows
    )


def example_section(kind: EventType) -> str:
    """An event of that type."""
    return f"```json\n{example_text(examples()[kind])}```\n"


def overview_section() -> str:
    """Every type with what it says and who tells it."""
    rows = [
        (
            f"[`{kind}`](events/{kind}.md)",
            meaning_of(kind),
            f"`{DETECTOR_OF[kind]}`" if kind in DETECTOR_OF else "",
        )
        for kind in EVENT_TYPES
    ]
    return table(("type", "says", "detector"), rows)


def methods_section() -> str:
    """Every type with its detector, that detector's version, and how it is found."""
    rows = []
    for kind in EVENT_TYPES:
        found = detector_of(kind)
        told = (
            (f"`{found[0].name}`", str(found[0].version), found[0].method) if found else ("", "1", "counted")
        )
        rows.append((f"[`{kind}`]({kind}.md)", *told))
    return table(("type", "detector", "version", "how it is found"), rows)


def levels_section() -> str:
    """Every published level: name, unit, method."""
    methods = {one.name: one.method for one in LEVELS}
    fields = {name: json.loads(text) for name, text in level_fields(_bare_basis()).items()}
    rows = [(f"`{name}`", one["unit"], methods.get(name) or one["method"]) for name, one in fields.items()]
    return table(("level", "unit", "method"), rows)


def meaning_of(kind: EventType) -> str:
    """The sentence below the title of a type's page."""
    return (EVENTS / f"{kind}.md").read_text(encoding="utf-8").split("\n\n")[1].replace("\n", " ")


def schema_text() -> str:
    """The schema of one event."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Event.model_json_schema()
    described(schema, Event)
    described(schema["$defs"]["Fact"], Fact)
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def described(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Put what a docstring says of each attribute beside it."""
    says, _, attributes = (inspect.getdoc(model) or "").partition("\n\nAttributes:\n")
    schema["description"] = says
    for name, text in re.findall(r"^ {4}(\w+): (.+)$", attributes, re.MULTILINE):
        schema["properties"][name]["description"] = text


def pages() -> dict[Path, str]:
    """Every page as it is to be."""
    sections = {
        EVENTS / f"{kind}.md": {"thresholds": thresholds_section(kind), "example": example_section(kind)}
        for kind in EVENT_TYPES
    }
    sections[EVENTS / "README.md"] = {"methods": methods_section()}
    sections[DOCS / "vigil.md"] = {"events": overview_section(), "levels": levels_section()}
    return {path: filled(path, some) for path, some in sections.items()} | {SCHEMA: schema_text()}


def filled(path: Path, sections: dict[str, str]) -> str:
    """A page with what stands between its marks replaced."""
    text = path.read_text(encoding="utf-8")
    for name, body in sections.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        if begin not in text or end not in text:
            sys.exit(f"{path} has no {begin.strip()} with its end")
        text = re.sub(f"{begin}.*?{end}", lambda _, put=begin + body + end: put, text, flags=re.DOTALL)
    return text


def _bare_basis() -> Basis:
    """An evaluation with all that is no part of the picture."""
    picture = Picture(ChainId("SPX", date(2026, 11, 23)), 1, 1.0, Quality(1.0, 0.0, "local", 1))
    return Basis(
        tick=WaitingTick(ts=1, spot=1.0, seq=1),
        picture=picture,
        marks=Marks(move_open=1.0),
        realised=Realised(0.1, 0.1, 1.0, 1),
        distances=(Distance("call_wall", 1.0, 0.0),),
    )


def _number(value: Any) -> str:
    return (
        f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else json.dumps(value)
    )


def _bounds(field: dict[str, Any]) -> str:
    return ", ".join(f"{sign} {_number(field[name])}" for name, sign in _BOUNDS.items() if name in field)


def main() -> None:
    """Write the pages, or compare them."""
    made = pages()
    stale = [
        path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        sys.exit("\n".join(f"{path} is stale: run python -m tools.make_event_pages" for path in stale) or 0)
    for path in stale:
        path.write_text(made[path], encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
