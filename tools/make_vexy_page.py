"""Fill the marked sections of docs/vexy.md from the code, and write docs/messages.schema.json.

python -m tools.make_vexy_page

`--check` writes nothing and exits with 1 when a page is not what it would be. The text around the marked sections is written by hand.
"""

import json
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from marketswarm.maths.calendar import NEW_YORK, us_options_calendar
from marketswarm.model.event import EVENT_TYPES, Event
from marketswarm.model.message import EPOCHS, Annotation, Message, MessageFact, MessageLevel, Target
from marketswarm.vexy.budget import COOLDOWN_MS, DIGEST_AFTER_MS, PER_HOUR, PER_MINUTE
from marketswarm.vexy.context import SymbolFacts
from marketswarm.vexy.epochs import Phase, phases_of
from marketswarm.vexy.marks import Mark, marks_of
from tools.make_event_pages import described, filled
from tools.make_reference import table

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "vexy.md"
SCHEMA = DOCS / "messages.schema.json"

_FULL, _HALF = date(2026, 11, 24), date(2026, 11, 27)
_SAYS: Final = {
    "overnight": "nothing",
    "premarket": "what the day looks like: expected move, levels, the calendar",
    "pre_open": "levels again, with the new open interest",
    "open": "the opening print against the last close, and the regime",
    "opening_range": "high and low so far; the expected move is fixed",
    "morning": "regime, and what is realised of what was implied",
    "lunch": "how much of the range is used",
    "afternoon": "charm begins to matter",
    "power_hour": "what is near, and the move that is left",
    "closing": "the last strikes",
    "settlement": "the result against the expected move; the roll",
    "postmarket": "the day, and the next expiration",
    "closed": "the next session",
}
_MODELS: Final[dict[str, type[BaseModel]]] = {
    "MessageFact": MessageFact,
    "MessageLevel": MessageLevel,
    "Target": Target,
    "Annotation": Annotation,
}
_EXAMPLE: Final = re.compile(
    r"^## Example\n<!-- example:begin -->\n```json\n(.*?)^```", re.DOTALL | re.MULTILINE
)


def phases_table() -> str:
    """Every phase of a full day and of a half one, by New York's clock."""
    calendar = us_options_calendar()
    full = {one.epoch: one for one in phases_of(calendar, _FULL)}
    half = {one.epoch: one for one in phases_of(calendar, _HALF)}
    rows = [
        (
            f"`{epoch}`",
            _span(full[epoch]),
            _due(full[epoch]),
            *_shorter(half.get(epoch), full[epoch]),
            _SAYS[epoch],
        )
        for epoch in EPOCHS
        if epoch in full
    ]
    return table(("phase", "from – to", "told from", "half day", "told from", "says"), rows)


def budget_table() -> str:
    """How often something may be said."""
    rows = [(f"`{name}`", f"{ms // 60_000} min" if ms else "none") for name, ms in COOLDOWN_MS.items()]
    said = (
        f"A symbol has {PER_MINUTE} messages in a minute and {PER_HOUR} in an hour. A digest comes {DIGEST_AFTER_MS // 60_000} "
        "minutes after the first\nthat was kept back. The same is not said again within its cooldown:\n\n"
    )
    return said + table(("importance", "cooldown of the same `dedup_key`"), rows)


def marks_table() -> str:
    """What each type of event puts where, of the examples in docs/events."""
    rows = []
    for kind in EVENT_TYPES:
        found = _EXAMPLE.search((DOCS / "events" / f"{kind}.md").read_text(encoding="utf-8"))
        assert found is not None
        event = Event.model_validate(json.loads(found[1]))
        closes = event.ts + 10_000_000
        marks = marks_of(event, closes_ms=closes, facts=SymbolFacts())
        rows.append((f"[`{kind}`](events/{kind}.md)", *_where(kind, marks, event.ts, closes)))
    return table(("event", "where", "as", "for example", "until"), rows)


def schema_text() -> str:
    """The schema of one message."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Message.model_json_schema()
    described(schema, Message)
    for name, model in _MODELS.items():
        described(schema["$defs"][name], model)
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def pages() -> dict[Path, str]:
    """Path → what it holds."""
    sections = {"phases": phases_table(), "budget": budget_table(), "marks": marks_table()}
    return {PAGE: filled(PAGE, sections), SCHEMA: schema_text()}


def _where(kind: str, marks: list[Mark], ts: int, closes: int) -> tuple[str, str, str, str]:
    if not marks:
        without = {
            "cluster_dissolved": "the cluster's band fades for five minutes",
            "expiry_roll": "clears the symbol's marks",
        }
        return ("", "", without.get(kind, "nothing"), "")
    until = marks[0].until_ms
    ends = (
        "its end" if until is None else "its end, or the close" if until == closes else _minutes(until - ts)
    )
    widgets, shapes = (
        dict.fromkeys(words) for words in zip(*((one.widget, one.kind) for one in marks), strict=True)
    )
    return (", ".join(widgets), ", ".join(shapes), marks[0].label, ends)


def _minutes(ms: int) -> str:
    return "a minute" if ms == 60_000 else f"{ms // 60_000} minutes"


def _span(phase: Phase) -> str:
    return f"{_clock(phase.begins_ms)} – {_clock(phase.ends_ms)}"


def _due(phase: Phase) -> str:
    return "" if phase.due_ms is None else _clock(phase.due_ms)


def _shorter(half: Phase | None, full: Phase) -> tuple[str, str]:
    if half is None:
        return ("none", "")
    same = (_span(half), _due(half)) == (_span(full), _due(full))
    return ("the same", "") if same else (_span(half), _due(half))


def _clock(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts / 1000, UTC).astimezone(NEW_YORK):%H:%M}"


def _stale() -> dict[Path, Any]:
    return {
        path: text
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def main() -> None:
    """Write the pages, or compare them."""
    stale = _stale()
    if "--check" in sys.argv[1:]:
        sys.exit("\n".join(f"{path} is stale: run python -m tools.make_vexy_page" for path in stale) or 0)
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
