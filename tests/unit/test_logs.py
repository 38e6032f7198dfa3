"""The log lines: one format, no secrets."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from marketswarm.logs import configure_logs, is_worth_a_line, mask_secrets, only_errors

KEY = "hunter2-hunter2"


class Terminal(io.StringIO):
    """A standard error that somebody looks at."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture(params=[io.StringIO, Terminal], ids=["file", "terminal"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, to a file and to a terminal; the logging of the test run is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = request.param()
    monkeypatch.setattr("sys.stderr", stream)
    configure_logs("INFO")
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"GET /v3/snapshot?apiKey={KEY}&limit=250", "GET /v3/snapshot?apiKey=********&limit=250"),
        (f"Authorization: Bearer {KEY}", "Authorization: Bearer ********"),
        (f'{{"action":"auth","params":"{KEY}"}}', '{"action":"auth","params":"********"}'),
        (f"redis://:{KEY}@10.0.0.1:6379/0 is away", "redis://:********@10.0.0.1:6379/0 is away"),
        (f"rediss://user:{KEY}/x@host", "rediss://user:********@host"),
        ("Connected to redis://127.0.0.1:6379/1", "Connected to redis://127.0.0.1:6379/1"),
        ("ws://127.0.0.1:8700/options of a@b", "ws://127.0.0.1:8700/options of a@b"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, shown: str) -> None:
    """Keys in queries, headers and logins, and passwords of addresses become stars; hosts and ports stay readable."""
    assert mask_secrets(None, "info", {"event": text}) == {"event": shown}


def test_a_secret_is_masked_however_deep_it_lies() -> None:
    """Lists and mappings inside a log line are searched too; other values stay what they are."""
    line: dict[str, Any] = {
        "calls": [{"url": f"/v3?apiKey={KEY}"}],
        "count": 3,
        "both": (f"apikey={KEY}", None),
    }
    masked = mask_secrets(None, "info", line)
    assert masked == {
        "calls": [{"url": "/v3?apiKey=********"}],
        "count": 3,
        "both": ["apikey=********", None],
    }


def test_both_kinds_of_log_are_one_format(written: io.StringIO) -> None:
    """A line of the standard library and one of structlog both say when, who, how bad and what."""
    logging.getLogger("library").warning("the %s is away", "broker")
    structlog.get_logger("ours").info("state", chain="SPX 2026-11-23")
    first, second = written.getvalue().splitlines()
    assert "the broker is away" in first
    assert "library" in first
    assert "warning" in first
    assert "SPX 2026-11-23" in second
    assert "ours" in second


def test_quieter_lines_are_left_out(written: io.StringIO) -> None:
    """What lies below the configured level is not written."""
    structlog.get_logger("ours").debug("too quiet")
    logging.getLogger("library").debug("too quiet")
    assert written.getvalue() == ""


def test_a_traceback_shows_no_secret(written: io.StringIO) -> None:
    """A traceback is written whole, without local variables, and without the key in the error's text."""
    local_key = KEY
    try:
        raise ValueError(f"GET https://host/v3?apiKey={local_key} failed")  # noqa: TRY301
    except ValueError:
        structlog.get_logger("ours").exception("stream failed")
    assert "test_a_traceback_shows_no_secret" in written.getvalue()
    assert "apiKey=********" in written.getvalue()
    assert KEY not in written.getvalue()


@pytest.mark.parametrize("written", [io.StringIO], indirect=True)
def test_programs_read_json_lines(written: io.StringIO) -> None:
    """Away from a terminal, each line is one JSON object."""
    structlog.get_logger("ours").info("state", chain="SPX")
    line = json.loads(written.getvalue())
    assert (line["event"], line["level"], line["logger"], line["chain"]) == ("state", "info", "ours", "SPX")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("name", "level", "message", "written"),
    [
        ("celery.app.trace", logging.INFO, "Task chain.attend[1] succeeded", False),
        ("celery.beat", logging.INFO, "Scheduler: Sending due task chain.attend (chain.attend)", False),
        ("celery.app.trace", logging.ERROR, "Task chain.attend[1] raised unexpected", True),
        ("celery.app.trace", logging.INFO, "Task chain.load[1] raised expected: StoreUnavailable", False),
        ("celery.app.trace", logging.INFO, "Task chain.audit[1] succeeded", False),
        ("celery.app.trace", logging.INFO, "Task chain.poll[1] succeeded", False),
        ("celery.app.trace", logging.INFO, "Task plan.probe[1] succeeded", False),
        ("celery.app.trace", logging.INFO, "Task chain.load[1] succeeded", True),
        ("marketswarm.stream", logging.INFO, "chain.attend", True),
    ],
)
def test_routine_is_not_written(name: str, level: int, message: str, written: bool) -> None:
    """Celery's lines about tasks of every few seconds are left out, their failures are not."""
    assert is_worth_a_line(logging.LogRecord(name, level, "", 0, message, (), None)) is written


def test_a_command_may_leave_all_but_errors_out(capsys: pytest.CaptureFixture[str]) -> None:
    """They go to standard error, and afterwards everything is as it was."""
    before = structlog.get_config()
    with only_errors():
        log = structlog.get_logger("marketswarm.test")
        log.warning("state")
        log.error("lost")
    told = capsys.readouterr()
    assert told.out == ""
    assert "lost" in told.err
    assert "state" not in told.err
    assert structlog.get_config() == before


def test_loggers_that_were_used_before_are_left_out_too(written: io.StringIO) -> None:
    """A logger keeps to what it was made with; what it usually tells is left out all the same, and comes back."""
    log = structlog.get_logger("marketswarm.test").bind()
    with only_errors():
        log.info("state")
    log.info("after")
    assert "state" not in written.getvalue()
    assert "after" in written.getvalue()
