"""Events as lines."""

import pytest
from rich.style import Style

from marketswarm.cli.events_view import IMPORTANCE_STYLES, day_of, evidence_text, told_lines
from marketswarm.keys import VIGIL_EVENTS
from marketswarm.outlets.events import Told
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
