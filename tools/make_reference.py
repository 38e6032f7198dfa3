"""Write docs/settings.md, docs/keys.md and the metrics of docs/gateway.md from the settings model, the key reference and METRICS.

`--check` writes nothing and exits with 1 when a page is not what it would be.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from marketswarm.keys import REFERENCE
from marketswarm.outlets.gateway.metrics import METRICS
from marketswarm.settings import Settings, masked

DOCS = Path(__file__).parents[1] / "docs"
_METRICS_BEGIN, _METRICS_END = "<!-- metrics:begin -->", "<!-- metrics:end -->"
_PLACES = {"MARKETSWARM_STATE_DIR": "~/.local/state/marketswarm"}


def settings_page() -> str:
    """docs/settings.md."""
    rows = [
        (f"`{field.alias}`", default_text(field), field.description or "")
        for field in Settings.model_fields.values()
    ]
    return (
        "# Settings\n\n"
        "Read from the environment, then from `.env` in the working directory, then from a running `marketswarm up`, then "
        "the default.\nA wrong value stops the program with one line that names the variable, the value and what is "
        "allowed.\n`marketswarm config show` prints the values in force and where each comes from. Secrets are never "
        "shown.\n\nThis page is made by `tools/make_reference.py`.\n\n"
        + table(("variable", "default", "meaning"), rows)
    )


def keys_page() -> str:
    """docs/keys.md."""
    rows = [(f"`{entry.key}`", entry.type, entry.content, entry.lifetime) for entry in REFERENCE]
    return (
        "# Redis keys\n\n"
        "`<symbol>` is the plain symbol (`SPX`), `<expiration>` is `YYYY-MM-DD`, times are integer ms since the epoch, "
        "UTC.\n`marketswarm keys` prints this table. Celery's own keys live in the databases behind this one.\n\n"
        "This page is made by `tools/make_reference.py`.\n\n"
        + table(("key", "type", "content", "lifetime"), rows)
    )


def gateway_page() -> str:
    """docs/gateway.md, with the table of metrics between its marks."""
    rows = [(f"`{one.shown}`", one.kind, ", ".join(one.labels), one.meaning) for one in METRICS]
    before, begin, rest = (DOCS / "gateway.md").read_text(encoding="utf-8").partition(_METRICS_BEGIN)
    _, end, after = rest.partition(_METRICS_END)
    return before + begin + "\n" + table(("metric", "kind", "labels", "meaning"), rows) + end + after


def pages() -> dict[Path, str]:
    """Every generated page."""
    return {
        DOCS / "settings.md": settings_page(),
        DOCS / "keys.md": keys_page(),
        DOCS / "gateway.md": gateway_page(),
    }


def default_text(field: FieldInfo) -> str:
    """The default as it would be written in the environment."""
    if str(field.alias) in _PLACES:
        return f"`{_PLACES[str(field.alias)]}`"
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    text = "" if value is PydanticUndefined else masked(value)
    return f"`{text}`" if text else "none"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Write the pages, or compare them."""
    stale = [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        sys.exit("\n".join(f"{path} is stale: run tools/make_reference.py" for path in stale) or 0)
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
