"""Write every word of Vexy's as it is told of an example: tests/unit/vexy/golden/*.txt, and the table of docs/messages.md.

python -m tools.make_message_goldens

`--check` writes nothing and exits with 1 when a file is not what it would be. The goldens are read by people before they are kept.
"""

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from marketswarm.model.message import DETAILS, Epoch
from marketswarm.vexy.context import Context
from marketswarm.vexy.digest_words import a_noun
from marketswarm.vexy.epoch_words import EPOCH_TEMPLATES, epoch_words
from marketswarm.vexy.event_words import event_words
from marketswarm.vexy.notice_words import kept_words, notice_words
from marketswarm.vexy.realise import said
from marketswarm.vexy.together_words import together_words
from marketswarm.vexy.wordbook import Section, wordbook
from tools.make_reference import table
from tools.message_examples import EVENTS, GUIDES, HALF_DAY, KEPT, SPX, TOGETHER, context

ROOT: Final = Path(__file__).parents[1]
GOLDEN: Final = ROOT / "tests" / "unit" / "vexy" / "golden"
PAGE: Final = ROOT / "docs" / "messages.md"
_WIDTH: Final = 14


def words_of(template: str) -> dict[str, Any]:
    """What an example gives a template to speak of."""
    if template in EVENTS:
        return event_words(EVENTS[template], _at(template))
    if template in TOGETHER:
        return together_words(TOGETHER[template], context())
    if template in GUIDES:
        return epoch_words(context(symbols={"SPX": GUIDES[template]}), "SPX")
    for epoch, name in EPOCH_TEMPLATES.items():
        if name == template:
            return epoch_words(context(epoch), "SPX")
    if template.startswith("system."):
        return notice_words(context(), "SPX", "low-coverage")
    if template == "digest.kept":
        return kept_words(KEPT)
    return {"symbol": "SPX", "noun": a_noun("drift")}


def _at(template: str) -> Context:
    epoch: Epoch = "power_hour" if template.startswith(("pin_risk", "key_strike")) else "morning"
    return context(epoch)


def goldens() -> dict[Path, str]:
    """File → what stands in it: every variant of every template of one topic."""
    topics: dict[str, list[str]] = {}
    for template, section in sorted(wordbook().items()):
        topics.setdefault(template.partition(".")[0], []).append(_shown(template, section))
    return {GOLDEN / f"{topic}.txt": "\n".join(parts) for topic, parts in topics.items()}


def page() -> str:
    """docs/messages.md with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, body in {"events": _rows(EVENTS), "others": _rows(_others())}.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        text = re.sub(f"{begin}.*?{end}", lambda _, put=begin + body + end: put, text, flags=re.DOTALL)
    return text


def _others() -> list[str]:
    return [
        *EPOCH_TEMPLATES.values(),
        *GUIDES,
        *(name for name in sorted(wordbook()) if name.startswith(("together.", "system."))),
        "digest.kept",
    ]


def _rows(templates: Any) -> str:
    """Each template in the first variant, in three levels of detail."""
    rows = []
    for template in templates:
        words = said(template, wordbook()[template][0], words_of(template))
        assert words is not None, template
        rows.append((f"`{template}`", words.title, *(words.texts[detail] for detail in DETAILS)))
    return table(("template", "title", *DETAILS), rows)


def _shown(template: str, section: Section) -> str:
    facts, lines = words_of(template), [f"[{template}]"]
    for variant in section:
        words = said(template, variant, facts)
        if words is None:
            sys.exit(f"{template} {variant.number} cannot be said: a fact is missing, or a text is too long")
        lines += [f"-- {variant.number}, tier {variant.tier}", f"{'title':{_WIDTH}}{words.title}"]
        lines += [f"{detail:{_WIDTH}}{words.texts[detail]}" for detail in DETAILS]
    lines += _half_day(template)
    return "\n".join(lines) + "\n"


def _half_day(template: str) -> list[str]:
    """The first words again on a half day, where they say so."""
    facts = dict(words_of(template))
    if template not in EPOCH_TEMPLATES.values():
        return []
    epoch = next(one for one, name in EPOCH_TEMPLATES.items() if name == template)
    now = (
        HALF_DAY.open_ms - 90 * 60_000
        if epoch in {"premarket", "closed"}
        else HALF_DAY.close_ms - 30 * 60_000
    )

    known = replace(SPX, expiration=HALF_DAY.day)
    facts = epoch_words(Context(now, epoch, HALF_DAY, {"SPX": known}), "SPX")
    words = said(template, wordbook()[template][0], facts)
    if words is None:
        return []
    lines = ["-- 1, on a half day", f"{'title':{_WIDTH}}{words.title}"]
    return lines + [f"{detail:{_WIDTH}}{words.texts[detail]}" for detail in DETAILS]


def main() -> None:
    """Write the files, or compare them."""
    made = goldens() | ({PAGE: page()} if PAGE.exists() else {})
    stale = [
        path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    unknown = [path for path in GOLDEN.glob("*") if path not in made]
    if "--check" in sys.argv[1:]:
        sys.exit(
            "\n".join(
                f"{path} is stale: run python -m tools.make_message_goldens" for path in stale + unknown
            )
            or 0
        )
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for path in unknown:
        path.unlink()
    for path in stale:
        path.write_text(made[path], encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
