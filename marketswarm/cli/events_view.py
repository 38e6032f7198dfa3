"""What is told of the market as people read it: an event is one line, with as much of its evidence as the window has room for."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any, Final

import rich_click as click
from rich.text import Text

from marketswarm import keys
from marketswarm.cli.figure_text import figure_text
from marketswarm.cli.terminal import console
from marketswarm.maths.calendar import NEW_YORK
from marketswarm.model.message import Detail
from marketswarm.outlets.events import Document, Told, symbols_of

USUAL_DETAIL: Final[Detail] = "initiated"

IMPORTANCE_STYLES: Final = {
    "info": "cyan",
    "notice": "bold blue",
    "warning": "bold yellow",
    "critical": "bold red",
}
_STATES: Final = {"enter": "new", "update": "update", "exit": "over"}
_BETWEEN: Final = "  "
_AWAY: Final = ("distance", "moves")
_LEAST_EVIDENCE: Final = 12
_LEAST_TEXT: Final = 24
_WORDS_FROM: Final = 80
_COLUMNS: Final = (
    ("New York", 8),
    ("symbol", 6),
    ("importance", 10),
    ("sev", 3),
    ("state", 6),
    ("event", 0),
)


class EventPrinter:
    """Prints what is told, for people or for programs.

    Attributes:
        shown: how much was.
    """

    def __init__(self, as_json: bool, detail: Detail = USUAL_DETAIL) -> None:
        self._out = console()
        self._detail = detail
        self._as_json = as_json
        self._day = ""
        self.shown = 0

    def show(self, told: Sequence[Told]) -> None:
        """Print them in their order."""
        if self._as_json:
            for one in told:
                click.echo(one.text if "\n" not in one.text else json.dumps(one.document))
        elif told:
            if not self.shown:
                self._out.print(titles_line(self._out.width))
            for line in told_lines(told, self._out.width, self._day, self._detail):
                self._out.print(line, no_wrap=True, overflow="ignore", crop=False)
            self._day = day_of(told[-1])
        self.shown += len(told)


def told_event(text: bytes) -> Told:
    """An event that stands in no store."""
    return Told(keys.VIGIL_EVENTS, "", text.decode(), json.loads(text))


def told_lines(
    told: Sequence[Told], width: int, day: str = "", detail: Detail = USUAL_DETAIL
) -> Iterator[Text]:
    """A line for an event, some for a message, and one for each New York day that begins among them.

    Args:
        told: oldest first.
        width: of the window, characters.
        day: that was named last.
        detail: for whom messages are said.
    """
    for one in told:
        if (begun := day_of(one)) != day:
            day = begun
            yield Text(day, style="bold")
        if one.stream == keys.VEXY_MESSAGES:
            yield from message_lines(one.document, width, detail)
        else:
            yield event_line(one.document, width)


def titles_line(width: int) -> Text:
    """The names of the columns."""
    columns = [(title, size) for title, size in _COLUMNS if _is_shown(title, width)]
    return Text(_BETWEEN.join(title.ljust(size) for title, size in columns), style="bold")


def day_of(told: Told) -> str:
    """The day on which it was told, New York's; empty where it does not say."""
    moment = _moment(told.document)
    return "" if moment is None else f"{moment:%A %Y-%m-%d}"


def event_line(event: Document, width: int) -> Text:
    """One event of Vigil's: when, of what, how important, its title, and its evidence."""
    state, ended = str(event.get("state", "")), event.get("state") == "exit"
    told = (_STATES.get(state, state), "dim" if ended else "")
    line = _head(event, width, told, is_past=ended)
    line.append(_title(event), "" if ended else "bold")
    room = width - line.cell_len - len(_BETWEEN)
    if (evidence := evidence_text(event.get("evidence", {}), room)) and room >= _LEAST_EVIDENCE:
        line.append(_BETWEEN)
        line.append(evidence, style="dim")
    line.truncate(width, overflow="ellipsis")
    return line


def message_lines(message: Document, width: int, detail: Detail) -> Iterator[Text]:
    """One message of Vexy's: when, of what, how important, its title; and below it what she says, in the same column."""
    head = _head(message, width, ("Vexy", "magenta"))
    indent = " " * (head.cell_len if width - head.cell_len >= _LEAST_TEXT else len(_BETWEEN))
    head.append(str(message.get("title", "")), "bold magenta")
    head.truncate(width, overflow="ellipsis")
    yield head
    texts = message.get("texts")
    said = str(texts.get(detail, "")) if isinstance(texts, Mapping) else ""
    for line in wrap(said, max(1, width - len(indent))):
        yield Text(indent + line)


def evidence_text(evidence: Mapping[str, Any], room: int) -> str:
    """The numbers in the order in which the detector gave them, as many as there is room for; a distance of nothing is none."""
    text = ""
    for name, fact in evidence.items():
        if name in _AWAY and fact.get("value") == 0:
            continue
        said = f"{name.replace('_', ' ')} {figure_text(fact.get('value'), str(fact.get('unit', '')))}"
        longer = f"{text}, {said}" if text else said
        if len(longer) > room:
            break
        text = longer
    return text


def _head(document: Document, width: int, state: tuple[str, str], *, is_past: bool = False) -> Text:
    """What stands before an event and a message alike, up to the last column."""
    style = IMPORTANCE_STYLES.get(str(document.get("importance")), "")
    cells = {
        "New York": (_clock(document), "dim" if is_past else ""),
        "symbol": (_symbols(document), "bold"),
        "importance": (str(document.get("importance", "")), style),
        "sev": (str(document.get("severity", "")).rjust(3), style),
        "state": state,
    }
    shown = [(title, size) for title, size in _COLUMNS if title in cells and _is_shown(title, width)]
    line = Text()
    for title, size in shown:
        line.append(cells[title][0].ljust(size), cells[title][1])
        line.append(_BETWEEN)
    return line


def _symbols(document: Document) -> str:
    """The first one, and how many more there are."""
    names = symbols_of(document)
    return f"{names[0]}+{len(names) - 1}" if len(names) > 1 else "".join(names)


def _is_shown(title: str, width: int) -> bool:
    """In a narrow window the colour of the severity says alone how important it is."""
    return title != "importance" or width >= _WORDS_FROM


def _clock(document: Document) -> str:
    moment = _moment(document)
    return "" if moment is None else f"{moment:%H:%M:%S}"


def _title(event: Document) -> str:
    """Its title, which begins with the symbol no more: that stands in a column of its own."""
    title = str(event.get("title") or event.get("type", ""))
    return title.removeprefix(f"{event.get('symbol')}: ")


def _moment(document: Document) -> datetime | None:
    ts = document.get("ts")
    return (
        datetime.fromtimestamp(ts / 1000, UTC).astimezone(NEW_YORK) if isinstance(ts, (int, float)) else None
    )
