"""Events as lines."""

import pytest
from rich.style import Style

from marketswarm.cli.events_view import IMPORTANCE_STYLES, day_of, evidence_text, told_lines
from marketswarm.keys import VEXY_MESSAGES, VIGIL_EVENTS
from marketswarm.outlets.events import Told
from tests.support.gateway_documents import message_document
from tests.support.vigil_documents import TS, event_json, parsed

DAY_MS = 24 * 3600 * 1000


def told(**more) -> Told:
    """An event that was told."""
    text = event_json(**more)
    return Told(VIGIL_EVENTS, "1-1", text, parsed(text))


def lines(*events, width=120, day="") -> list[str]:
    """What is shown of them."""
    return [line.plain.rstrip() for line in told_lines(events, width, day)]


def test_a_line_tells_what_and_why():
    """New York's time, symbol, importance, severity, state, title, and the numbers behind it."""
    day, line = lines(told())
    assert day == "Monday 2026-11-23"
    assert [word.strip() for word in line.split("  ") if word] == [
        *("10:00:10", "SPX", "warning", "75", "new", "SPX fell 7.4 points in ten seconds"),
        "move -7.40 points, statistic 9.40 sigmas",
    ]


def test_a_day_is_named_once():
    """And again when the next one begins."""
    shown = lines(told(), told(), told(ts=TS + DAY_MS))
    assert [line for line in shown if "day" in line] == ["Monday 2026-11-23", "Tuesday 2026-11-24"]
    assert len(lines(told(), day=day_of(told()))) == 1


@pytest.mark.parametrize("width", [100, 80, 60, 40, 20])
def test_a_narrow_window_loses_evidence_first(width):
    """Numbers are left out whole, then the title is cut; no line is longer than the window."""
    line = lines(told(), width=width)[1]
    assert len(line) <= width
    assert line.startswith("10:00:10  SPX")
    assert ("move" in line) is (width > 80)
    assert ("warning" in line) is (width >= 80)
    assert ("75" in line) is (width > 20)


@pytest.mark.parametrize("importance", IMPORTANCE_STYLES)
def test_importance_has_its_colour(importance):
    """Each of the four another one."""
    _, line = told_lines([told(importance=importance)], 120)
    styles = [
        str(span.style) for span in line.spans if line.plain[span.start : span.end].strip() == importance
    ]
    assert styles == [IMPORTANCE_STYLES[importance]]
    assert Style.parse(styles[0]).color is not None
    assert len({Style.parse(style).color for style in IMPORTANCE_STYLES.values()}) == 4


def test_an_end_is_said():
    """What is over is shown as over, and stands back."""
    assert "  over    " in lines(told(state="exit"))[1]


def test_a_document_of_another_version_is_shown():
    """Members that are missing leave their place empty."""
    (line,) = lines(Told(VIGIL_EVENTS, "1-1", "{}", {"type": "drift"}))
    assert line.endswith("drift")


def test_evidence_is_whole_numbers():
    """As many as there is room for, none cut."""
    evidence = parsed(event_json())["evidence"]
    assert evidence_text(evidence, 100) == "move -7.40 points, statistic 9.40 sigmas"
    assert evidence_text(evidence, 30) == "move -7.40 points"
    assert evidence_text(evidence, 5) == ""


def test_a_distance_of_nothing_is_left_out():
    """At the strike itself; and one test is one time."""
    facts = {"distance": (0.0, "points"), "moves": (0.0, "expected moves"), "tests": (1, "times")}
    evidence = {name: {"value": value, "unit": unit} for name, (value, unit) in facts.items()}
    assert evidence_text(evidence, 100) == "tests 1 time"


def said(**more) -> Told:
    """A message that was said."""
    return Told(VEXY_MESSAGES, "1-1", "", message_document(**more))


def test_a_message_stands_beside_events():
    """The same columns, its title, and below what she says."""
    day, head, text = lines(said())
    assert day == "Monday 2026-11-23"
    assert head.startswith("10:00:10  SPX")
    assert head.endswith("SPX fell 7.4 points")
    assert "  Vexy    " in head
    assert text.strip() == "SPX fell 7.4 points in ten seconds."
    assert text.index("SPX") == head.index("SPX fell")


@pytest.mark.parametrize("detail", ["beginner", "initiated", "professional"])
def test_a_message_is_said_for_somebody(detail):
    """In the words of that level of detail."""
    shown = " ".join(line.plain.strip() for line in told_lines([said()], 200, detail=detail))
    assert shown.endswith(message_document()["texts"][detail])


@pytest.mark.parametrize("width", [120, 80, 60, 40, 20])
def test_words_are_wrapped(width):
    """All of them are shown in any window, and no line is longer than it."""
    words = "SPX fell 7.4 points in ten seconds, far more than it usually does."
    _, _, *shown = (line.plain for line in told_lines([said()], width, detail="beginner"))
    assert max(map(len, shown)) <= width
    assert " ".join(" ".join(shown).split()) == words


def test_several_symbols_are_counted():
    """The first, and how many more; a message about nobody alone names none."""
    assert "SPX+2" in lines(said(symbols=["SPX", "SPY", "QQQ"]))[1]
    assert lines(said(symbols=[]))[1].split()[1] == "warning"


def test_a_message_of_another_version_is_shown():
    """Members that are missing leave their place empty."""
    (line,) = lines(Told(VEXY_MESSAGES, "1-1", "{}", {"title": "Quiet"}))
    assert line.endswith("Quiet")


def test_a_message_is_text():
    """Never markup."""
    assert lines(said(title="[bold]7[/bold]"))[1].endswith("[bold]7[/bold]")
