"""The pages on events: what they show is what the code says, and what they name is there."""

import inspect
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.event import EVENT_TYPES, Event, importance_of
from marketswarm.vigil import budget
from marketswarm.vigil.hours import session_time
from marketswarm.vigil.registry import DETECTORS
from marketswarm.vigil.severity import event_id, severity_of
from tools import make_event_pages

DOCS = Path(__file__).parents[2] / "docs"
TEXTS = {kind: (DOCS / "events" / f"{kind}.md").read_text() for kind in EVENT_TYPES}
SECTIONS = ["Meaning", "Formula", "Thresholds", "Example", "How to tune"]


def example_of(kind: str) -> dict[str, Any]:
    """The event that a page shows."""
    return json.loads(
        re.search(
            r"^## Example\n<!-- example:begin -->\n```json\n(.*?)^```", TEXTS[kind], re.DOTALL | re.MULTILINE
        ).group(1)
    )


def source_of(kind: str) -> str:
    """The code that tells a type."""
    detector = make_event_pages.DETECTOR_OF.get(kind)
    return inspect.getsource(import_module(f"marketswarm.vigil.detectors.{detector}") if detector else budget)


@pytest.mark.parametrize("page", list(make_event_pages.pages()), ids=lambda page: page.name)
def test_a_page_is_up_to_date(page: Path) -> None:
    """Tables and schema are what the code says now; `python -m tools.make_event_pages` writes them."""
    assert page.read_text() == make_event_pages.pages()[page]


def test_every_type_has_its_page() -> None:
    """One for each, and none for what is no type."""
    pages = {path.stem for path in (DOCS / "events").glob("*.md")} - {"README"}
    assert pages == set(EVENT_TYPES)


def test_every_detector_has_its_type() -> None:
    """What runs is what the pages tell of, and a detector tells the types that its pages say."""
    assert {one.name for one in DETECTORS} == set(make_event_pages.DETECTOR_OF.values())
    assert set(EVENT_TYPES) - set(make_event_pages.DETECTOR_OF) == {"digest"}
    assert not [kind for kind in EVENT_TYPES if f'"{kind}"' not in source_of(kind)]


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_a_page_has_its_parts(kind: str) -> None:
    """Title, what it says in one sentence, and five sections in this order, none empty."""
    text = TEXTS[kind]
    title, says, *_ = text.split("\n\n")
    assert title == f"# {kind}"
    assert says.endswith(".")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert all(part.partition("\n")[2].strip() for part in text.split("\n## ")[1:])


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_example_is_an_event(kind: str) -> None:
    """It is valid by model and by schema, and of its page's type; its title is as short as titles are."""
    example = example_of(kind)
    event = Event.model_validate_json(json.dumps(example))
    jsonschema.validate(example, json.loads(make_event_pages.SCHEMA.read_text()))
    assert event.type == kind
    assert event.importance == importance_of(event.severity)
    assert len(event.title) <= 60
    assert event.evidence
    assert event.ts % 10_000 == 0


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_example_has_the_id_of_what_it_tells(kind: str) -> None:
    """The one that the program would give it."""
    event = Event.model_validate(example_of(kind), strict=False)
    told = event.model_dump(include={"symbol", "type", "key", "direction", "state"})
    day = session_time(us_options_calendar(), event.ts).day
    assert event.id == event_id(**told, day=day, slot=event.ts)
    assert event.state == "enter"
    assert event.episode == event.id


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_example_is_one_of_its_detector(kind: str) -> None:
    """Method and version are the detector's, and every number in it is one that it gives."""
    example = example_of(kind)
    found = make_event_pages.detector_of(kind)
    method, version = (found[0].method, found[0].version) if found else ("counted", 1)
    assert (example["method"], example["version"]) == (method, version)
    names = set(EVENT_TYPES) if found is None else set(re.findall(r'"(\w+)"', source_of(kind)))
    assert set(example["evidence"]) <= names


@pytest.mark.parametrize("kind", make_event_pages.DETECTOR_OF)
def test_tuning_names_thresholds_that_are_there(kind: str) -> None:
    """Whatever stands as code in the last section is a threshold of the detector."""
    _, model = make_event_pages.detector_of(kind)
    named = set(re.findall(r"`(\w+)`", TEXTS[kind].partition("## How to tune")[2]))
    assert named <= set(model.model_fields)


def test_figures_of_the_overview() -> None:
    """Severity, bands and budget are what docs/vigil.md says."""
    text = " ".join((DOCS / "vigil.md").read_text().split())
    assert [severity_of(times, 1.0) for times in (1.0, 2.0)] == [50, 75]
    assert "50 at the threshold, 75 at twice that" in text
    bands = [(39, "info"), (40, "notice"), (59, "notice"), (60, "warning"), (79, "warning"), (80, "critical")]
    assert [(severity, importance_of(severity)) for severity, _ in bands] == bands
    assert (
        "Below 40 it is `info`, from 40 on a `notice`, from 60 on a `warning`, from 80 on `critical`" in text
    )
    assert budget.PER_MINUTE == 6
    assert "six events of a symbol in any minute" in text
