"""One log format for all processes: lines for people on a terminal, JSON lines elsewhere, on standard error, without secrets."""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

# A key can only come in by a library's own message: as a query, a header, or the password of an address.
_SECRETS = re.compile(
    r"""(?ix)
    ( apikey= | bearer\s+ | "auth",\s*"params":\s*" ) [^\s&@"']+
    | ( ://[^/\s:@]*: ) [^\s"']+ (?=@)
    """
)


_ROUTINE = re.compile(r"chain\.(attend|audit|poll)\b|plan\.probe\b|raised expected")


def configure_logs(level: int | str | None = None) -> None:
    """Set up logging of the standard library and of structlog alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]
    terminal = sys.stderr.isatty()
    last: Any = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,  # for terminals too: their own format shows local variables, and keys
            mask_secrets,
            last,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    handler.addFilter(is_worth_a_line)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level or logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


@contextmanager
def only_errors() -> Iterator[None]:
    """For a command that lets the stages work: what they usually tell is left out, errors go to standard error."""
    before, disabled = structlog.get_config(), logging.root.manager.disable
    logging.disable(logging.WARNING)  # a logger that was used before keeps to what it was made with
    errors = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=errors, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        yield
    finally:
        structlog.configure(**before)
        logging.disable(disabled)


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a record is written: what Celery says of tasks of every few seconds is not, nor what we have said ourselves."""
    return record.levelno > logging.INFO or not (
        record.name.startswith("celery.") and _ROUTINE.search(record.getMessage())
    )


def mask_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what looks like a key or a password in any text of a log line, however deep it lies."""
    for name, value in event.items():
        event[name] = _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRETS.sub(lambda match: f"{match[1] or match[2]}********", value)
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(inner) for inner in value]
    return value
