"""Wrong use of the command line: one line on standard error, exit code 2, in the house's form."""

import pytest


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            "chain SPX --expiration 2026-13-01",
            "--expiration is '2026-13-01'; allowed: a date such as 2026-11-27",
        ),
        ("chain SPX --strikes -3", "--strikes is '-3'; allowed: 0 or more"),
        ("chain SPX --strikes abc", "--strikes is 'abc'; allowed: a whole number, 0 or more"),
        ("events --detail pro", "--detail is 'pro'; allowed: beginner, initiated, professional"),
        ("simulator --speed abc", "--speed is 'abc'; allowed: a number"),
        ("simulator --clock 5 x", "--clock is 'x'; allowed: a whole number, 1 or more"),
        ("gateway --port 99999", "--port is '99999'; allowed: a whole number from 0 to 65535"),
        ("refresh --timeout 0", "--timeout is '0'; allowed: a number above 0"),
        ("vigil rehearse --seeds 0", "--seeds is '0'; allowed: a whole number from 1 to 10000"),
        ("completion csh", "SHELL is 'csh'; allowed: bash, zsh, fish"),
        ("chain", "Missing argument 'SYMBOL'."),
        ("chain SPX --strikes", "Option '--strikes' requires an argument."),
        ("chain SPX SPY", "Got unexpected extra argument (SPY)"),
        ("chain SPX --strke 3", "No such option '--strke'. Did you mean '--strikes'?"),
        ("chain SPX --xyzzy", "No such option '--xyzzy'."),
        ("config show --jsn", "No such option '--jsn'. Did you mean '--json'?"),
        ("chian SPX", "No such command 'chian'. Did you mean 'chain'?"),
        ("vigil rehears", "No such command 'rehears'. Did you mean 'rehearse'?"),
        ("xyzzy", "No such command 'xyzzy'."),
        ("chain SPX --json --csv", "--json and --csv exclude each other"),
    ],
)
def test_wrong_use_is_one_line(cli, words: str, line: str) -> None:
    """It names what was given, its value and what is allowed; a misspelt name the nearest one."""
    done = cli(*words.split())
    assert (done.code, done.out, done.err) == (2, "", f"marketswarm: {line}\n")


def test_a_wrong_type_lists_those_there_are(cli) -> None:
    """All of them, on the one line."""
    done = cli("events", "--type", "spot_jump", "--type", "foo")
    assert done.err.startswith("marketswarm: --type is 'foo'; allowed: cluster_formed, ")
    assert done.err.count("\n") == 1


def test_help_is_as_it_was(cli) -> None:
    """`--help` is a page on standard output and ends with 0."""
    done = cli("chain", "--help")
    assert done.code == 0
    assert "Usage: marketswarm chain" in done.out
    assert done.err == ""


@pytest.mark.parametrize(
    "words",
    [
        "chain TSLA",
        "chain TSLA --json",
        "watch TSLA",
        "levels TSLA",
        "events --symbol SPX --symbol TSLA",
        "refresh TSLA",
    ],
)
def test_a_symbol_that_is_not_configured_is_wrong_use(cli, words: str) -> None:
    """The same line and the same exit code whoever is asked: 2, and the configured ones."""
    line = "marketswarm: symbol is 'TSLA', which is not configured; allowed: SPX (MARKETSWARM_SYMBOLS)\n"
    done = cli(*words.split())
    assert (done.code, done.out, done.err) == (2, "", line)
