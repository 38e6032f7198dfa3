"""Findings, and what they make of the exit code."""

import pytest

from marketswarm.cli.checks.finding import Finding, counted, exit_code


@pytest.mark.parametrize(("found", "code"), [("ok", 0), ("skip", 0), ("warn", 2), ("fail", 1)])
def test_exit_codes(found: str, code: int) -> None:
    """0 for all well, 2 for a warning, 1 for a failure; the worst counts."""
    assert exit_code([Finding("one", "ok", ""), Finding("two", found, "")]) == code  # type: ignore[arg-type]
    assert exit_code([Finding("one", "fail", ""), Finding("two", found, "")]) == 1  # type: ignore[arg-type]


def test_as_json() -> None:
    """Plain values; without a fix there is no such member."""
    assert Finding("server", "fail", "away", "start it").as_json() == {
        "check": "server",
        "verdict": "fail",
        "detail": "away",
        "fix": "start it",
    }
    assert "fix" not in Finding("server", "ok", "there").as_json()


def test_what_is_counted_is_one_or_several():
    """With the noun's own form."""
    assert [counted(number, "chain") for number in (0, 1, 2)] == ["0 chains", "1 chain", "2 chains"]
